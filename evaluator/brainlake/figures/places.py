"""Scores where they were recorded: three projections."""

from typing import Final

import polars as pl

from brainlake.errors import BrainlakeError, UnknownNameError
from brainlake.figures.dots import axis_title
from brainlake.figures.grammar import Chart, alt
from brainlake.figures.labels import labels
from brainlake.figures.questions import about, one_question
from brainlake.figures.theme import BLACK, GREYS, Width, domain, pixels, styled, values

MOST: Final = 1000
"""Targets that have a dot each; more are averaged in cubes."""
CUBE: Final = 4.0
"""Edge of a cube in mm."""
PROJECTIONS: Final = {"from above": ("x", "y"), "from the right": ("y", "z"), "from behind": ("x", "z")}
_WHERE: Final = ("subject", "target_id", "space", "x", "y", "z")


def place_rows(scores: pl.DataFrame, targets: pl.DataFrame, model: str | None = None) -> pl.DataFrame:
    """Headline rows of the targets that have coordinates, of one model.

    Raises
    ------
    UnknownNameError
        If no target of such a model was scored.
    BrainlakeError
        If scores answer several questions, single targets were not scored, or none of them has coordinates in mm.
    """
    rows = one_question(scores).filter(pl.col("target_id").is_not_null(), pl.col("score").is_finite(), kind="headline")
    if rows.is_empty():
        raise BrainlakeError("no scores by target: score with --by target")
    means = rows.group_by("model", "recipe", maintain_order=True).agg(pl.col("score").median())
    if model is not None and model not in means["model"]:
        raise UnknownNameError("model", model, means["model"])
    of = means if model is None else means.filter(model=model)
    best = of.sort("score", descending=True, maintain_order=True).row(0, named=True)
    rows = rows.filter(pl.col("recipe").eq_missing(pl.lit(best["recipe"], dtype=pl.String)), model=best["model"])
    there = targets.filter(
        pl.all_horizontal(pl.col(name).is_finite() for name in "xyz"), benchmark=rows["benchmark"][0]
    )
    found = rows.join(there.select(_WHERE).unique(), on=["subject", "target_id"], how="inner", maintain_order="left")
    if found.is_empty():
        raise BrainlakeError("no target that was scored has coordinates (targets: x, y, z)")
    return found.select("benchmark", "model", "recipe", "roi", *_WHERE, "metric", "score")


def scores_in_place(
    scores: pl.DataFrame, targets: pl.DataFrame, model: str | None = None, *, width: Width = "page"
) -> Chart:
    """Draw scores of targets at their coordinates, from above, from the right and from behind.

    Parameters
    ----------
    scores
        Rows of ``scores`` that answer one question, scored by target.
    targets
        The table ``targets`` of a bank.
    model
        By default the one whose median over targets is highest.
    width
        ``column`` (88 mm) or ``page`` (180 mm).

    Raises
    ------
    UnknownNameError
        If no target of such a model was scored.
    BrainlakeError
        If scores answer several questions, single targets were not scored, or none of them has coordinates in mm.
    """
    rows = place_rows(scores, targets, model)
    ends = domain(rows["score"].to_list(), zero=False)
    columns = 3 if width == "page" else 1
    inner = (pixels(width) - 60) // columns - (46 if columns > 1 else 30)
    spans = {name: _span(rows[name]) for name in "xyz"}
    plots = [
        _projection(rows, across, up, ends).properties(
            width=inner,
            height=round(inner * min(1.4, (spans[up][1] - spans[up][0]) / (spans[across][1] - spans[across][0]))),
            title=alt.TitleParams(name, fontWeight="normal"),
        )
        for place, (name, (across, up)) in enumerate(PROJECTIONS.items())
    ]
    who = labels(rows.select("model", "recipe").unique().iter_rows())
    title = f"{about(scores.row(0, named=True))}: {next(iter(who.values()))}"
    return styled(alt.concat(*plots, columns=columns, spacing=10), width, title)


def _span(numbers: pl.Series) -> list[float]:
    found = domain(numbers.to_list(), zero=False)
    return found if found[1] - found[0] > 1 else [found[0] - 5, found[1] + 5]


def _projection(rows: pl.DataFrame, across: str, up: str, ends: list[float]) -> Chart:
    if len(rows) > MOST:
        cube = [((pl.col(axis) / CUBE).floor() * CUBE + CUBE / 2).alias(axis) for axis in (across, up)]
        shown = rows.with_columns(cube).group_by(across, up, maintain_order=True).agg(pl.col("score").mean())
    else:
        shown = rows.select(across, up, "score", "target_id")
    shown = shown.sort("score")  # what is high is drawn last, and seen
    key = alt.Legend(title=axis_title(rows), gradientLength=120, orient="bottom", type="gradient")
    colour = alt.Fill("score:Q", scale=alt.Scale(domain=ends, range=list(GREYS)), legend=key)
    size = 60 if len(shown) < 100 else 24 if len(shown) < 400 else 12
    mark = alt.Chart(values(shown)).mark_point(filled=True, size=size, stroke=BLACK, strokeWidth=0.5, opacity=1)
    scales = {axis: alt.Scale(domain=_span(rows[axis]), nice=False, zero=False) for axis in (across, up)}
    return mark.encode(
        alt.X(f"{across}:Q", scale=scales[across], axis=alt.Axis(title=f"{across} (mm)", grid=False, tickCount=4)),
        alt.Y(f"{up}:Q", scale=scales[up], axis=alt.Axis(title=f"{up} (mm)", grid=False, tickCount=4)),
        colour,
    )
