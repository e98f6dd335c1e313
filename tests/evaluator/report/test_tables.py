"""Tables: aligned for people, whole for programs, and no text commands a terminal."""

import io
import json

import polars as pl
import pytest

from brainlake.errors import BrainlakeError
from brainlake.report.tables import FORMATS, render, show

HOSTILE = "\x1b[2Jé\r\n[bold]|x|[/bold]"


def test_long_lists_are_cut_for_people_and_whole_for_programs():
    table = pl.DataFrame({"v": [list(range(100))]})
    assert render(table, "table").splitlines()[1] == "0 1 2 3 4 5 6 7 8 9 10 11 ... 88 more"
    assert json.loads(render(table, "json"))[0]["v"] == list(range(100))


@pytest.mark.parametrize("form", ["table", "markdown"])
def test_a_text_cannot_command_the_terminal(form):
    text = render(pl.DataFrame({HOSTILE: [HOSTILE]}), form)
    assert "\x1b" not in text
    assert "\r" not in text
    assert len(text.splitlines()) == {"table": 2, "markdown": 3}[form]
    assert "\\x1b[2Jé\\r\\n[bold]" in text


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("kind", [pl.String, pl.Categorical, pl.Enum([HOSTILE])])
def test_on_a_terminal_no_form_commands_it(form, kind, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    table = pl.DataFrame({HOSTILE: pl.Series([HOSTILE], dtype=kind), "n": [1]})
    show(table, form)
    shown = capsys.readouterr().out
    assert "[2J" in shown
    assert not any(command in shown for command in ("\x1b[2J", "\r"))


def test_a_program_gets_csv_whole(capsys):
    show(pl.DataFrame({"x": [HOSTILE]}), "csv")
    assert HOSTILE in capsys.readouterr().out


def test_programs_get_all_and_people_what_matters(capsys):
    shown, full = pl.DataFrame({"a": [1]}), pl.DataFrame({"b": [2]})
    for form, chosen in FORMATS.items():
        show(shown, form, full=full, below="note\n")
        out = capsys.readouterr().out
        assert ("a" in out) is chosen.for_people
        assert out.endswith("note\n") is chosen.for_people


def test_an_unknown_format():
    with pytest.raises(BrainlakeError, match="format 'xml' is not one of table, markdown, csv, json"):
        show(pl.DataFrame(), "xml")


def test_what_a_console_cannot_show_shifts_no_column(monkeypatch):
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="backslashreplace")
    monkeypatch.setattr("sys.stdout", out)
    show(pl.DataFrame({"naïve": ["é", "x"], "n": ["1", "2"]}), "table")
    out.seek(0)
    lines = out.read().splitlines()
    assert lines[0] == r"na\xefve  n"
    assert {line.index(end) for line, end in zip(lines, "n12", strict=True)} | {lines[0].rindex("n")} == {0, 10}


def test_programs_get_what_is_there_in_any_encoding(monkeypatch):
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="backslashreplace")
    monkeypatch.setattr("sys.stdout", out)
    show(pl.DataFrame({"model": ["é"]}), "json")
    out.seek(0)
    assert json.loads(out.read())[0]["model"] == "é"
