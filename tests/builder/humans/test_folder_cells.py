"""Cells of one column: what they become, and which are refused."""

import datetime

import polars as pl
import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.humans.columns import Column
from brainlake_builder.humans.folder_cells import cast_cells


@pytest.mark.parametrize(
    ("kind", "cells", "expected"),
    [
        ("name", [1.0, 2.0, None], ["1", "2", None]),
        ("name", ["a", "", None], ["a", None, None]),
        ("text", [" a ", "", "NA"], [" a ", None, "NA"]),
        ("number", ["1e3", " 2 ", "NA"], [1000.0, 2.0, None]),
        ("number", [1, 2, None], [1.0, 2.0, None]),
        ("integer", ["5.0", "6", "n/a"], [5, 6, None]),
        ("truth", ["Yes", "0", ""], [True, False, None]),
        ("truth", [1.0, 0.0, None], [True, False, None]),
        ("names", ["a; b", "c", None], [["a", "b"], ["c"], None]),
        ("numbers", [[1, None], [2, 3]], [[1.0, float("nan")], [2.0, 3.0]]),
    ],
)
def test_what_cells_become(kind, cells, expected):
    column = Column("c", kind, "what it means", "not known", gaps=True)
    found = cast_cells("it", pl.Series("c", cells), column)
    assert str(found.to_list()) == str(expected)


@pytest.mark.parametrize(
    ("column", "cells", "message"),
    [
        (Column("c", "integer", "", "no", True), ["4", "4.7"], "it, row 2, column c: '4.7' is not a whole number"),
        (
            Column("c", "number", "", "no", True),
            ["4", "4,7"],
            "row 2, column c: '4,7' is not a number: write a decimal",
        ),
        (Column("c", "number", "", "no", True, "s"), [datetime.timedelta(1)], "durations.*give s as plain numbers"),
        (Column("c", "number", "", "no", True, "s", 0, 5), [1, 6], "row 2, column c: 6.0 is not 0 to 5 s"),
        (Column("c", "number", "", "no", True, "that of value", 0), [-1], "row 1, column c: -1.0 is not from 0$"),
        (Column("c", "name", ""), ["a", None], "row 2, column c: is empty$"),
        (Column("c", "name", "", "no"), ["a", None], "row 2, column c: is empty, where other rows are not"),
        (Column("c", "name", "", "no", choices=("x", "y")), ["X", "z"], "row 2, column c: 'z' is not one of x, y"),
        (Column("c", "numbers", "", "no"), ["1 2"], "row 1, column c: '1 2' is text where a list of numbers"),
    ],
)
def test_what_is_refused(column, cells, message):
    with pytest.raises(BrainlakeError, match=message):
        cast_cells("it", pl.Series("c", cells), column)
