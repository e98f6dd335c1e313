"""Tables that come in, and rows of one kind as a table whose columns are their fields."""

import math
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, get_type_hints

import polars as pl

from brainlake.bank.arguments import impossible
from brainlake.errors import BrainlakeError

_TYPES: dict[Any, pl.DataType] = {
    str: pl.String(),
    str | None: pl.String(),
    float: pl.Float64(),
    float | None: pl.Float64(),
    int: pl.Int64(),
    int | None: pl.Int64(),
    bool: pl.Boolean(),
}


def check_table(name: str, given: object, columns: Sequence[str], wanted: str) -> None:
    """Refuse what is no table, or lacks a column.

    Raises
    ------
    BrainlakeError
        With the name of the table, and what is wanted.
    """
    if not isinstance(given, pl.DataFrame):
        raise impossible(name, given, f"a polars frame: {wanted}")
    missing = [column for column in columns if column not in given.columns]
    if missing:
        raise BrainlakeError(f"{name}: no column {', '.join(missing)}: give {wanted}")


def table_of(rows: Sequence[Any], kind: type) -> pl.DataFrame:
    """A table with a row for each instance of a dataclass; numbers that are none, or have no end, are null."""
    hints = get_type_hints(kind)
    schema = {one.name: _TYPES[hints[one.name]] for one in fields(kind)}
    return pl.DataFrame([{name: _known(getattr(row, name)) for name in schema} for row in rows], schema=schema)


def _known(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
