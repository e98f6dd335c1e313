"""One table of a user's dataset: its columns cast to what they hold, its faults named by row and column."""

from dataclasses import dataclass, replace
from typing import Any, Final

import polars as pl
import pyarrow as pa

from brainlake.contract.schema import TABLES
from brainlake.errors import BrainlakeError
from brainlake_builder.humans.columns import COLUMNS
from brainlake_builder.humans.folder_cells import cast_cells, fail

ACCEPT: Final = {
    "spaces": "texts with white space around them",
    "times": "reading times under 10 ms or over a minute: any where no unit is given, their median, or that of a "
    "reader or document, where one is; amplitudes or deviations of another size than their unit gives; a first "
    "fixation longer than the gaze, and the like",
    "capitals": "names that differ only in capitals, in zeros before a number, or in how a character is written",
    "glued": "words of a document with nothing between them",
    "codes": "values of exactly 999, 9999 or 99999, or minus that (but 999 ms), or responses a million times as far "
    "out as others",
    "constant": "responses of a subject and target, or a measure, that never vary",
    "outside": "words that no scan contains",
    "silence": "runs of which more than half has no words",
    "invisible": "names and texts with characters that nobody sees, such as zero-width spaces",
    "garbled": "texts that look like UTF-8 read as Windows-1252, or that hold HTML entities, escapes such as \\n in "
    "characters of their own, or what spreadsheets write for an error",
}
"""What is refused because it is hardly ever meant, and how to say that it is (``--accept``)."""


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
        """Refuse the first row that is wrong, if any is.

        Parameters
        ----------
        wrong
            Which rows are.
        column, what
            Where the fault is, and what it is; ``{cell}`` stands for the cell.
        accept
            Name of ``ACCEPT`` that the user may have said to be meant.
        """
        if accept in self.accept or not wrong.any():
            return
        row = int(wrong.arg_true()[0])
        meant = f"; if it is meant, say so with --accept {accept}" if accept else ""
        fail(self.label, row, column, what.replace("{cell}", repr(self.frame[column][row])) + meant)

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
        place = name.removeprefix("Unnamed: ")
        if column is None and place != name and place.isdigit():
            raise BrainlakeError(f"{label}: column {int(place) + 1} has cells and no name: name or remove it")
        if column is None:
            names = ", ".join(column.name for column in COLUMNS[table])
            raise BrainlakeError(f"{label} has a column {name!r} that {table} does not know: {names}")
        if column.name in found:
            raise BrainlakeError(f"{label} has {column.name} in two columns, {name!r} and another: remove one")
        if name.strip().lower().endswith("_ms") and "unit" in map(str.lower, frame.columns):
            raise BrainlakeError(f"{label}: {name} says its unit itself; beside a column unit it is {column.name}")
        found[column.name] = frame[name]
    if frame.is_empty():
        raise BrainlakeError(f"{label} has no rows")
    cast = pl.DataFrame([cast_cells(label, found[c.name], c).alias(c.name) for c in COLUMNS[table] if c.name in found])
    own = FolderTable(table, label, cast, accept)
    own.need(*(column.name for column in COLUMNS[table] if column.required))
    return own
