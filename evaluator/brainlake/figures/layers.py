"""Scores of layers, from the embedding to the last block."""

from typing import Any, Final

import polars as pl

from brainlake.figures.grammar import Chart, alt
from brainlake.figures.questions import about, one_question
from brainlake.figures.rows import of_kind
from brainlake.figures.theme import (
    BLACK,
    COLOURS,
    DASHES,
    GREY,
    SHAPES,
    SIZE,
    Width,
    domain,
    pixels,
    plot_title,
    styled,
    values,
)

TOGETHER: Final = 4
"""Models that share one plot; more have a small one each."""
HEIGHT: Final = 190
_COLUMNS: Final[dict[Width, int]] = {"column": 3, "page": 5}
_MOST_PANELS: Final = 60
_AXIS: Final = 40
_KEPT: Final = (
    *("benchmark", "model", "recipe", "label", "sort", "kind", "layer", "score", "ci_low", "ci_high", "ceiling"),
)
RELATIVE: Final = "Models differ in depth: layers stand at their share of the last layer that was scored."


def layer_rows(scores: pl.DataFrame) -> pl.DataFrame:
    """Rows of layers and of baselines; ``depth`` is the layer as a share of the model's last one that was scored.

    Raises
    ------
    BrainlakeError
        If scores answer several questions, or have no layers.
    """
    found = of_kind(one_question(scores), "layer")
    rest = scores.filter(~pl.col("model").is_in(found["model"].unique().to_list()), kind="headline")
    baselines = of_kind(rest, "headline").filter(sort="baseline") if len(rest) and _any_baseline(rest) else None
    rows = found if baselines is None else pl.concat([found, baselines])
    last = pl.col("layer").max().over("label")
    depth = pl.when(last > 0).then(pl.col("layer") / last).otherwise(0.0).alias("depth")
    return rows.select(*_KEPT, depth).sort("layer", maintain_order=True, nulls_last=True)


def unlike_depths(rows: pl.DataFrame) -> bool:
    """Whether models have different last layers, so that only their relative depth compares."""
    return rows.group_by("label").agg(pl.col("layer").max())["layer"].drop_nulls().n_unique() > 1


def _any_baseline(rows: pl.DataFrame) -> bool:
    whole = rows.filter(pl.all_horizontal(pl.col(name).is_null() for name in ("subject", "roi", "target_id")))
    return bool((whole["model"].str.starts_with("baseline:") & whole["score"].is_finite()).any())


def layer_profile(scores: pl.DataFrame, *, width: Width = "page") -> Chart:
    """Draw the score of every layer with its interval, the ceiling and the baselines.

    Up to four models share a plot; more have a small one each, on the same axes.

    Parameters
    ----------
    scores
        Rows of ``scores`` that answer one question, those of layers among them.
    width
        ``column`` (88 mm) or ``page`` (180 mm).

    Raises
    ------
    BrainlakeError
        If scores answer several questions, or have no layers.
    """
    rows = layer_rows(scores)
    title = about(scores.row(0, named=True))
    models = rows.filter(pl.col("layer").is_not_null())["label"].unique(maintain_order=True).to_list()
    if len(models) <= TOGETHER:
        return styled(_plot(rows, models, rows, legend=True).properties(height=HEIGHT), width, title)
    columns = _COLUMNS[width]
    inner = (pixels(width) - _AXIS - 22) // columns - 12
    shown = models[:_MOST_PANELS]
    panels = [
        _plot(
            rows.filter((pl.col("label") == model) | (pl.col("sort") == "baseline")),
            [model],
            rows,
            legend=False,
            left=place % columns == 0,
            bottom=place + columns >= len(shown),
        ).properties(
            width=inner,
            height=60,
            title=plot_title(model, inner),
        )
        for place, model in enumerate(shown)
    ]
    more = f" ({len(shown)} of {len(models)} models)" if len(models) > len(shown) else ""
    return styled(alt.concat(*panels, columns=columns, spacing={"row": 6, "column": 8}), width, title + more)


