"""How alignment changes while models are trained."""

from typing import Final

import polars as pl

from brainlake.errors import BrainlakeError
from brainlake.figures.grammar import Chart, alt
from brainlake.figures.labels import labels
from brainlake.figures.study_questions import asked_in
from brainlake.figures.theme import COLOURS, DASHES, SHAPES, Width, domain, styled, values
from brainlake.study.training import training_curves as curves

_LOGARITHMIC: Final = 50
"""Ratio of the last to the first step from which on steps stand on a logarithmic axis."""

_BESIDE: Final = 4
"""Pixels between trainings at the same step."""


def training_rows(scores: pl.DataFrame, models: pl.DataFrame, benchmarks: pl.DataFrame | None = None) -> pl.DataFrame:
    """Checkpoints of trainings on one question; ``training`` names the training.

    Raises
    ------
    BrainlakeError
        If no training has scores of two checkpoints, or they answer several questions.
    """
    return curve_rows(curves(scores, models, benchmarks))


def curve_rows(found: pl.DataFrame) -> pl.DataFrame:
    """The same of curves that were made before, without checkpoints that have no score."""
    found = found.drop_nulls("score").filter(pl.len().over("start", "tuning", "hub_id", "quantization") > 1)
    if found.is_empty():
        raise BrainlakeError("no training has scores of two checkpoints; the table models says which step a model is")
    asked_in(found)
    pairs = found.select("start", "tuning").iter_rows()
    trainings = [(f"{start} ({tuning or 'tuning not known'})", None) for start, tuning in pairs]
    named = labels(trainings)
    if len(named) > len(COLOURS):
        raise BrainlakeError(f"{len(named)} trainings: a figure tells {len(COLOURS)} apart; filter the models")
    return found.with_columns(training=pl.Series([named[one] for one in trainings], dtype=pl.String))


def training_curve(
    scores: pl.DataFrame,
    models: pl.DataFrame,
    benchmarks: pl.DataFrame | None = None,
    *,
    width: Width = "page",
) -> Chart:
    """Draw the score of every checkpoint, a line a training.

    Parameters
    ----------
    scores, models, benchmarks
        As :func:`brainlake.training_curves`, of one question.
    width
        ``column`` (88 mm) or ``page`` (180 mm).

    Raises
    ------
    BrainlakeError
        If no training has scores of two checkpoints, they answer several questions, or there are more than seven
        trainings, which no line tells apart.
    """
    return curve(training_rows(scores, models, benchmarks), width=width)


def curve(rows: pl.DataFrame, *, width: Width = "page") -> Chart:
    """Draw what ``training_rows`` returned."""
    names = rows["training"].unique(maintain_order=True).to_list()
    steps = rows["training_step"].to_list()
    log = min(steps) > 0 and max(steps) / min(steps) >= _LOGARITHMIC
    x_scale = alt.Scale(type="log") if log else alt.Scale(domain=domain(steps), nice=False)
    x_axis = alt.Axis(title="training step" + (" (log)" if log else ""), grid=False, tickCount=5, format="~s")
    x = alt.X("training_step:Q", scale=x_scale, axis=x_axis)
    ends = domain(x for name in ("score", "ci_low", "ci_high") for x in rows[name].to_list())
    y_scale = alt.Scale(domain=ends, nice=False)
    y = alt.Y("score:Q", scale=y_scale, axis=alt.Axis(title="score", tickCount=5))
    of = {"domain": names}
    key = alt.Legend(title=None, columns=2, symbolOpacity=1, symbolStrokeWidth=0) if len(names) > 1 else None
    colour = alt.Color("training:N", scale=alt.Scale(range=list(COLOURS[: len(names)]), **of), legend=key)
    shape = alt.Shape("training:N", scale=alt.Scale(range=list(SHAPES[: len(names)]), **of), legend=key)
    dashes = [list(dash) for dash in DASHES[: len(names)]]
    dash = alt.StrokeDash("training:N", scale=alt.Scale(range=dashes, **of), legend=None)
    low = alt.Y("ci_low:Q", scale=y_scale)
    parts: list[Chart] = []
    for place, name in enumerate(names):
        one = rows.filter(training=name)
        base = alt.Chart(values(one))
        # Checkpoints of several trainings have the same steps: their intervals would lie over each other.
        beside = _BESIDE * (place - (len(names) - 1) / 2)
        parts.append(base.mark_line(strokeWidth=1.4, xOffset=beside).encode(x, y, colour, dash))
        if one["ci_low"].is_not_null().any():
            bars = base.mark_rule(opacity=0.7, xOffset=beside)
            parts.append(bars.encode(x, low, alt.Y2("ci_high:Q"), colour))
        points = base.mark_point(filled=True, size=34, opacity=1, xOffset=beside)
        parts.append(points.encode(x, y, colour, shape, tooltip=["model:N", "training_step:Q", "score:Q"]))
    return styled(alt.layer(*parts).properties(height=190), width, asked_in(rows))
