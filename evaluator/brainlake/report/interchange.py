"""Tables for programs: CSV and JSON, every value whole."""

import json
import math
from datetime import date, time
from decimal import Decimal
from typing import Any

import polars as pl


def to_json(table: pl.DataFrame) -> str:
    """A list of objects; what JSON has no word for (NaN, infinity) is null."""
    # DuckDB's HUGEINT comes as a decimal number, of which Python is given 38 digits.
    huge = [name for name, kind in table.schema.items() if isinstance(kind, pl.Decimal) and kind.scale == 0]
    rows = table.with_columns(pl.col(huge).cast(pl.Int128)).to_dicts()
    return json.dumps([json_value(row) for row in rows], indent=1, allow_nan=False) + "\n"


def to_csv(table: pl.DataFrame) -> str:
    """Floats with the fewest digits that give them back, lists and structs as JSON, bytes in hexadecimal.

    Texts stay as they are, those too that begin with ``=``, ``+``, ``-`` or ``@``, which a spreadsheet takes for
    formulas: a program that reads them back needs them whole. On a terminal alone, what it would obey stands as its
    escape.
    """
    return table.with_columns(_csv_column(column) for column in table).write_csv()


def json_value(value: Any) -> Any:
    """The same in the types of JSON: bytes in hexadecimal, dates and times as ISO 8601 writes them."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else _json_decimal(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {str(key): json_value(one) for key, one in value.items()}
    if isinstance(value, list | pl.Series):
        return [json_value(one) for one in value]
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _json_decimal(value: Decimal) -> float | str:
    """A number where a float holds it exactly, else its digits."""
    near = float(value)
    return near if Decimal(repr(near)) == value else str(value)


def _csv_column(column: pl.Series) -> pl.Series:
    kind = column.dtype
    if kind.is_numeric() or kind in (pl.String, pl.Boolean, pl.Date, pl.Datetime, pl.Time, pl.Null):
        return column
    return pl.Series(column.name, [_csv_cell(value) for value in column.to_list()], dtype=pl.String)


def _csv_cell(value: Any) -> str | None:
    plain = json_value(value)
    return plain if plain is None or isinstance(plain, str) else json.dumps(plain)
