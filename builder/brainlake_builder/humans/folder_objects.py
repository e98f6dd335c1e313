"""Columns of Python's own objects, as pandas data frames and dictionaries hold them: each of one kind, or refused."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from brainlake.errors import BrainlakeError

_NUMBERS = {int, float}


def frame_of_columns(table: str, frame: Any) -> pl.DataFrame:
    """Make a data frame of columns by name; where one mixes text and numbers, its cells are text.

    Parameters
    ----------
    table
        What an error calls it.
    frame
        A pandas data frame, a dictionary of columns, or a list of rows as dictionaries.

    Raises
    ------
    BrainlakeError
        With table and column, and the row of a cell that does not go with the others.
    """
    if isinstance(frame, list):
        frame = {
            name: [row.get(name) for row in frame] for name in dict.fromkeys(name for row in frame for name in row)
        }
    if not isinstance(frame, Mapping) and getattr(frame, "ndim", 2) != 2:
        raise BrainlakeError(f"{table} is one column, no data frame: give a data frame, or a dictionary of columns")
    strange = next((name for name in frame if not isinstance(name, str)), None)
    if strange is not None:
        raise BrainlakeError(f"{table} has a column {strange!r}: give its columns names that are text, on one level")
    return pl.DataFrame([_column(table, name, cells) for name, cells in frame.items()])


def _column(table: str, name: str, cells: Any) -> pl.Series:
    try:
        if isinstance(cells, pl.Series) or str(getattr(cells, "dtype", "object")) != "object":
            return pl.Series(name, cells)
        return _of_objects(table, name, [_plain(cell) for cell in cells])
    except (TypeError, ValueError, OverflowError, pa.ArrowException, pl.exceptions.PolarsError) as error:
        raise BrainlakeError(f"{table}, column {name}: is no column: {str(error).splitlines()[0]}") from None


def _of_objects(table: str, name: str, cells: list[Any]) -> pl.Series:
    kinds = {type(cell) for cell in cells} - {type(None)}
    if len(kinds) < 2 or not kinds - _NUMBERS:
        return pl.Series(name, cells, strict=False)
    first = type(next(cell for cell in cells if cell is not None))
    alike = {str, *_NUMBERS} if first in {str, *_NUMBERS} else {first}
    for row, cell in enumerate(cells):
        if cell is not None and type(cell) not in alike:
            raise BrainlakeError(
                f"{table}, row {row + 1}, column {name}: {cell!r} is a {type(cell).__name__}, earlier cells are "
                f"{first.__name__}: make them one kind"
            )
    return pl.Series(name, [None if cell is None else _written(cell) for cell in cells], pl.String)


def _written(cell: str | float) -> str:
    """A cell as text; 1.0 is 1, as pandas makes whole numbers floats beside a gap."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _plain(cell: Any) -> Any:
    """A cell without NumPy's type; None for what pandas writes where there is none."""
    cell = cell.item() if isinstance(cell, np.generic) else cell
    missing = (isinstance(cell, float) and cell != cell) or type(cell).__name__ in ("NAType", "NaTType")
    return None if missing else cell
