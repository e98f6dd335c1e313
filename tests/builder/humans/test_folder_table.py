"""Cells of a user's table: what each kind takes, and what is refused with row and column."""

import datetime

import polars as pl
import pytest

from brainlake import BrainlakeError
from brainlake_builder.humans.folder_table import FolderTable, cast_table


def stimuli(**columns):
    plain = {"stimulus_id": ["a", "b"], "document_id": ["d", "d"], "text": ["One.", "Two."]}
    return pl.DataFrame(plain | columns, strict=False)


def cast(table="stimuli", **columns):
    return cast_table(table, "it", stimuli(**columns)).frame


def test_names_of_columns_are_taken_in_capitals_and_under_their_aliases():
    frame = pl.DataFrame({" Stimulus_ID ": ["a"], "MEASURE": ["rt"], "mean_ms": [300.0], "Reader": ["x"]})
    assert cast_table("reading_times", "it", frame).frame.columns == ["stimulus_id", "measure", "value", "subject"]


@pytest.mark.parametrize(
    ("column", "cells", "found"),
    [
        ("onset_s", ["0.5", ""], [0.5, None]),
        ("onset_s", [1, 2], [1.0, 2.0]),
        ("position", [0.0, 1.0], [0, 1]),
        ("position", ["0", "1"], [0, 1]),
        ("group_id", [1, 2], ["1", "2"]),
        ("group_id", [1.0, 2.0], ["1", "2"]),
    ],
)
def test_cells_become_what_the_column_holds(column, cells, found):
    assert cast(**{column: cells})[column].to_list() == found


@pytest.mark.parametrize(
    ("column", "cells", "message"),
    [
        ("onset_s", ["0.5", "0,7"], "it, row 2, column onset_s: '0,7' is not a number: write a decimal point"),
        (
            "onset_s",
            [datetime.datetime(2026, 1, 1)] * 2,
            "it, column onset_s: holds time stamps, where numbers are expected",
        ),
        ("position", [0.0, 1.5], "it, row 2, column position: 1.5 is not a whole number"),
        ("position", [0, -1], "it, row 2, column position: -1 is not from 0"),
        ("group_id", ["a ", "b"], "it, row 1, column group_id: 'a ' has white space around it"),
        ("group_id", ["a", None], "it, row 2, column group_id: is empty, where other rows are not"),
        ("group_id", ["a", "NA"], "it, row 2, column group_id: 'NA' is a name or a missing value"),
        ("group_id", [1.5, 2.0], "it, row 1, column group_id: 1.5 is a number with a fraction, no name"),
        ("quirk", [1, 2], "it has a column 'quirk' that stimuli does not know: stimulus_id, document_id"),
        ("group_id", [None, None], "it, row 1, column group_id: is empty in every row: leave the column out"),
        ("Group_ID ", ["a", None], "it, row 2, column Group_ID : is empty, where other rows are not"),
        ("Unnamed: 3", ["a", "b"], "it: column 4 has cells and no name: name or remove it"),
        ("onset_s", ["0.5", "-"], "it, row 2, column onset_s: '-' is not a number: leave a cell empty that has none"),
        (
            "onset_s",
            ["0.5", "\u22121"],
            "it, row 2, column onset_s: '\u22121' is not a number: write a minus",
        ),
        ("TEXT", ["x", "y"], "it has text in two columns, 'TEXT' and another: remove one"),
    ],
)
def test_what_a_cell_cannot_be_is_refused_with_its_place(column, cells, message):
    with pytest.raises(BrainlakeError) as error:
        cast(**{column: cells})
    assert str(error.value).startswith(message)


def test_a_column_that_has_to_be_there_and_rows():
    with pytest.raises(BrainlakeError, match="it has no column text; it has stimulus_id, document_id"):
        cast_table("stimuli", "it", stimuli().drop("text"))
    with pytest.raises(BrainlakeError, match="it has no rows"):
        cast_table("stimuli", "it", stimuli().clear())


def test_two_values_for_one_thing_are_refused():
    table = FolderTable("x", "it", pl.DataFrame({"row": ["a", "b", "a"], "run": ["1", "1", "2"]}))
    table.one(["row", "run"], "run", "not there")
    with pytest.raises(BrainlakeError, match="it, row 3, column run: '2', but '1' in an earlier row of the same row"):
        table.one(["row"], "run")


def test_what_is_meant_may_be_said():
    wrong = pl.Series([False, True])
    table = FolderTable("x", "it", pl.DataFrame({"a": [1, 2]}))
    with pytest.raises(BrainlakeError, match="it, row 2, column a: odd; if it is meant, say so with --accept times"):
        table.refuse(wrong, "a", "odd", "times")
    FolderTable("x", "it", table.frame, frozenset({"times"})).refuse(wrong, "a", "odd", "times")
    table.refuse(pl.Series([False, False]), "a", "odd")


def test_only_what_was_left_out_is_filled_in():
    table = FolderTable("x", "it", pl.DataFrame({"a": [1, 2]})).fill(a=9, b="x", c=[3, 4])
    assert table.frame.to_dict(as_series=False) == {"a": [1, 2], "b": ["x", "x"], "c": [3, 4]}
