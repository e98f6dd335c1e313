"""Scores of regions, of subjects, and how those of single targets spread."""

from typing import Final, Literal, get_args

import polars as pl

from brainlake.errors import BrainlakeError, UnknownNameError
from brainlake.figures.dots import MOST, axis_title, best_first
from brainlake.figures.grammar import Chart, alt
from brainlake.figures.labels import with_labels
from brainlake.figures.panels import panels
from brainlake.figures.questions import about, one_question
from brainlake.figures.rows import of_kind, twins_as_one
from brainlake.figures.theme import BLACK, GREY, STEP, Width, axis_of, domain, styled, values

Level = Literal["roi", "subject", "target_id"]
_KEPT: Final = (*("benchmark", "model", "recipe", "label", "sort", "metric", "score", "ci_low", "ci_high", "ceiling"),)
_QUANTILES: Final = {"low": 0.05, "quarter": 0.25, "median": 0.5, "three_quarters": 0.75, "high": 0.95}


def target_rows(scores: pl.DataFrame, level: Level) -> pl.DataFrame:
    """Headline rows of a level; of single targets a row a model, with quantiles over them.

    Raises
    ------
    UnknownNameError
        If there is no such level.
    BrainlakeError
        If scores answer several questions, or have no rows of that level.
    """
    if level not in get_args(Level):
        raise UnknownNameError("level", level, get_args(Level))
    at = one_question(scores).filter(pl.col(level).is_not_null(), kind="headline")
    if level != "target_id":
        other = "subject" if level == "roi" else "roi"
        at = at.filter(pl.col("target_id").is_null(), pl.col(other).is_null())
    at = twins_as_one(at.filter(pl.col("score").is_finite()))
    if at.is_empty():
        raise BrainlakeError(f"no scores by {level.removesuffix('_id')}: score with --by {level.removesuffix('_id')}")
    if level == "target_id":
        quantiles = [pl.col("score").quantile(q, "linear").alias(name) for name, q in _QUANTILES.items()]
        by = ("benchmark", "model", "recipe", "label", "sort", "metric")
        grouped = with_labels(at).group_by(by, maintain_order=True)
        return grouped.agg(*quantiles, n_targets=pl.len()).sort("median", descending=True, maintain_order=True)
    order = _order(scores, at)
    rows = with_labels(at).select(level, *_KEPT)
    return rows.sort(pl.col("label").cast(pl.Enum(order)), maintain_order=True)


def _order(scores: pl.DataFrame, at: pl.DataFrame) -> list[str]:
    """Models by their score over all targets, or else their mean over these."""
    means = with_labels(at).group_by("label", maintain_order=True).agg(pl.col("score").mean())
    try:
        whole = best_first(of_kind(scores, "headline"))["label"].to_list()
    except BrainlakeError:
        whole = []
    rest = [label for label in best_first(means)["label"] if label not in whole]
    return [label for label in whole if label in means["label"]] + rest


def by_targets(scores: pl.DataFrame, level: Level = "roi", *, width: Width = "page") -> Chart:
    """Draw scores of regions or subjects, a small plot each; of single targets their spread in every model.

    Parameters
    ----------
    scores
        Rows of ``scores`` that answer one question, scored by that level.
    level
        ``roi``, ``subject``, or ``target_id`` (voxels, electrodes): of these the median, half and nine tenths of them.
    width
        ``column`` (88 mm) or ``page`` (180 mm).

    Raises
    ------
    UnknownNameError
        If there is no such level.
    BrainlakeError
        If scores answer several questions, or have no rows of that level.
    """
    rows = target_rows(scores, level)
    title = f"{about(scores.row(0, named=True))}, by {level.removesuffix('_id')}"
    if level == "target_id":
        return styled(_spread(rows), width, title)
    return panels(rows, level, axis=axis_title(rows), width=width, title=title)


def _spread(rows: pl.DataFrame) -> Chart:
    labels = rows["label"].to_list()[:MOST]
    shown = rows.filter(pl.col("label").is_in(labels))
    scale = alt.Scale(domain=domain(x for name in _QUANTILES for x in shown[name].to_list()), nice=False)
    base, y = alt.Chart(values(shown)), axis_of(labels)

    def x(name: str) -> alt.X:
        return alt.X(f"{name}:Q", scale=scale, axis=alt.Axis(title=axis_title(rows), grid=False, tickCount=5))

    zero = alt.Chart(alt.InlineData(values=[{"low": 0}])).mark_rule(color=GREY, strokeWidth=0.7).encode(x("low"))
    return alt.layer(
        zero,
        base.mark_rule(color=BLACK, strokeWidth=1).encode(x("low"), alt.X2("high:Q"), y),
        base.mark_rule(color=BLACK, strokeWidth=5).encode(x("quarter"), alt.X2("three_quarters:Q"), y),
        base.mark_point(filled=True, fill="white", stroke=BLACK, size=30, opacity=1).encode(x("median"), y),
    ).properties(height=alt.Step(STEP))
