"""Cells of one column of a user's table, cast to what the column holds; nothing is rounded, cut or guessed."""

from collections.abc import Callable
from typing import Any, Final, NoReturn

import numpy as np
import polars as pl

from brainlake.errors import BrainlakeError
from brainlake_builder.humans.columns import Column, Kind
from brainlake_builder.tables.user_table import MISSING, numbers

_TRUTH = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False, "t": True, "f": False}
_TRUTH |= {"y": True, "n": False}
_TRUTH |= {"1.0": True, "0.0": False}  # what pandas makes of them beside a gap

_EXACT: Final = 2.0**53
"""Up to here a float holds every whole number."""
FLOAT32_MAX: Final = float(np.finfo(np.float32).max)
_KEYS: Final = ("stimulus_id", "row_id")
"""Names that rows are found by, where a word that looks like a missing value would be one of others' texts."""


def cast_cells(label: str, cells: pl.Series, column: Column) -> pl.Series:
    """Cast the cells of a column to what it holds, null where they are empty.

    Raises
    ------
    BrainlakeError
        With row and column of the first cell that is of another kind, empty where none may be, or out of range.
    """
    if isinstance(cells.dtype, pl.Categorical | pl.Enum):
        cells = cells.cast(pl.String)
    if cells.dtype.is_temporal():
        fail(
            label,
            None,
            cells.name,
            f"holds {_words(cells.dtype)}, where {column.kind}s are expected{_seconds(column)}",
        )
    if cells.dtype == pl.Float32 and column.unit == "s":
        # 39.6, which float32 holds as 39.599998: a word on the border of two scans would be in the other one.
        cells = cells.cast(pl.String)
    if column.choices and cells.dtype == pl.String:
        cells = cells.str.strip_chars().str.to_lowercase().alias(cells.name)
    cast, wrong, what = _CASTS[column.kind](cells)
    if wrong.any():
        row = int(wrong.arg_true()[0])
        cell = cells[row].to_list() if isinstance(cells[row], pl.Series) else cells[row]
        fail(label, row, cells.name, f"{cell!r} {what(cell)}")
    if column.kind == "text" and column.name != "separator":
        cast = cast.replace("", None)  # a data frame may hold what a text file cannot
    empty = cast.is_null()
    if empty.any() and not column.gaps and column.name != "separator":
        others = " in every row: leave" if empty.all() else ", where other rows are not: fill in every row, or leave"
        partly = "" if column.required else f"{others} the column out"
        fail(label, int(empty.arg_true()[0]), cells.name, f"is empty{partly}")
    if column.kind == "name" and not column.choices and column.name not in _KEYS:
        unclear = cast.is_in(MISSING).fill_null(False)
        if unclear.any():
            row = int(unclear.arg_true()[0])
            fail(label, row, cells.name, f"{cast[row]!r} is a name or a missing value: leave it empty or rename it")
    _check_range(label, cast.alias(cells.name), column)
    return cast


def _check_range(label: str, cast: pl.Series, column: Column) -> None:
    wrong = pl.Series([False]).new_from_index(0, len(cast))
    if column.choices:
        wrong = ~cast.is_in(list(column.choices)).fill_null(True)
    if column.low is not None:
        wrong = wrong | (cast < column.low).fill_null(False)
    if column.high is not None:
        wrong = wrong | (cast > column.high).fill_null(False)
    if wrong.any():
        row = int(wrong.arg_true()[0])
        unit = f" {column.unit}" if column.unit and not column.choices and not column.unit.startswith("that of") else ""
        word = "one of " if column.choices else ""
        fail(label, row, cast.name, f"{cast[row]!r} is not {word}{column.range}{unit}")


Cast = tuple[pl.Series, pl.Series, Callable[[Any], str]]


def _as_text(cells: pl.Series) -> Cast:
    if cells.dtype == pl.String:
        return cells, pl.Series([False] * len(cells)), str
    if cells.dtype.is_integer() or cells.dtype == pl.Null:
        return cells.cast(pl.String), pl.Series([False] * len(cells)), str
    if cells.dtype.is_float():  # what pandas makes of whole numbers with a gap
        cells = cells.fill_nan(None)
        wrong = ((cells != cells.round()) | cells.is_infinite() | (cells.abs() > _EXACT)).fill_null(False)
        return (
            cells.cast(pl.Int64, strict=False).cast(pl.String),
            wrong,
            lambda cell: (
                "is a number too large to be a name" if abs(cell) > _EXACT else "is a number with a fraction, no name"
            ),
        )
    none = pl.Series(cells.name, [None] * len(cells), pl.String)
    return none, cells.is_not_null(), lambda _: f"is {_words(cells.dtype)}, no text"


