"""A file that a user brings, as columns: CSV, TSV or Parquet, read so that a word is never taken for anything else.

A cell of a text file stays text. In CSV a cell may stand in quotes, and a quote inside it is written twice. In TSV a
quote is a letter like any other, unless all names of the header are quoted (as R writes them), or a cell is wrapped in
quotes and those inside it are doubled (as pandas writes a word that holds one).
"""

import csv
import re
from pathlib import Path

import polars as pl

from brainlake.errors import BrainlakeError

SUFFIXES = (".csv", ".tsv", ".parquet")
"""Formats that are read."""

MISSING = ("NA", "N/A", "n/a", "#N/A", "NaN", "nan", "null", "NULL", "None")
"""What R, pandas, BIDS and spreadsheets write for a number that is missing; in a column of text they are words."""

_SEPARATORS = {".csv": ",", ".tsv": "\t", ".txt": "\t"}
_INDEX = re.compile(r"|Unnamed: ?\d+|\.\.\.1|index")
"""What pandas and readr call a first column of row numbers."""
_LABELS = re.compile(r"__index_level_\d+__")
"""What pandas calls labels of rows without a name, in Parquet: numbers of rows that were since sorted or left out."""


def read_user_table(path: Path, lines_in_cells: bool = False) -> pl.DataFrame:
    """Read a user's file; columns of a text file are text, an empty cell is null.

    Names of columns lose the white space around them. A column without a name that only counts the rows is left out,
    and so are empty rows at the end and, in a text file, columns without a name and without a cell.

    Parameters
    ----------
    path
        CSV, TSV or Parquet.
    lines_in_cells
        Whether a cell of a text file that begins with a quotation mark may go over several lines, up to the next such
        mark. Otherwise it is refused: one mark too many would take the rows up to the next for a cell.

    Raises
    ------
    BrainlakeError
        If the file cannot be read as what it says it is: another encoding than UTF-8, another separator, rows of
        another width, a quote that never closes, two columns of one name.
    """
    if not path.is_file():
        raise BrainlakeError(f"there is no file at {path}")
    frame = _read_parquet(path) if path.suffix.lower() == ".parquet" else _read_text(path, lines_in_cells)
    return without_row_numbers(_renamed(path, frame))


def without_row_numbers(frame: pl.DataFrame) -> pl.DataFrame:
    """Leave out a first column that has no name and counts the rows, from 0 or from 1, and numbers that pandas gave."""
    frame = frame.drop(name for name in frame.columns if _LABELS.fullmatch(name) and frame[name].dtype.is_integer())
    if not frame.width or not _INDEX.fullmatch(frame.columns[0]):
        return frame
    numbers = frame.to_series(0).cast(pl.Int64, strict=False)
    counted = [pl.int_range(start, start + frame.height, eager=True) for start in (0, 1)]
    return frame.drop(frame.columns[0]) if any(numbers.equals(count) for count in counted) else frame


def numbers(column: pl.Series) -> tuple[pl.Series, pl.Series]:
    """A column as numbers (null where missing), and which cells are neither a finite number nor missing."""
    if column.dtype == pl.String:
        stated = column.str.strip_chars()
        stated = stated.set(stated.is_in(["", *MISSING]).fill_null(False), None)
    elif column.dtype.is_numeric() or column.dtype == pl.Null:
        stated = column.cast(pl.Float64).fill_nan(None)
    else:
        return pl.Series(column.name, [None] * len(column), pl.Float64), column.is_not_null()
    found = stated.cast(pl.Float64, strict=False)
    wrong = stated.is_not_null() & ~found.is_finite().fill_null(False)
    return found, wrong


def _renamed(path: Path, frame: pl.DataFrame) -> pl.DataFrame:
    names = [name.strip() for name in frame.columns]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BrainlakeError(f"{path} has two columns named {twice!r}: remove or rename one")
    frame.columns = names
    return frame


