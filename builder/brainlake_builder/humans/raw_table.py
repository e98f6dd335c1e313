"""Columns and counts of a raw table, checked against what is known of it: the same for every reader."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from brainlake.errors import BrainlakeError


def read_columns(
    path: Path, columns: Mapping[str, type[pl.DataType]], separator: str = ",", quote: str | None = '"'
) -> pl.DataFrame:
    """Read the columns wanted of a text table.

    Parameters
    ----------
    path
        Table with a header; an empty cell is null, and words such as "null" are words.
    columns
        Type of each column wanted.
    separator, quote
        What separates cells, and what may stand around one; None where quotes are letters.

    Raises
    ------
    BrainlakeError
        If a column is missing, or a cell is not of its type.
    """
    try:
        table = pl.read_csv(path, separator=separator, quote_char=quote, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        raise BrainlakeError(f"{path} cannot be read: {str(error).splitlines()[0]}") from None
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise BrainlakeError(f"{path} has no column {', '.join(missing)}; it has {', '.join(table.columns)}")
    cast = table.select(pl.col(name).cast(kind, strict=False) for name, kind in columns.items())
    for name in columns:
        lost = (cast[name].is_null() & table[name].is_not_null()).arg_true()
        if len(lost):
            row = int(lost[0])
            raise BrainlakeError(f"{path}, row {row + 1}, column {name}: {table[name][row]!r} is no {columns[name]()}")
    return cast


def expect(path: Path, what: str, found: int, expected: int) -> None:
    """Refuse a file that does not hold what is known of it."""
    if found != expected:
        raise BrainlakeError(f"{path} holds {found:,} {what}, not {expected:,}")
