"""Tables of the study, a question at a time."""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from brainlake.errors import BrainlakeError, listed
from brainlake.figures.questions import about
from brainlake.study.model_scores import QUESTION


def study_questions(table: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """Every question of a table, with its name and rows; the recipe is named where there are several."""
    parts = table.partition_by(QUESTION, maintain_order=True)
    names = [about(part.row(0, named=True)) for part in parts]
    for name, part in zip(names, parts, strict=True):
        recipe = part["recipe"][0]
        yield (f"{name}, {recipe}" if names.count(name) > 1 and recipe is not None else name), part


def asked_in(table: pl.DataFrame) -> str:
    """The name of the one question of a table.

    Raises
    ------
    BrainlakeError
        If there are several, whose scores share no axis.
    """
    names = [name for name, _ in study_questions(table)]
    if len(names) > 1:
        raise BrainlakeError(f"a figure has one question, and these scores answer several{listed(names)}; filter them")
    return names[0]


def unit_of(row: Mapping[str, Any]) -> str:
    """What an axis of scores of the study says, from one of its rows."""
    return "score / ceiling" if row["scale"] == "normalized" else "r" if row["metric"] == "pearson" else "score"
