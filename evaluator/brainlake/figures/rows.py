"""Which rows of a table of scores a figure draws, and as which numbers."""

from typing import Final

import polars as pl

from brainlake.errors import BrainlakeError
from brainlake.figures.labels import with_labels
from brainlake.figures.questions import QUESTION, WHOLE
from brainlake.report.twins import twins_together

NORMALIZED: Final = "score / ceiling"
"""The metric of scores that are known only divided by their ceiling."""


def of_kind(scores: pl.DataFrame, *kinds: str, whole: bool = True) -> pl.DataFrame:
    """Rows of some kinds, as a rule those about all targets, with a label and the sort of each model.

    Rows are as :func:`as_drawn` returns them.

    Raises
    ------
    BrainlakeError
        If none of them has a score.
    """
    rows = scores.filter(pl.col("kind").is_in(kinds))
    if whole:
        rows = rows.filter(pl.all_horizontal(pl.col(name).is_null() for name in WHOLE))
    rows = as_drawn(rows)
    if rows["score"].is_finite().sum() == 0:
        raise BrainlakeError(f"no scores of kind {' or '.join(kinds)}")
    return with_labels(rows)


def as_drawn(rows: pl.DataFrame) -> pl.DataFrame:
    """The same rows; of a question whose scores are known only divided by their ceiling, those; twins as one."""
    divided = pl.col("score").is_finite().sum().over(QUESTION) == 0
    nothing = {"ceiling", "ceiling_method", "ci_low", "ci_high", "ci_method"} & set(rows.columns)
    return twins_as_one(
        rows.with_columns(
            pl.when(divided).then("normalized").otherwise("score").alias("score"),
            pl.when(divided).then(pl.lit(NORMALIZED)).otherwise("metric").alias("metric"),
            *(pl.when(~divided).then(name).alias(name) for name in sorted(nothing)),
        )
    )


def twins_as_one(rows: pl.DataFrame) -> pl.DataFrame:
    """The same rows, twins that differ in the seed of their weights alone as one: mean, and range for an interval."""
    of_twins = pl.col("model").str.contains("+untrained-s", literal=True)
    twins = rows.filter(of_twins)
    if twins["model"].n_unique() < 2:
        return rows
    together = pl.DataFrame(twins_together(twins.to_dicts()), schema=rows.schema)
    return pl.concat([rows.filter(~of_twins), together])
