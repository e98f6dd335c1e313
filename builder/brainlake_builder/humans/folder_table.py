"""One file of a user's dataset: CSV or Parquet, cast to the contract, its faults named by row and column."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

import polars as pl
import pyarrow as pa

from brainlake.contract.schema import TABLES
from brainlake.errors import BrainlakeError

LONG_RESPONSES = {"target_id": pl.String(), "value": pl.Float64()}
"""Columns of responses in long form, in place of the list ``response``."""

_TRUTH = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}


@dataclass(frozen=True, eq=False)
class FolderTable:
    """A table as it stands in a file.

    Attributes
    ----------
    table
        Table of the contract.
    path
        File that it was read from.
    frame
        Its columns, of the contract's types; those that the file lacks are not there.
    """

    table: str
    path: Path
    frame: pl.DataFrame

    def refuse(self, wrong: pl.Series, column: str, what: str) -> None:
        """Refuse the first row that is wrong, if any is."""
        if wrong.any():
            _fail(self.path, int(wrong.arg_true()[0]), column, what)

    def need(self, *columns: str) -> None:
        """Refuse a file that lacks a column."""
        missing = [name for name in columns if name not in self.frame.columns]
        if missing:
            there = ", ".join(self.frame.columns)
            raise BrainlakeError(f"{self.path} has no column {', '.join(missing)}; it has {there}")

    def fill(self, **columns: Any) -> "FolderTable":
        """Add columns that the file lacks: a scalar, or one value a row."""
        new = {name: value for name, value in columns.items() if name not in self.frame.columns}
        expressions = [
            (pl.Series(name, value) if isinstance(value, list | pl.Series) else pl.lit(value)).alias(name)
            for name, value in new.items()
        ]
        return replace(self, frame=self.frame.with_columns(expressions))

    def to_contract(self) -> pa.Table:
        """The table with all columns of the contract, null where the file has none."""
        schema = TABLES[self.table]
        self.need(*(column.name for column in schema if not column.nullable))
        absent = [pl.lit(None).alias(name) for name in schema.names if name not in self.frame.columns]
        content = self.frame.with_columns(absent).select(schema.names).to_arrow()
        # Not yet through the schema's own fields: an empty cell where none may be is for the validation to name.
        return content.cast(pa.schema([pa.field(column.name, column.type) for column in schema]))


def read_table(folder: Path, table: str) -> FolderTable | None:
    """Read ``<table>.csv`` or ``<table>.parquet`` of a folder; None if there is neither.

    Raises
    ------
    BrainlakeError
        If there are both, if the file cannot be read, has a column that is not of the contract, or a value that is
        not of its column's type.
    """
    there = [path for path in (folder / f"{table}.csv", folder / f"{table}.parquet") if path.is_file()]
    if not there:
        return None
    if len(there) == 2:
        raise BrainlakeError(f"{folder} has both {there[0].name} and {there[1].name}: remove one")
    path = there[0]
    try:
        frame = pl.read_csv(path, infer_schema=False) if path.suffix == ".csv" else pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise BrainlakeError(f"{path} cannot be read: {str(error).splitlines()[0]}") from None
    types = dict(pl.DataFrame(TABLES[table].empty_table()).schema) | (LONG_RESPONSES if table == "responses" else {})
    strangers = [name for name in frame.columns if name not in types]
    if strangers:
        raise BrainlakeError(f"{path} has a column {strangers[0]!r} that {table} does not know: {', '.join(types)}")
    if frame.is_empty():
        raise BrainlakeError(f"{path} has no rows")
    return FolderTable(table, path, frame.select(_cast(path, frame[name], types[name]) for name in frame.columns))


def _cast(path: Path, column: pl.Series, kind: pl.DataType) -> pl.Series:
    if column.dtype == kind:
        return column
    if kind == pl.List(pl.String) and column.dtype == pl.String:
        return column.str.split(";")
    if kind == pl.Boolean and column.dtype == pl.String:
        cast = column.str.to_lowercase().replace_strict(_TRUTH, default=None, return_dtype=pl.Boolean)
    else:
        try:
            cast = column.cast(kind, strict=False)
        except pl.exceptions.PolarsError:
            raise BrainlakeError(f"{path}, column {column.name}: {column.dtype} where {kind} is expected") from None
    lost = cast.is_null() & column.is_not_null()
    if lost.any():
        what = "a number" if kind.is_numeric() else "true or false" if kind == pl.Boolean else f"of type {kind}"
        _fail(path, int(lost.arg_true()[0]), column.name, f"{column.filter(lost)[0]!r} is not {what}")
    return cast


def _fail(path: Path, row: int, column: str, what: str) -> NoReturn:
    raise BrainlakeError(f"{path}, row {row + 1}, column {column}: {what}")
