"""Instances of a dataclass as a table."""

from dataclasses import dataclass

import polars as pl

from brainlake.study.frames import table_of


@dataclass(frozen=True)
class Row:
    name: str
    value: float | None = None
    n: int | None = None


def test_fields_are_columns_and_what_is_no_number_is_null():
    found = table_of([Row("a", float("inf")), Row("b", float("nan"), 3), Row("c", 0.5)], Row)
    assert found.schema == {"name": pl.String, "value": pl.Float64, "n": pl.Int64}
    assert found.rows() == [("a", None, None), ("b", None, 3), ("c", 0.5, None)]


def test_no_rows_still_have_columns():
    assert table_of([], Row).columns == ["name", "value", "n"]