def _as_name(cells: pl.Series) -> Cast:
    cast, wrong, what = _as_text(cells)
    if wrong.any():
        return cast, wrong, what
    cast = cast.set((cast == "").fill_null(False), None)  # a data frame may hold what a text file cannot
    return cast, (cast != cast.str.strip_chars()).fill_null(False), lambda _: "has white space around it"


def _as_number(cells: pl.Series) -> Cast:
    cast, wrong = numbers(cells)
    return cast, wrong | (cast.abs() > FLOAT32_MAX).fill_null(False), _no_number


def _no_number(cell: Any) -> str:
    what = "is not a number"
    found = pl.Series([cell]).cast(pl.Float64, strict=False)[0] if isinstance(cell, str | int | float) else None
    if found is not None and FLOAT32_MAX < abs(found) < float("inf"):
        return f"is too large: no number over {FLOAT32_MAX:.2g} is stored"
    if not isinstance(cell, str):
        return what
    if "\u2212" in cell:
        return f"{what}: write a minus as the hyphen of the keyboard"
    if "," in cell:
        return f"{what}: write a decimal point, and no thousands separator"
    return what if any(map(str.isalnum, cell)) else f"{what}: leave a cell empty that has none"


def _as_integer(cells: pl.Series) -> Cast:
    cast, wrong = numbers(cells)
    if wrong.any():
        return cast, wrong, _no_number
    wrong = ((cast != cast.round()) | (cast.abs() > _EXACT)).fill_null(False)
    return cast.cast(pl.Int64, strict=False), wrong, lambda _: "is not a whole number, or too large for one"


def _as_truth(cells: pl.Series) -> Cast:
    if cells.dtype == pl.Boolean:
        return cells, pl.Series([False] * len(cells)), str
    words, wrong, _ = _as_text(cells)
    words = words.str.strip_chars().str.to_lowercase().replace("", None)
    cast = words.replace_strict(_TRUTH, default=None, return_dtype=pl.Boolean)
    return cast, wrong | (cast.is_null() & words.is_not_null()), lambda _: "is not true or false"


def _as_names(cells: pl.Series) -> Cast:
    if cells.dtype == pl.String:
        cells = cells.str.split(";").list.eval(pl.element().str.strip_chars())
    if cells.dtype in (pl.List(pl.String), pl.Null):
        return cells.cast(pl.List(pl.String)), pl.Series([False] * len(cells)), str
    return cells, cells.is_not_null(), lambda _: "is no list of names"


def _as_numbers(cells: pl.Series) -> Cast:
    inner = getattr(cells.dtype, "inner", None)
    if inner is None or not inner.is_numeric():
        kind = _words(cells.dtype) if inner is None else f"a list of {_words(inner)}"
        return cells, cells.is_not_null(), lambda _: f"is {kind} where a list of numbers is expected"
    cast = cells.cast(pl.List(pl.Float64)).list.eval(pl.element().fill_null(float("nan")))
    return cast, cells.is_null(), lambda _: "is no list"


_CASTS: Final[dict[Kind, Callable[[pl.Series], Cast]]] = {
    "name": _as_name,
    "text": _as_text,
    "number": _as_number,
    "integer": _as_integer,
    "truth": _as_truth,
    "names": _as_names,
    "numbers": _as_numbers,
}


def _words(dtype: pl.DataType) -> str:
    kind = str(dtype).split("(")[0].lower()
    return {"string": "text", "boolean": "true or false", "datetime": "time stamps", "duration": "durations"}.get(
        kind, kind
    )


def _seconds(column: Column) -> str:
    return f": give {column.unit} as plain numbers" if column.unit else ""


def fail(label: str, row: int | None, column: str, what: str) -> NoReturn:
    """Refuse a column, or a cell of it."""
    place = "" if row is None else f", row {row + 1}"
    raise BrainlakeError(f"{label}{place}, column {column}: {what}")
