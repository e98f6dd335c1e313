"""Tables: aligned for people, whole for programs, and no text commands a terminal."""

import contextlib
import csv
import io
import json
import math
import os
import pty
import re

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brainlake.errors import BrainlakeError
from brainlake.report.tables import FORMATS, render, show

HOSTILE = "\x1b[2Jé\r\n[bold]|x|[/bold]"


@pytest.fixture
def terminal(monkeypatch):
    """Runs something with stdout on a terminal of a width; what it showed."""

    def run(function, columns, encoding="utf-8"):
        controller, terminal = pty.openpty()
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setenv("TERM", "xterm")
        stream = os.fdopen(terminal, "w", encoding=encoding, errors="backslashreplace")
        with stream, monkeypatch.context() as patch:
            patch.setattr("sys.stdout", stream)
            function()
        shown = b""
        with contextlib.suppress(OSError):  # so ends what a terminal has to say
            while chunk := os.read(controller, 1 << 16):
                shown += chunk
        os.close(controller)
        return shown.decode(encoding).replace("\r\n", "\n")

    return run


def plain(shown):
    """Without the bold of the headings."""
    return re.sub(r"\x1b\[[01]m", "", shown)


def of(expression):
    return pl.DataFrame(duckdb.sql(f"select {expression} as x").to_arrow_table())


def test_text_tables_align_and_mark_what_is_missing():
    table = pl.DataFrame({"name": ["a", "bcd"], "r": [0.5, None], "layers": [[1, 2], []]})
    assert render(table, "table") == "name       r  layers\na     0.5000  1 2\nbcd        -\n"


def test_the_numbers_of_a_column_have_one_form():
    table = pl.DataFrame({"r": [0.5, 1e-5, -0.25], "ms": [312.44, 0.5, float("nan")], "p": [1.2e-9, 0.0, None]})
    lines = render(table, "table").splitlines()
    assert [line.split() for line in lines] == [
        ["r", "ms", "p"],
        ["0.5000", "312.4", "1.200e-09"],
        ["0.0000", "0.5", "0.000e+00"],
        ["-0.2500", "nan", "-"],
    ]


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


def test_markdown():
    table = pl.DataFrame({"name": ["a|b"], "r": [0.5]})
    assert render(table, "markdown") == "| name | r |\n| --- | --: |\n| a\\|b | 0.5000 |\n"


@given(st.lists(st.floats(), min_size=1))
def test_csv_gives_floats_back(values):
    found = [float(row["x"]) for row in csv.DictReader(io.StringIO(render(pl.DataFrame({"x": values}), "csv")))]
    assert all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in zip(found, values, strict=True))


@pytest.mark.parametrize(
    ("expression", "cell", "value"),
    [
        ("1.23456789e-9", "1.23456789e-9", 1.23456789e-9),
        ("'nan'::double", "NaN", None),
        ("'-inf'::double", "-inf", None),
        ("{'a': 1, 'b': [1.5, null]}", '{"a": 1, "b": [1.5, null]}', {"a": 1, "b": [1.5, None]}),
        ("map {'k': 'nan'::double}", '{"k": null}', {"k": None}),
        ("[[1], []]", "[[1], []]", [[1], []]),
        ("'\\xFF\\x00'::blob", "ff00", "ff00"),
        ("date '2026-11-27'", "2026-11-27", "2026-11-27"),
        ("timestamp '2026-11-27 01:02:03'", "2026-11-27T01:02:03.000000", "2026-11-27T01:02:03"),
        ("170141183460469231731687303715884105727", str(2**127 - 1), 2**127 - 1),
        ("0.1", "0.1", 0.1),
        ("0.123456789012345678901::decimal(38, 21)", "0.123456789012345678901", "0.123456789012345678901"),
        ("null", "", None),
        ("'x'::enum('x')", "x", "x"),
        ("true", "true", True),
    ],
)
def test_every_value_of_a_query_has_a_form_for_programs(expression, cell, value):
    table = of(expression)
    (row,) = csv.reader(io.StringIO(render(table, "csv").partition("\n")[2])) if cell else ([""],)
    assert row == [cell]
    assert json.loads(render(table, "json"), parse_constant=pytest.fail) == [{"x": value}]
    assert render(table, "table")
    assert render(table, "markdown")


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


def test_on_a_terminal_texts_are_folded_and_numbers_are_whole(terminal):
    table = pl.DataFrame({"text": ["word " * 20], "interval": [".337 [-.305, .392]"], "n": [1234567890]})
    shown = plain(terminal(lambda: show(table, "table"), 50))
    assert all(len(line) <= 50 for line in shown.splitlines())
    assert ".337 [-.305, .392]  1234567890" in shown
    assert shown.count("word") == 20


def test_what_is_too_wide_is_shown_a_row_at_a_time(terminal):
    table = pl.DataFrame({f"column{k}": [123456 + k, k] for k in range(9)})
    lines = [line.split() for line in plain(terminal(lambda: show(table, "table"), 40)).splitlines()]
    assert lines[:9] == [[f"column{k}", str(123456 + k)] for k in range(9)]
    assert lines[9] == []
    assert len(lines) == 20


def test_markup_of_a_name_is_not_obeyed(terminal):
    assert "[bold]x[/bold] :smile:" in terminal(
        lambda: show(pl.DataFrame({"m": ["[bold]x[/bold] :smile:"]}), "table"), 60
    )


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_console_that_cannot_show_a_character(terminal, encoding):
    shown = terminal(lambda: show(pl.DataFrame({"model": ["Ж"]}), "table"), 60, encoding)
    assert "\\u0416" in shown


def test_headings_are_bold_and_nothing_has_a_colour(terminal):
    assert set(re.findall(r"\x1b\[[0-9;]*m", terminal(lambda: show(pl.DataFrame({"n": [1]}), "table"), 60))) == {
        "\x1b[1m",
        "\x1b[0m",
    }
