"""One table of a user's dataset: its columns cast to what they hold, its faults named by row and column."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, NoReturn

import polars as pl
import pyarrow as pa

from brainlake.contract.schema import TABLES
from brainlake.errors import BrainlakeError
from brainlake_builder.humans.columns import COLUMNS, Column, Kind
from brainlake_builder.tables.user_table import MISSING, numbers

ACCEPT: Final = {
    "spaces": "texts with white space around them",
    "times": "reading times under 10 ms or over a minute, where no unit is given",
    "outside": "words that no scan contains",
    "silence": "runs of which more than half has no words",
    "invisible": "names and texts with characters that nobody sees, such as zero-width spaces",
}
"""What is refused because it is hardly ever meant, and how to say that it is (``--accept``)."""

_INVISIBLE: Final = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u2060\ufeff\ufffd]"
"""Control characters, soft hyphen, zero-width space, word joiner, byte-order mark, and what could not be decoded."""

_TRUTH = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False, "t": True, "f": False}


@dataclass(frozen=True, eq=False)
class FolderTable:
    """A table as a user gave it.

    Attributes
    ----------
    table
        Table of the contract.
    label
        What an error calls it, such as its file.
    frame
        Its columns, cast; those that the user left out are not there.
    accept
        Names of ``ACCEPT`` that the user has said to be meant.
    """

    table: str
    label: str
    frame: pl.DataFrame
    accept: frozenset[str] = frozenset()

    def refuse(self, wrong: pl.Series, column: str, what: str, accept: str | None = None) -> None:
        """Refuse the first row that is wrong, if any is; ``accept`` names what the user may have said to be meant."""
        if accept in self.accept or not wrong.any():
            return
        meant = f"; if it is meant, say so with --accept {accept}" if accept else ""
        _fail(self.label, int(wrong.arg_true()[0]), column, what + meant)

    def need(self, *columns: str) -> None:
        """Refuse a table that lacks a column."""
        missing = [name for name in columns if name not in self.frame.columns]
        if missing:
            there = ", ".join(self.frame.columns)
            raise BrainlakeError(f"{self.label} has no column {', '.join(missing)}; it has {there}")

    def one(self, key: list[str], *columns: str) -> None:
        """Refuse two values of a column for what is one thing, such as two runs of a scan."""
        for column in columns:
            if column in self.frame.columns:
                first = self.frame.select(pl.col(column).first().over(key)).to_series()
                wrong = self.frame[column].ne_missing(first)
                if wrong.any():
                    row = int(wrong.arg_true()[0])
                    what = f"{self.frame[column][row]!r}, but {first[row]!r} in an earlier row of the same {key[-1]}"
                    self.refuse(wrong, column, what)

    def fill(self, **columns: Any) -> "FolderTable":
        """Add columns that the user left out: a scalar, or one value a row."""
        new = {name: value for name, value in columns.items() if name not in self.frame.columns}
        expressions = [
            (pl.Series(name, value) if isinstance(value, list | pl.Series) else pl.lit(value)).alias(name)
            for name, value in new.items()
        ]
        return replace(self, frame=self.frame.with_columns(expressions))

    def to_contract(self) -> pa.Table:
        """The table with all columns of the contract, null where the user gave none."""
        schema = TABLES[self.table]
        self.need(*(column.name for column in schema if not column.nullable))
        absent = [pl.lit(None).alias(name) for name in schema.names if name not in self.frame.columns]
        content = self.frame.with_columns(absent).select(schema.names).to_arrow()
        # Not yet through the schema's own fields: an empty cell where none may be is for the validation to name.
        return content.cast(pa.schema([pa.field(column.name, column.type) for column in schema]))


def cast_table(table: str, label: str, frame: pl.DataFrame, accept: frozenset[str] = frozenset()) -> FolderTable:
    """Cast what a user gave to the columns of a table.

    Names of columns are taken in capitals too, and under their aliases.

    Raises
    ------
    BrainlakeError
        If a column is unknown, missing or there twice, if there are no rows, or if a cell is empty that may not be,
        is not of its column's kind, or out of its range.
    """
    known = {name: column for column in COLUMNS[table] for name in (column.name, *column.aliases)}
    found: dict[str, pl.Series] = {}
    for name in frame.columns:
        column = known.get(name.strip().lower())
        if column is None:
            names = ", ".join(column.name for column in COLUMNS[table])
            raise BrainlakeError(f"{label} has a column {name!r} that {table} does not know: {names}")
        if column.name in found:
            raise BrainlakeError(f"{label} has {column.name} in two columns, {name!r} and another: remove one")
        if name.strip().lower().endswith("_ms") and "unit" in map(str.lower, frame.columns):
            raise BrainlakeError(f"{label}: {name} says its unit itself; beside a column unit it is {column.name}")
        found[column.name] = frame[name].alias(column.name)
    if frame.is_empty():
        raise BrainlakeError(f"{label} has no rows")
    cast = pl.DataFrame([_cast(label, found[c.name], c) for c in COLUMNS[table] if c.name in found])
    own = FolderTable(table, label, cast, accept)
    own.need(*(column.name for column in COLUMNS[table] if column.required))
    for name in (column.name for column in COLUMNS[table] if column.kind in ("name", "text")):
        if name in cast.columns:
            _refuse_invisible(own, name)
    return own


def _refuse_invisible(table: FolderTable, column: str) -> None:
    """Refuse what makes two equal words two words: a model reads it, and people do not see it."""
    found = table.frame[column].str.extract(f"({_INVISIBLE})")
    if found.is_not_null().any():
        character = found.drop_nulls()[0]
        name = unicodedata.name(character, "control character").lower()
        what = f"holds the character U+{ord(character):04X} ({name}), which nobody sees or nobody could read: remove it"
        table.refuse(found.is_not_null(), column, what, "invisible")


def _cast(label: str, cells: pl.Series, column: Column) -> pl.Series:
    if isinstance(cells.dtype, pl.Categorical | pl.Enum):
        cells = cells.cast(pl.String)
    if cells.dtype.is_temporal():
        _fail(
            label,
            None,
            column.name,
            f"holds {_words(cells.dtype)}, where {column.kind}s are expected{_seconds(column)}",
        )
    if column.choices and cells.dtype == pl.String:
        cells = cells.str.strip_chars().str.to_lowercase().alias(cells.name)
    cast, wrong, what = _CASTS[column.kind](cells)
    if wrong.any():
        row = int(wrong.arg_true()[0])
        _fail(label, row, column.name, f"{cells[row]!r} {what(cells[row])}")
    empty = cast.is_null()
    if empty.any() and not column.gaps and column.name != "separator":
        partly = "" if column.required else ", where other rows are not: fill in every row, or leave the column out"
        _fail(label, int(empty.arg_true()[0]), column.name, f"is empty{partly}")
    if column.kind == "name" and not column.required and not column.choices:
        unclear = cast.is_in(MISSING).fill_null(False)
        if unclear.any():
            row = int(unclear.arg_true()[0])
            _fail(label, row, column.name, f"{cast[row]!r} is a name or a missing value: leave it empty or rename it")
    _check_range(label, cast, column)
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
        unit = f" {column.unit}" if column.unit and not column.choices else ""
        word = "one of " if column.choices else ""
        _fail(label, row, column.name, f"{cast[row]!r} is not {word}{column.range}{unit}")


Cast = tuple[pl.Series, pl.Series, Callable[[Any], str]]


def _as_text(cells: pl.Series) -> Cast:
    if cells.dtype == pl.String:
        return cells, pl.Series([False] * len(cells)), str
    if cells.dtype.is_integer() or cells.dtype == pl.Null:
        return cells.cast(pl.String), pl.Series([False] * len(cells)), str
    if cells.dtype.is_float():  # what pandas makes of whole numbers with a gap
        cells = cells.fill_nan(None)
        wrong = (cells != cells.round()).fill_null(False) | cells.is_infinite().fill_null(False)
        return (
            cells.cast(pl.Int64, strict=False).cast(pl.String),
            wrong,
            lambda _: "is a number with a fraction, no name",
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
    return cast, wrong, _no_number


def _no_number(cell: Any) -> str:
    comma = isinstance(cell, str) and "," in cell
    return "is not a number" + (": write a decimal point, and no thousands separator" if comma else "")


def _as_integer(cells: pl.Series) -> Cast:
    cast, wrong = numbers(cells)
    if wrong.any():
        return cast, wrong, _no_number
    return cast.cast(pl.Int64, strict=False), (cast != cast.round()).fill_null(False), lambda _: "is not a whole number"


def _as_truth(cells: pl.Series) -> Cast:
    if cells.dtype == pl.Boolean:
        return cells, pl.Series([False] * len(cells)), str
    words, wrong, _ = _as_text(cells)
    cast = words.str.strip_chars().str.to_lowercase().replace_strict(_TRUTH, default=None, return_dtype=pl.Boolean)
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
        return cells, cells.is_not_null(), lambda _: f"is {_words(cells.dtype)} where a list of numbers is expected"
    cast = cells.cast(pl.List(pl.Float32)).list.eval(pl.element().fill_null(float("nan")))
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


def _fail(label: str, row: int | None, column: str, what: str) -> NoReturn:
    place = "" if row is None else f", row {row + 1}"
    raise BrainlakeError(f"{label}{place}, column {column}: {what}")
