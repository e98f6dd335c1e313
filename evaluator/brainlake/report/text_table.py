"""Tables for people: aligned text, or Markdown; numbers of a column have one form."""

import math
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

import polars as pl

from brainlake.contract.printable import printable

GAP: Final = 2
"""Blanks between columns."""
LEAST_FOLDED: Final = 12
"""A column of texts is folded to no fewer characters."""
NUMBERS: Final = re.compile(r"[-+.,<\[\]\d\s]*(nan|inf)?")
MOST_LISTED: Final = 12
"""Values of a list that are shown."""


class Column(NamedTuple):
    """A column as text; ``right`` says on which side it is aligned."""

    name: str
    cells: list[str]
    right: bool

    @property
    def width(self) -> int:
        """Of the widest cell, as a terminal shows it: characters of some scripts are two wide."""
        return max(map(shown_width, (self.name, *self.cells)))

    @property
    def narrowest(self) -> int:
        """Width that it can be folded to: numbers, and texts made of numbers, such as intervals, stay in one piece."""
        whole = self.right or all(map(NUMBERS.fullmatch, self.cells))
        return self.width if whole else min(self.width, max(LEAST_FOLDED, len(self.name)))


def shown_width(text: str) -> int:
    """How many characters of a terminal a text takes."""
    from rich.cells import cell_len  # only who shows a table waits for it

    return cell_len(text)


def columns_of(table: pl.DataFrame) -> list[Column]:
    """The columns of a table as text."""
    return [Column(printable(one.name), list(_cells(one)), one.dtype.is_numeric()) for one in table]


def to_text(table: pl.DataFrame) -> str:
    """Aligned text, however wide, without colour or lines: what is piped looks the same everywhere."""
    columns = columns_of(table)
    widths = [column.width for column in columns]
    lines = []
    for row in _rows(columns):
        blanks = (" " * (width - shown_width(cell)) for cell, width in zip(row, widths, strict=True))
        cells = (b + c if one.right else c + b for b, c, one in zip(blanks, row, columns, strict=True))
        lines.append((" " * GAP).join(cells).rstrip() + "\n")
    return "".join(lines)


def to_markdown(table: pl.DataFrame) -> str:
    """A table of GitHub's Markdown."""
    columns = columns_of(table)
    head, *rows = ([cell.replace("|", r"\|") for cell in row] for row in _rows(columns))
    rule = ["--:" if column.right else "---" for column in columns]
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, rule, *rows))


def draw(table: pl.DataFrame) -> None:
    """Draw a table on the terminal, in its width; one that is too wide even so is drawn a row at a time."""
    from rich.console import Console  # only who draws waits for it

    console = Console(highlight=False)
    columns = columns_of(table)
    if sum(column.narrowest for column in columns) + GAP * (len(columns) - 1) <= console.width:
        console.print(_grid(columns))
        return
    names = [column.name for column in columns]
    for cells in zip(*(column.cells for column in columns), strict=True):
        console.print(_grid([Column("", names, False), Column("", list(cells), False)], header=False))
        console.print()


def _grid(columns: Iterable[Column], header: bool = True) -> Any:
    from rich.table import Table
    from rich.text import Text

    columns = list(columns)
    grid = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False, show_header=header, header_style="bold")
    for column in columns:
        grid.add_column(
            Text(column.name),
            justify="right" if column.right else "left",
            no_wrap=column.narrowest == column.width,
            min_width=column.narrowest,
            overflow="fold",
        )
    for cells in zip(*(column.cells for column in columns), strict=True):
        # Text, since a plain string would be read for markup, such as [bold].
        grid.add_row(*map(Text, cells))
    return grid


def _rows(columns: list[Column]) -> Iterator[tuple[str, ...]]:
    return zip(*((column.name, *column.cells) for column in columns), strict=True)


def _cells(column: pl.Series) -> Iterator[str]:
    form = float_form(column.to_list()) if column.dtype.is_float() else ""
    for value in column.to_list():
        yield _cell(value, form)


def float_form(values: list[float | None]) -> str:
    """One form for all numbers of a column: four decimals, fewer where they are large, powers of ten at the ends.

    Examples
    --------
    >>> [format(x, float_form([0.5, 0.00001])) for x in (0.5, 0.00001)], format(312.44, float_form([312.44]))
    (['0.5000', '0.0000'], '312.4')
    >>> format(1.2e-9, float_form([1.2e-9]))
    '1.200e-09'
    """
    largest = max((abs(value) for value in values if value is not None and math.isfinite(value)), default=0.0)
    if largest == 0 or 1e-2 <= largest < 100:
        return ".4f"
    return ".1f" if 100 <= largest < 1e7 else ".3e"


def _cell(value: Any, form: str) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return format(value, form or ".4g")
    if isinstance(value, list):
        more = [f"... {len(value) - MOST_LISTED} more"] if len(value) > MOST_LISTED else []
        return " ".join([*(_cell(one, form) for one in value[:MOST_LISTED]), *more])
    return printable(str(value))
