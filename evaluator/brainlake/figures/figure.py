"""A figure with its caption and data, and one that there is not."""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from brainlake.errors import BrainlakeError
from brainlake.figures.grammar import Chart, unchecked
from brainlake.figures.theme import Width


@dataclass(frozen=True)
class Figure:
    """A figure.

    Attributes
    ----------
    name
        Of its files: letters, digits, points and hyphens.
    title
        What it is, and of what.
    caption
        What its marks are, n, protocol, recipe, folds and baselines.
    data
        The numbers that it shows.
    draw
        Draws it in a width.
    """

    name: str
    title: str
    caption: str
    data: pl.DataFrame
    draw: Callable[[Width], Chart]


@dataclass(frozen=True)
class Omitted:
    """A figure that the results do not allow, and why."""

    title: str
    why: str


def attempted(
    kind: str, of: str, rows: Callable[[], pl.DataFrame], describe: Callable[[pl.DataFrame], str],
    draw: Callable[[pl.DataFrame, Width], Chart],
) -> Iterator[Figure | Omitted]:  # fmt: skip
    """A figure, or why there is none.

    Parameters
    ----------
    kind, of
        What figure, and of what.
    rows
        Makes its data, or refuses with the reason.
    describe, draw
        Its caption, and the figure, from the data.
    """
    title = f"{kind}: {of}"
    try:
        data = rows()
    except BrainlakeError as error:
        yield Omitted(title, " ".join(str(error).split()))
        return

    def drawn(width: Width) -> Chart:
        with unchecked():
            return draw(data, width)

    yield Figure(file_name(title), title, describe(data), data, drawn)


def named_apart(figures: Sequence[Figure]) -> list[Figure]:
    """The same figures; of those whose files would overwrite each other, all but the first have a number."""
    taken: set[str] = set()
    found = []
    for figure in figures:
        name, number = figure.name, 1
        while name in taken:
            number += 1
            name = f"{figure.name}-{number}"
        taken.add(name)
        found.append(replace(figure, name=name))
    return found


def file_name(title: str) -> str:
    """A name for the files of a figure: what a title has beside letters, digits and points becomes a hyphen.

    A digest stands behind the names of titles that are long, or differ in what no file name shows.

    Examples
    --------
    >>> file_name("Layers: demo.brain, grouped")
    'layers-demo.brain-grouped'
    """
    plain = re.sub(r"[^a-z0-9.]+", "-", title.lower()).strip("-.")
    lost = len(plain) > 90 or bool(re.search(r"[^a-z0-9._+ :,()-]", title.lower()))
    return f"{plain[:80].strip('-.')}-{hashlib.sha256(title.encode()).hexdigest()[:8]}" if lost else plain