def _plot(
    rows: pl.DataFrame,
    models: list[str],
    whole: pl.DataFrame,
    *,
    legend: bool,
    left: bool = True,
    bottom: bool = True,
) -> alt.LayerChart:
    """A plot of some models on axes that hold the whole; inside a grid only the outer axes have labels."""
    layers = rows.filter(pl.col("layer").is_not_null())
    numbers = [x for name in ("score", "ci_low", "ci_high", "ceiling") for x in whole[name].to_list()]
    relative = unlike_depths(whole)
    where = "depth" if relative else "layer"
    least, most = whole[where].min(), whole[where].max()
    x_scale = alt.Scale(domain=[least, most if most != least else most + 1], nice=False, padding=6)  # type: ignore[operator]
    name = "layer" if not relative else "relative depth" if legend else "depth"
    ticks = {"format": ".1f", "values": [0, 0.5, 1]} if relative else {"format": "d", "tickMinStep": 1}
    x_axis = alt.Axis(**ticks, grid=False, labels=bottom, title=name if bottom else None)
    y_axis = alt.Axis(tickCount=4, labels=left, ticks=left, domain=left, title="score" if left else None)
    x = alt.X(f"{where}:Q", scale=x_scale, axis=x_axis)
    y = alt.Y("score:Q", scale=alt.Scale(domain=domain(numbers), nice=False), axis=y_axis)
    shown = (
        None
        if not legend or len(models) < 2
        else alt.Legend(title=None, symbolOpacity=1, symbolStrokeWidth=0, columns=1 if len(models) > 2 else 2)
    )
    of = {"domain": models}
    colour = alt.Color("label:N", scale=alt.Scale(range=list(COLOURS[: len(models)]), **of), legend=shown)
    dash = alt.StrokeDash("label:N", scale=alt.Scale(range=[list(d) for d in DASHES[: len(models)]], **of), legend=None)
    shape = alt.Shape("label:N", scale=alt.Scale(range=list(SHAPES[: len(models)]), **of), legend=shown)
    base = alt.Chart(values(layers))
    parts: list[Chart] = []
    if layers["ci_low"].is_not_null().any():
        band = base.mark_area(opacity=0.15).encode(x, alt.Y("ci_low:Q", axis=y_axis), alt.Y2("ci_high:Q"), colour)
        parts.append(band)
    parts.append(base.mark_line(strokeWidth=1.4).encode(x, y, colour, dash))
    if legend or _has_gaps(layers):  # In a small plot of all layers dots would be most of the file, and hide the line.
        dots = base.mark_point(size=22 if legend else 8, filled=True, opacity=1)
        parts.append(dots.encode(x, y, colour, shape, tooltip=["label:N", "layer:Q", "score:Q"]))
    parts += _references(rows, y_axis, domain(numbers), legend)
    return alt.layer(*parts)


def _has_gaps(layers: pl.DataFrame) -> bool:
    """Whether layers are missing between those that were scored, or there is one alone."""
    steps = layers.filter(pl.col("score").is_finite())["layer"].unique().sort().diff().drop_nulls()
    return steps.is_empty() or steps.max() != 1


def _references(rows: pl.DataFrame, y_axis: alt.Axis, ends: list[float], named: bool) -> list[Chart]:
    """Lines of the ceiling, which a median over regions has one of, and of baselines."""
    parts: list[Chart] = []
    ceilings = rows.filter(pl.col("layer").is_not_null())["ceiling"].drop_nulls().unique().to_list()
    baselines = rows.filter(pl.col("layer").is_null() & pl.col("score").is_finite()).sort("score", descending=True)
    lines = [{"score": c, "name": "ceiling", "what": "ceiling"} for c in ceilings[:1]] if len(ceilings) == 1 else []
    lines += [{"score": row["score"], "name": row["label"], "what": "baseline"} for row in baselines.to_dicts()]
    for what, style in (
        ("ceiling", {"color": BLACK, "strokeDash": [7, 3], "strokeWidth": 1.2}),
        ("baseline", {"color": GREY, "strokeDash": [2, 3], "strokeWidth": 1}),
    ):
        here = [line for line in lines if line["what"] == what]
        if not here:
            continue
        data = alt.InlineData(values=here)
        parts.append(alt.Chart(data).mark_rule(**style).encode(alt.Y("score:Q", axis=y_axis)))
        if named:
            text = alt.Chart(alt.InlineData(values=_with_room(here, ends)))
            mark = text.mark_text(
                align="right", baseline="bottom", dx=-2, dy=-2, fontSize=SIZE - 1, color=style["color"]
            )
            parts.append(mark.encode(alt.Y("score:Q", axis=y_axis), alt.Text("name:N"), x=alt.value("width")))
    return parts


def _with_room(lines: list[dict[str, Any]], ends: list[float]) -> list[dict[str, Any]]:
    """Lines, from above, whose names have room: those of lines that lie close together cannot be read."""
    found: list[dict[str, Any]] = []
    for line in lines:
        if not found or (found[-1]["score"] - line["score"]) / (ends[1] - ends[0]) * HEIGHT > SIZE:
            found.append(line)
    return found
