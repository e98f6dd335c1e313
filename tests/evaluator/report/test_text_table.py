"""Tables for people: aligned, in one form, in the width of the terminal."""

import contextlib
import math
import os
import pty
import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brainlake.report.tables import show
from brainlake.report.text_table import columns_of, float_form, to_markdown, to_text


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


def test_text_tables_align_and_mark_what_is_missing():
    table = pl.DataFrame({"name": ["a", "bcd"], "r": [0.5, None], "layers": [[1, 2], []]})
    assert to_text(table) == "name       r  layers\na     0.5000  1 2\nbcd        -\n"


def test_characters_that_are_two_wide_shift_nothing():
    table = pl.DataFrame({"word": ["語言", "word", "é"], "n": [1, 22, 3]})
    assert to_text(table) == "word   n\n語言   1\nword  22\né      3\n"


def test_the_numbers_of_a_column_have_one_form():
    table = pl.DataFrame({"r": [0.5, 1e-5, -0.25], "ms": [312.44, 0.5, float("nan")], "p": [1.2e-9, 0.0, None]})
    lines = to_text(table).splitlines()
    assert [line.split() for line in lines] == [
        ["r", "ms", "p"],
        ["0.5000", "312.4", "1.200e-09"],
        ["0.0000", "0.5", "0.000e+00"],
        ["-0.2500", "nan", "-"],
    ]


def test_markdown():
    table = pl.DataFrame({"name": ["a|b"], "r": [0.5]})
    assert to_markdown(table) == "| name | r |\n| --- | --: |\n| a\\|b | 0.5000 |\n"


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


def test_a_column_is_as_wide_as_its_widest_cell_and_numbers_are_not_folded():
    table = pl.DataFrame({"w": ["a" * 40], "n": [1e30], "i": [".337 [-.305, .392]"]})
    words, number, interval = columns_of(table)
    assert (words.width, words.narrowest, words.right) == (40, 12, False)
    assert number.right
    assert number.narrowest == number.width
    assert interval.narrowest == interval.width == 18


@given(st.lists(st.none() | st.floats(-1e300, 1e300) | st.just(math.nan), min_size=1))
def test_numbers_of_a_column_have_equally_many_decimals_and_the_largest_is_not_lost(values):
    form = float_form(values)
    finite = [x for x in values if x is not None and math.isfinite(x)]
    assert len({len(format(x, form).partition("e")[0].partition(".")[2]) for x in finite}) <= 1
    largest = max(map(abs, finite), default=0)
    assert abs(float(format(largest, form)) - largest) <= 0.005 * largest


def test_markdown_has_as_many_cells_in_a_row_as_columns():
    text = to_markdown(pl.DataFrame({"a|b": ["x|y", "n"], "n": [1, None]}))
    assert [len(re.findall(r"(?<!\\)\|", line)) for line in text.splitlines()] == [3] * 4
