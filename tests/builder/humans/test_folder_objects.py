"""Columns of Python's own objects become columns of one kind, or are refused by name."""

import decimal

import numpy as np
import pandas
import polars as pl
import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.humans.folder_objects import frame_of_columns


def column(cells):
    return frame_of_columns("responses", pandas.DataFrame({"value": pandas.Series(cells, dtype=object)}))["value"]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([0.5, "n/a", None], ["0.5", "n/a", None]),
        (["1", 1, 1.0, np.int64(1), float("nan")], ["1", "1", "1", "1", None]),
        ([1, 0.5, pandas.NA], [1.0, 0.5, None]),
        ([decimal.Decimal("0.5"), None], [decimal.Decimal("0.5"), None]),
        ([True, None], [True, None]),
    ],
)
def test_what_pandas_keeps_as_objects(cells, expected):
    assert column(cells).to_list() == expected


@pytest.mark.parametrize("cells", [[0.5, True], ["a", b"a"], [0.5, pandas.Timestamp("2024-01-05")], [[1.0], 1.0]])
def test_a_cell_of_another_kind_is_named(cells):
    with pytest.raises(BrainlakeError, match=r"responses, row 2, column value: .* earlier cells are .*make them one"):
        column(cells)


def test_rows_as_dictionaries():
    rows = [{"subject": "s1", "value": 1}, {"subject": "s2"}]
    assert frame_of_columns("responses", rows).rows() == [("s1", 1), ("s2", None)]
    with pytest.raises(BrainlakeError, match="row 2, column value: True is a bool"):
        frame_of_columns("responses", [{"value": 0.5}, {"value": True}])


def test_what_is_no_data_frame():
    with pytest.raises(BrainlakeError, match="responses is one column, no data frame"):
        frame_of_columns("responses", pandas.Series([1.0]))
    levels = pandas.DataFrame([[1.0]], columns=pandas.MultiIndex.from_tuples([("a", "value")]))
    with pytest.raises(BrainlakeError, match=r"responses has a column \('a', 'value'\): give its columns names"):
        frame_of_columns("responses", levels)
    with pytest.raises(BrainlakeError, match="responses, column value: is no column"):
        frame_of_columns("responses", pandas.DataFrame({"value": [1 + 2j]}))


def test_columns_with_a_type_keep_it():
    frame = pandas.DataFrame({"run": pandas.array([1, None], dtype="Int64"), "subject": pandas.Categorical(["a", "b"])})
    found = frame_of_columns("responses", frame)
    assert found["run"].to_list() == [1, None]
    assert isinstance(found["subject"].dtype, pl.Categorical)
