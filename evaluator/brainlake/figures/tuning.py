"""Each tuned model beside its base: two dots and what lies between them."""

from typing import Final

import polars as pl

from brainlake.figures.dots import MOST, joined_dots
from brainlake.figures.grammar import Chart, alt
from brainlake.figures.labels import labels
from brainlake.figures.study_questions import asked_in, unit_of
from brainlake.figures.theme import BLACK, STEP, Width, domain, styled
from brainlake.study.pairs import tuning_pairs

_MARKS: Final = {"base": ("square", "#ffffff"), "tuned": ("circle", BLACK)}


def tuning_rows(scores: pl.DataFrame, models: pl.DataFrame, benchmarks: pl.DataFrame | None = None) -> pl.DataFrame:
    """Pairs of one question, a base and what was tuned from it together; columns of ``tuning_pairs``, and labels.

    Raises
    ------
    BrainlakeError
        If there is no pair, or there are pairs of several questions.
    """
    return pair_rows(tuning_pairs(scores, models, benchmarks))


def pair_rows(pairs: pl.DataFrame) -> pl.DataFrame:
    """The same of pairs that were made before."""
    asked_in(pairs)
    names = labels((name, None) for name in [*pairs["model"], *pairs["base"]])
    rows = pairs.with_columns(
        label=pl.Series([names[name, None] for name in pairs["model"]], dtype=pl.String),
        base_label=pl.Series([names[name, None] for name in pairs["base"]], dtype=pl.String),
    )
    return rows.sort("base_score", "base", "score", descending=[True, False, True])


def tuned_against_base(
    scores: pl.DataFrame,
    models: pl.DataFrame,
    benchmarks: pl.DataFrame | None = None,
    *,
    width: Width = "page",
) -> Chart:
    """Draw each model that was tuned on instructions beside its base, joined by a line.

    Parameters
    ----------
    scores, models, benchmarks
        As :func:`brainlake.tuning_pairs`, of one question.
    width
        ``column`` (88 mm) or ``page`` (180 mm).

    Raises
    ------
    BrainlakeError
        If there is no pair, or there are pairs of several questions.
    """
    return paired_dots(tuning_rows(scores, models, benchmarks), width=width)


def paired_dots(rows: pl.DataFrame, *, width: Width = "page") -> Chart:
    """Draw what ``tuning_rows`` returned."""
    shown = rows.head(MOST)
    lines = shown["label"].to_list()
    numbers = [*shown["score"].to_list(), *shown["base_score"].to_list()]
    long = pl.concat(
        [
            shown.select("label", of=pl.col("base_label"), which=pl.lit("base"), score=pl.col("base_score")),
            shown.select("label", of=pl.col("label"), which=pl.lit("tuned"), score=pl.col("score")),
        ]
    )
    scale = alt.Scale(domain=domain(numbers), nice=False)
    axis = alt.Axis(title=unit_of(rows.row(0, named=True)), grid=False, tickCount=5)
    joined = joined_dots(long, lines, alt.X("score:Q", scale=scale, axis=axis), "which", _MARKS, ["of:N", "score:Q"])
    more = f" (the first {MOST} of {len(rows)})" if len(rows) > MOST else ""
    return styled(alt.layer(*joined).properties(height=alt.Step(STEP)), width, asked_in(rows) + more)