def _read_parquet(path: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise BrainlakeError(f"{path} cannot be read as Parquet: {str(error).splitlines()[0]}") from None


def _read_text(path: Path, lines_in_cells: bool) -> pl.DataFrame:
    separator = _SEPARATORS.get(path.suffix.lower())
    if separator is None:
        raise BrainlakeError(f"{path} is no table that can be read: it has to be a .csv, .tsv or .parquet")
    text = _decoded(path)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    while lines and not lines[-1].strip(separator + " "):
        lines.pop()
    if not lines:
        raise BrainlakeError(f"{path} is empty: the names of its columns are expected in the first line")
    other = next((mark for mark in ("\t", ";", ",") if mark in lines[0]), None)
    if other is not None and separator not in lines[0]:
        raise BrainlakeError(
            f"{path} separates its columns by {other!r}, where a {path.suffix} has {separator!r}: save it so"
        )
    header, *rows = _long_cells(path, lines, separator) if lines_in_cells else _cells(path, lines, separator)
    header, rows = _without_empty_columns(header, rows)
    header = [name.strip() or f"Unnamed: {place}" for place, name in enumerate(header)]
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    for number, row in enumerate(rows, 1):
        if len(row) != len(header):
            raise BrainlakeError(
                f"{path}, row {number} has {len(row)} cells, the header has {len(header)}: {separator.join(row)[:60]!r}"
            )
        if not any(cell.strip() for cell in row) and len(header) > 1:
            raise BrainlakeError(f"{path}, row {number} is empty: remove it")
    twice = next((name for name in header if header.count(name) > 1), None)
    if twice is not None:
        raise BrainlakeError(f"{path} has two columns named {twice!r}: remove or rename one")
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(header)
    return pl.DataFrame(
        [
            pl.Series(name, [cell if cell else None for cell in cells], pl.String)
            for name, cells in zip(header, columns, strict=True)
        ]
    )


def _without_empty_columns(header: list[str], rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """Leave out the columns at the end that have neither a name nor a cell: spreadsheets write them."""
    width = len(header)
    while width > 1 and not header[width - 1].strip():
        width -= 1
    empty = all(len(row) == len(header) and not any(cell.strip() for cell in row[width:]) for row in rows)
    return (header[:width], [row[:width] for row in rows]) if empty else (header, rows)


def _decoded(path: Path) -> str:
    content = path.read_bytes()
    if content.startswith(b"\x1f\x8b") or content.startswith(b"PK"):
        raise BrainlakeError(f"{path} is compressed, or a spreadsheet: unpack it, or save it as text")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BrainlakeError(
            f"{path}, line {line}: a character is not written in UTF-8 (Windows-1252, UTF-16?): save the file as UTF-8"
        ) from None
    if "\0" in text:
        raise BrainlakeError(f"{path} holds zero bytes and is no text: save it as UTF-8")
    return text


def _cells(path: Path, lines: list[str], separator: str) -> list[list[str]]:
    if separator == "\t":
        rows = [line.split(separator) for line in lines]
        quoted = all(_wrapped(name) for name in rows[0])
        return [[_unquoted(cell, quoted) for cell in row] for row in rows]
    try:
        cells = list(csv.reader(lines, strict=True))
    except csv.Error:
        cells = []
    if len(cells) != len(lines):
        row = next(i for i in range(len(lines)) if not _one_row(lines[i]))
        raise BrainlakeError(
            f"{path}, row {row}: a quotation mark opens a cell that does not end on its line, at {lines[row][:60]!r}; "
            f'write a cell on one line, and put one with a quotation mark into quotes, the mark twice, as in """"'
        )
    return cells


def _long_cells(path: Path, lines: list[str], separator: str) -> list[list[str]]:
    try:
        cells = csv.reader((line + "\n" for line in lines), delimiter=separator, strict=True)
        return [[cell.strip("\n") for cell in row] for row in cells]
    except csv.Error:
        raise BrainlakeError(
            f"{path}: a quotation mark opens a cell that never ends, or does not end before the next "
            f"{'tab' if separator == chr(9) else 'comma'}: put a cell with a quotation mark or with several lines into "
            f'quotes, and write a mark inside it twice, as in """"'
        ) from None


def _one_row(line: str) -> bool:
    try:
        return len(list(csv.reader([line], strict=True))) == 1
    except csv.Error:
        return False


def _wrapped(cell: str) -> bool:
    return len(cell) > 1 and cell[0] == cell[-1] == '"'


def _unquoted(cell: str, all_quoted: bool) -> str:
    if not _wrapped(cell):
        return cell
    inside = cell[1:-1]
    doubled = '"' in inside and '"' not in inside.replace('""', "")
    return inside.replace('""', '"') if doubled or (all_quoted and '"' not in inside) else cell
