"""Questions that a table of scores answers: what shares an axis, and what does not."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import polars as pl

from brainlake.alignment.design.score_row import BASELINE
from brainlake.errors import BrainlakeError, listed
from brainlake.study.frames import check_table
from brainlake.study.likeness import ALIKE, refuse_unlike

QUESTION: Final = ("benchmark", "stimulus_set", "measure", "protocol")
"""Columns that say what was asked: scores of different questions share no axis."""
WHOLE: Final = ("subject", "roi", "target_id")
"""Columns that are null where a score is about all targets."""
_DRAWN: Final = ("headline", "layer", "other_folds")
"""Kinds of scores that figures draw."""
_ONE_SCORE: Final = (*QUESTION, "kind", "model", "recipe", "layer", *WHOLE)
_NEEDED: Final = (*_ONE_SCORE, *ALIKE, "metric", "score", "normalized", "ceiling", "ci_low", "ci_high", "ci_method")


def checked(scores: pl.DataFrame) -> pl.DataFrame:
    """The same table.

    Raises
    ------
    BrainlakeError
        If it is no table of scores.
    """
    check_table("scores", scores, _NEEDED, "a table of scores, all columns of it")
    return scores


def one_question(scores: pl.DataFrame) -> pl.DataFrame:
    """The same table of scores.

    Raises
    ------
    BrainlakeError
        If it answers several questions, whose scores share no axis; if one thing has two scores, or two models have
        scores that do not compare.
    """
    asked = checked(scores).select(QUESTION).unique(maintain_order=True)
    if len(asked) > 1:
        names = [about(row) for row in asked.to_dicts()]
        raise BrainlakeError(f"a figure has one question, and these scores answer several{listed(names)}; filter them")
    refuse_doubles(scores)
    refuse_unlike_models(scores)
    return scores


def refuse_doubles(scores: pl.DataFrame) -> None:
    """Refuse two scores where a figure has one place.

    Raises
    ------
    BrainlakeError
        With what has two.
    """
    drawn = scores.filter(pl.col("kind").is_in(_DRAWN))
    twice = drawn.filter(drawn.select(_ONE_SCORE).is_duplicated())
    if len(twice):
        row = twice.row(0, named=True)
        there = "file" in twice.columns and twice["file"].count()
        files = f" ({', '.join(map(str, twice['file'].drop_nulls().unique(maintain_order=True)))})" if there else ""
        raise BrainlakeError(
            f"{row['model']} has two scores of kind {row['kind']} on {row['benchmark']} under protocol "
            f"{row['protocol']}{files}: give those that belong together, of a bank with --only FILE ..."
        )


def refuse_unlike_models(scores: pl.DataFrame) -> None:
    """Refuse scores of models on one question that are about other stimuli, folds or controls than each other.

    Raises
    ------
    BrainlakeError
        With the first fact in which two differ.
    """
    whole = [pl.col(name).is_null() for name in WHOLE]
    seen: dict[str, Mapping[str, Any]] = {}
    for row in scores.filter(~pl.col("model").str.starts_with(BASELINE), *whole, kind="headline").to_dicts():
        refuse_unlike(seen, row)


def questions(scores: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """Every question that a table answers, with its name and rows."""
    for part in checked(scores).partition_by(QUESTION, maintain_order=True):
        yield about(part.row(0, named=True)), part


def about(row: dict[str, object]) -> str:
    """A question in words.

    Examples
    --------
    >>> about({"benchmark": "b", "stimulus_set": "b", "measure": "rt", "protocol": "pearson"})
    'b, rt, pearson'
    """
    return ", ".join(parts_of(row))


def parts_of(row: Mapping[str, object]) -> list[str]:
    """The benchmark, and what else a question is about; a stimulus set of the same name says nothing more."""
    parts = [str(row[name]) for name in QUESTION if row.get(name) is not None]
    return parts[:1] + parts[2:] if row.get("stimulus_set") == row["benchmark"] else parts
