"""The same score under folds that keep groups whole, and under shuffled ones."""

from typing import Final

import polars as pl

from brainlake.errors import BrainlakeError
from brainlake.figures.dots import MOST, axis_title, best_first, joined_dots
from brainlake.figures.grammar import Chart, alt
from brainlake.figures.questions import about, one_question
from brainlake.figures.rows import of_kind
from brainlake.figures.theme import BLACK, GREY, STEP, Width, domain, styled

_KEPT: Final = ("benchmark", "model", "recipe", "label", "sort", "metric", "kind", "folds", "score")


def fold_rows(scores: pl.DataFrame) -> pl.DataFrame:
    """Headline rows and the same under other folds, of who has both, best first.

    Raises
    ------
    BrainlakeError
        If scores answer several questions, or have no score under other folds.
    """
    rows = of_kind(one_question(scores), "headline", "other_folds").filter(pl.col("score").is_finite())
    both = rows.group_by("label").agg(pl.col("kind").n_unique().alias("kinds")).filter(pl.col("kinds") > 1)["label"]
    if both.is_empty():
        raise BrainlakeError("no score under other folds stands beside that under the protocol's own")
    rows = rows.filter(pl.col("label").is_in(both.implode()))
    order = best_first(rows.filter(kind="headline"))["label"]
    place = pl.col("label").cast(pl.Enum(order))
    return rows.select(_KEPT).sort(place, maintain_order=True)


def folds_beside(scores: pl.DataFrame, *, width: Width = "page") -> Chart:
    """Draw both scores of every model and baseline, joined by a line.

    Parameters
    ----------
    scores
        Rows of ``scores`` that answer one question, those of other folds among them.
    width
        ``column`` (88 mm) or ``page`` (180 mm).

    Raises
    ------
    BrainlakeError
        If scores answer several questions, or have no score under other folds.
    """
    rows = fold_rows(scores)
    labels = rows["label"].unique(maintain_order=True).to_list()[:MOST]
    rows = rows.filter(pl.col("label").is_in(labels))
    scale = alt.Scale(domain=domain(rows["score"].to_list()), nice=False)
    x = alt.X("score:Q", scale=scale, axis=alt.Axis(title=axis_title(rows), grid=False, tickCount=5))
    own = rows.filter(kind="headline")["folds"].drop_nulls()
    names = [*own.unique().to_list()[:1], *rows.filter(kind="other_folds")["folds"].drop_nulls().unique().to_list()]
    marks = dict(zip(names, (("circle", BLACK), ("square", "#ffffff")), strict=False))
    zero = alt.Chart(alt.InlineData(values=[{"score": 0}])).mark_rule(color=GREY, strokeWidth=0.7).encode(x)
    joined = joined_dots(rows, labels, x, "folds", marks, ["label:N", "folds:N", "score:Q"], "folds")
    chart = alt.layer(zero, *joined).properties(height=alt.Step(STEP))
    return styled(chart, width, about(scores.row(0, named=True)))
