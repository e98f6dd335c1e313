"""Models in lines below each other: a dot a score, a bar an interval, a tick a ceiling."""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from brainlake.figures.grammar import Chart, alt
from brainlake.figures.theme import BLACK, GREY, STEP, Width, axis_of, domain, legend_columns, values

MOST: Final = 60
"""Lines of a figure; of more models the best are drawn, and all stand in the data beside it."""
SORTS: Final = {"model": "circle", "untrained": "triangle-up", "baseline": "square"}
"""Sorts of what is scored, and their shapes."""
_AXES: Final = {
    "delta_llh": "gain (nats a word)",
    "not stated": "score",
    "pearson": "r",
}
"""What the axis of a metric says, where that is not its name."""
_NAMES: Final = {"model": "model", "untrained": "untrained twin", "baseline": "baseline"}


def best_first(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows in the order of their scores, those without one last."""
    return rows.with_columns(pl.col("score").fill_nan(None)).sort(
        "score", descending=True, nulls_last=True, maintain_order=True
    )


def dots(
    rows: pl.DataFrame,
    labels: Sequence[str],
    *,
    axis: str,
    ends: Sequence[float] | None = None,
    width: Width = "page",
    names: bool = True,
    legend: bool = True,
) -> alt.LayerChart:
    """A plot with a line a label.

    Parameters
    ----------
    rows
        Columns label, sort, score, ci_low, ci_high, ceiling.
    labels
        Lines, from above.
    axis
        Title of the axis of scores.
    ends
        Ends of that axis; by default what the rows need.
    width
        Of the whole figure.
    names, legend
        Whether the labels and the legend are shown.
    """
    rows = rows.filter(pl.col("label").is_in(labels))
    numbers = [x for name in ("score", "ci_low", "ci_high", "ceiling") for x in rows[name].to_list()]
    scale = alt.Scale(domain=list(ends or domain(numbers)), nice=False)
    x_axis = alt.Axis(title=axis, grid=False, tickCount=4, labelBound=8)
    x = alt.X("score:Q", scale=scale, axis=x_axis)
    y = axis_of(labels)
    if not names:
        y.axis = alt.Axis(labels=False, ticks=False, domain=False, title=None, grid=True)
    base = alt.Chart(values(rows))
    sorts = [sort for sort in SORTS if sort in rows["sort"]]
    words = [_NAMES[sort] for sort in sorts]
    key = alt.Legend(title=None, columns=legend_columns(width)) if legend and len(sorts) > 1 else None
    expression = " : ".join(f"datum.sort == '{sort}' ? '{_NAMES[sort]}'" for sort in SORTS) + " : ''"
    base = base.transform_calculate(what=expression)
    shape = alt.Shape("what:N", scale=alt.Scale(domain=words, range=[SORTS[sort] for sort in sorts]), legend=key)
    fill = ["#ffffff" if sort != "model" else BLACK for sort in sorts]
    colour = alt.Fill("what:N", scale=alt.Scale(domain=words, range=fill), legend=key)
    parts: list[Chart] = [
        alt.Chart(alt.InlineData(values=[{"score": 0}])).mark_rule(color=GREY, strokeWidth=0.7).encode(x)
    ]
    if rows["ci_low"].is_not_null().any():
        bars = base.mark_rule(color=BLACK, strokeWidth=1.1)
        parts.append(bars.encode(alt.X("ci_low:Q", scale=scale, axis=x_axis), alt.X2("ci_high:Q"), y))
    if rows["ceiling"].is_not_null().any():
        ticks = base.mark_tick(color=GREY, thickness=2, size=STEP - 3)
        parts.append(ticks.encode(alt.X("ceiling:Q", scale=scale, axis=x_axis), y))
    points = base.mark_point(size=38, opacity=1, stroke=BLACK, strokeWidth=1.1, filled=True)
    parts.append(points.encode(x, y, shape, colour, tooltip=["label:N", "score:Q", "ci_low:Q", "ci_high:Q"]))
    return alt.layer(*parts).properties(height=alt.Step(STEP))


def joined_dots(
    rows: pl.DataFrame,
    labels: Sequence[str],
    x: alt.X,
    which: str,
    marks: Mapping[str, tuple[str, str]],
    tooltip: Sequence[str],
    title: str | None = None,
) -> list[Chart]:
    """A line a label with a dot for each of two scores, and what joins them.

    Parameters
    ----------
    rows
        Columns label, score, the one that ``which`` names and those of the tooltip.
    labels
        Lines, from above.
    x
        Axis of scores.
    which, marks
        Column that says which of the two a row is, and the shape and fill of each.
    tooltip
        What is shown beside a dot that is pointed at.
    title
        Of the legend.
    """
    key, names = alt.Legend(title=title), list(marks)
    shapes, fills = ([mark[k] for mark in marks.values()] for k in (0, 1))
    fill = alt.Fill(f"{which}:N", scale=alt.Scale(domain=names, range=fills), legend=key)
    shape = alt.Shape(f"{which}:N", scale=alt.Scale(domain=names, range=shapes), legend=key)
    base = alt.Chart(values(rows))
    line = base.mark_line(color=GREY, strokeWidth=1.4).encode(x, axis_of(labels), alt.Detail("label:N"))
    mark = base.mark_point(filled=True, size=38, stroke=BLACK, strokeWidth=1.1, opacity=1)
    return [line, mark.encode(x, axis_of(labels), fill, shape, tooltip=list(tooltip))]


def axis_title(rows: pl.DataFrame) -> str:
    """What the axis of scores says: the metric."""
    metrics = rows["metric"].drop_nulls().unique().to_list()
    metric = metrics[0] if len(metrics) == 1 else "score"
    return _AXES.get(metric, metric)
