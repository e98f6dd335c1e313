"""Instances of a dataclass as a table."""

from dataclasses import dataclass

import polars as pl
import pytest

from brainlake import BrainlakeError
from brainlake.study.frames import check_table, table_of


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


def test_a_table_that_lacks_a_column():
    with pytest.raises(BrainlakeError, match="benchmarks: no column composite_of: give the table benchmarks"):
        check_table(
            "benchmarks", pl.DataFrame({"benchmark": []}), ("benchmark", "composite_of"), "the table benchmarks"
        )
