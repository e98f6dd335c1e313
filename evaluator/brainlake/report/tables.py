"""Tables in the form that was asked for; whoever adds a form adds it here alone."""

import codecs
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import polars as pl

from brainlake.contract.printable import printable
from brainlake.errors import BrainlakeError
from brainlake.report.interchange import to_csv, to_json
from brainlake.report.text_table import draw, to_markdown, to_text


@dataclass(frozen=True)
class Format:
    """A form of output.

    Attributes
    ----------
    render
        From a table to its text.
    for_people
        Whether people read it: they are shown what matters most; programs get every row and column.
    draw
        How it is put on a terminal, if otherwise than as its text.
    """

    render: Callable[[pl.DataFrame], str]
    for_people: bool
    draw: Callable[[pl.DataFrame], None] | None = None


FORMATS: Final = {
    "table": Format(to_text, for_people=True, draw=draw),
    "markdown": Format(to_markdown, for_people=True),
    "csv": Format(to_csv, for_people=False),
    "json": Format(to_json, for_people=False),
}
"""All of them; the first is the one that is taken unless another is asked for."""


def render(table: pl.DataFrame, form: str) -> str:
    """A table as text in one of :data:`FORMATS`.

    Raises
    ------
    BrainlakeError
        If there is no such format.
    """
    return _format(form).render(table)


def show(table: pl.DataFrame, form: str, *, full: pl.DataFrame | None = None, below: str = "") -> None:
    """Write a table to stdout.

    Parameters
    ----------
    table
        What people are shown.
    form
        One of :data:`FORMATS`.
    full
        What programs get in its place.
    below
        What people read right below it.

    Raises
    ------
    BrainlakeError
        If there is no such format.
    """
    chosen = _format(form)
    shown = table if chosen.for_people or full is None else full
    if chosen.for_people:
        shown = _in_encoding(shown, sys.stdout.encoding or "utf-8")
    elif form == "csv" and sys.stdout.isatty():  # Whole for programs, but a terminal would obey it.
        shown = _with_texts(shown, printable)
    if chosen.draw is not None and sys.stdout.isatty():
        chosen.draw(shown)
    else:
        sys.stdout.write(chosen.render(shown))
    if chosen.for_people and below:
        sys.stdout.write(below)


def _in_encoding(table: pl.DataFrame, encoding: str) -> pl.DataFrame:
    """Texts as the console will have them: a character that becomes its escape there is wider, and counts as such."""

    def said(text: str) -> str:
        return text.encode(encoding, "backslashreplace").decode(encoding)

    if codecs.lookup(encoding).name == "utf-8":
        return table
    return _with_texts(table, said)


def _with_texts(table: pl.DataFrame, said: Callable[[str], str]) -> pl.DataFrame:
    """A table with its texts and the names of its columns said in another way."""
    texts = pl.col(pl.String, pl.Enum, pl.Categorical).cast(pl.String)
    return table.with_columns(texts.map_elements(said, return_dtype=pl.String)).rename(said)


def _format(name: str) -> Format:
    if name not in FORMATS:
        raise BrainlakeError(f"format {name!r} is not one of {', '.join(FORMATS)}")
    return FORMATS[name]
