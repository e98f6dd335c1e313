"""Reading times against surprisal, in deciles."""

from typing import Final

import polars as pl

from brainlake.errors import BrainlakeError
from brainlake.figures.grammar import Chart, alt
from brainlake.figures.labels import labels
from brainlake.figures.questions import about
from brainlake.figures.theme import COLOURS, DASHES, SHAPES, Width, domain, pixels, plot_title, styled, values

TOGETHER: Final = 4
"""Models that share one plot."""
_COLUMNS: Final[dict[Width, int]] = {"column": 2, "page": 4}
_MOST_PANELS: Final = 40
_NEEDED: Final = ("benchmark", "measure", "stimulus_set", "model", "recipe", "bin", "predictor_mean", "value", "ci_low")


def decile_rows(shapes: pl.DataFrame) -> pl.DataFrame:
    """Rows of ``shapes`` of one benchmark and measure, with labels.

    Raises
    ------
    BrainlakeError
        If it is no table of shapes, has no values, or is about several questions.
    """
    missing = [name for name in (*_NEEDED, "ci_high") if name not in shapes.columns]
    if missing:
        raise BrainlakeError(f"shapes: no column {', '.join(missing)}: give what surprisal_shapes returns")
    rows = shapes.filter(pl.col("value").is_finite())
    if rows.is_empty():
        raise BrainlakeError("no reading times in deciles of surprisal")
    asked = rows.select("benchmark", "measure", "stimulus_set", "protocol").unique()
    if len(asked) > 1:
        raise BrainlakeError("a figure has one benchmark, measure and stimulus set, and these shapes have several")
    keys = list(rows.select("model", "recipe").iter_rows())
    named = labels(keys)
    return rows.with_columns(label=pl.Series([named[key] for key in keys], dtype=pl.String)).sort(
        "label", "bin", maintain_order=True
    )


def surprisal_deciles(shapes: pl.DataFrame, *, width: Width = "page") -> Chart:
    """Draw how reading times go with surprisal, when what else is known of the words is taken out.

    Parameters
    ----------
    shapes
        What ``surprisal_shapes`` returned, of one benchmark, measure and stimulus set.
    width
        ``column`` (88 mm) or ``page`` (180 mm).

    Raises
    ------
    BrainlakeError
        If it is no table of shapes, has no values, or is about several questions.
    """
    rows = decile_rows(shapes)
    title = about(rows.row(0, named=True))
    names = rows["label"].unique(maintain_order=True).to_list()
    if len(names) <= TOGETHER:
        return styled(_plot(rows, names, rows, True, True).properties(height=190), width, title)
    columns = _COLUMNS[width]
    inner = (pixels(width) - 62) // columns - 12
    shown = names[:_MOST_PANELS]
    plots = [
        _plot(rows.filter(label=name), [name], rows, place % columns == 0, place + columns >= len(shown)).properties(
            width=inner, height=80, title=plot_title(name, inner)
        )
        for place, name in enumerate(shown)
    ]
    more = f" ({len(shown)} of {len(names)} models)" if len(names) > len(shown) else ""
    return styled(alt.concat(*plots, columns=columns, spacing={"row": 6, "column": 8}), width, title + more)


def _plot(rows: pl.DataFrame, names: list[str], whole: pl.DataFrame, left: bool, bottom: bool) -> alt.LayerChart:
    numbers = [x for name in ("value", "ci_low", "ci_high") for x in whole[name].to_list()]
    x_scale = alt.Scale(domain=domain(whole["predictor_mean"].to_list()), nice=False)
    x_axis = alt.Axis(title="surprisal (bits)" if bottom else None, labels=bottom, grid=False, tickCount=5)
    x = alt.X("predictor_mean:Q", scale=x_scale, axis=x_axis)
    y_scale = alt.Scale(domain=domain(numbers), nice=False)
    y_axis = alt.Axis(title="residual" if left else None, labels=left, ticks=left, domain=left, tickCount=4)
    of = {"domain": names}
    key = (
        alt.Legend(title=None, symbolOpacity=1, symbolStrokeWidth=0, columns=1 if len(names) > 2 else 2)
        if len(names) > 1
        else None
    )
    colour = alt.Color("label:N", scale=alt.Scale(range=list(COLOURS[: len(names)]), **of), legend=key)
    shape = alt.Shape("label:N", scale=alt.Scale(range=list(SHAPES[: len(names)]), **of), legend=key)
    dash = alt.StrokeDash("label:N", scale=alt.Scale(range=[list(d) for d in DASHES[: len(names)]], **of), legend=None)
    base = alt.Chart(values(rows))
    y = alt.Y("value:Q", scale=y_scale, axis=y_axis)
    parts: list[Chart] = [base.mark_line(strokeWidth=1.2).encode(x, y, colour, dash)]
    if rows["ci_low"].is_not_null().any():
        low = alt.Y("ci_low:Q", scale=y_scale, axis=y_axis)
        parts.append(base.mark_rule(opacity=0.7).encode(x, low, alt.Y2("ci_high:Q"), colour))
    points = base.mark_point(filled=True, size=30, opacity=1)
    parts.append(points.encode(x, y, colour, shape, tooltip=["label:N", "predictor_mean:Q", "value:Q", "n_stimuli:Q"]))
    return alt.layer(*parts)
