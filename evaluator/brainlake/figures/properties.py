"""Alignment against the size of models, or any other property of them."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import polars as pl

from brainlake.errors import BrainlakeError, UnknownNameError
from brainlake.figures.grammar import Chart, alt
from brainlake.figures.labels import labels
from brainlake.figures.study_questions import asked_in, study_questions, unit_of
from brainlake.figures.theme import BLACK, COLOURS, GREY, SHAPES, SIZE, Width, domain, styled, values
from brainlake.report.cells import number
from brainlake.study.lineage import lineage
from brainlake.study.model_scores import QUESTION, Score, model_scores
from brainlake.study.properties import LOG_SIZE, OF_MODELS, property_correlations

_MOST_NAMED: Final = 12
"""Models whose names stand beside their dots; of more there is no room."""
_FEWEST: Final = 4
"""Models of a correlation, as in the study: a line through fewer shows nothing."""
_PROPERTIES: Final = {"model": pl.String, "property": pl.String, "value": pl.Float64, "source": pl.String}
_OF_R: Final = {"r": "r", "r_low": "ci_low", "r_high": "ci_high", "r_method": "ci_method", "n_bases": "n_bases"}


def property_rows(
    scores: pl.DataFrame,
    models: pl.DataFrame,
    properties: pl.DataFrame | None = None,
    property: str = LOG_SIZE,
    benchmarks: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """A row a question and model: score and interval, value, the line of least squares, and the correlation.

    Raises
    ------
    UnknownNameError
        If no model has such a property.
    BrainlakeError
        If fewer than four models have both, two sources measured it, or scores or models contradict each other.
    """
    known = lineage(models)
    table = pl.DataFrame(schema=_PROPERTIES) if properties is None else properties.select(tuple(_PROPERTIES))
    value_of, source = _values_of(property, table, models)
    found = property_correlations(scores, table, models, benchmarks).filter(
        pl.col("given").is_null(), pl.col("left_out").is_null(), property=property, source=source, method="pearson"
    )
    rows: list[dict[str, Any]] = []
    for asked, of_models in model_scores(scores, benchmarks).items():
        both = {name: one for name, one in of_models.items() if name in value_of and known[name].counts}
        if len(both) < _FEWEST:
            continue
        facts = asked.about | {"property": property, "source": source, "n_models": len(both)}
        same = [pl.col(name).eq_missing(pl.lit(asked.about[name], dtype=found.schema[name])) for name in QUESTION]
        with_r = found.filter(*same, n_models=len(both)).head(1).to_dicts()
        facts |= {name: with_r[0][column] if with_r else None for name, column in _OF_R.items()}
        rows += [
            facts | {"family": known[name].family, "value": value_of[name]} | one
            for name, one in _fitted(both, value_of)
        ]
    if not rows:
        raise BrainlakeError(f"fewer than {_FEWEST} models have both a score and a value of {property}")
    kinds: dict[str, Any] = dict.fromkeys(("stimulus_set", "measure", "recipe", "r_method"), pl.String)
    kinds |= dict.fromkeys(("ci_low", "ci_high", "r", "r_low", "r_high", "fit"), pl.Float64)
    return pl.DataFrame(rows, schema_overrides=kinds, infer_schema_length=None)


def _values_of(property: str, table: pl.DataFrame, models: pl.DataFrame) -> tuple[dict[str, float], str]:
    if property == LOG_SIZE:
        sizes = models.select("model", "n_params").drop_nulls().unique()
        return {name: float(np.log10(n)) for name, n in sizes.iter_rows() if n > 0}, OF_MODELS
    here = table.filter(property=property)
    sources = here["source"].unique().to_list()
    if not sources:
        raise UnknownNameError("property", property, [LOG_SIZE, *table["property"].unique()])
    if len(sources) > 1:
        raise BrainlakeError(f"{property} has {len(sources)} sources, {', '.join(sources)}: filter to one")
    return dict(here.select("model", "value").iter_rows()), sources[0]


def _fitted(scores: Mapping[str, Score], value_of: Mapping[str, float]) -> list[tuple[str, dict[str, Any]]]:
    """Scores beside the line of least squares through them; no line where values do not vary."""
    x = np.array([value_of[name] for name in scores])
    y = np.array([one.value for one in scores.values()])
    line = np.polynomial.Polynomial.fit(x, y, 1)(x) if np.ptp(x) > 0 else np.full(len(x), np.nan)
    names = labels((name, None) for name in scores)
    return [
        (
            name,
            {
                "model": name,
                "label": names[name, None],
                "score": one.value,
                "ci_low": one.low,
                "ci_high": one.high,
                "fit": None if np.isnan(fit) else float(fit),
            },
        )
        for (name, one), fit in zip(scores.items(), line, strict=True)
    ]


def against_property(
    scores: pl.DataFrame,
    models: pl.DataFrame,
    properties: pl.DataFrame | None = None,
    property: str = LOG_SIZE,
    benchmarks: pl.DataFrame | None = None,
    *,
    width: Width = "page",
) -> Chart:
    """Draw scores against a property of models, with the line of least squares.

    Parameters
    ----------
    scores, models, benchmarks
        As :func:`brainlake.property_correlations`, of one question.
    properties
        The table ``model_properties``; not needed for the size.
    property
        Which; by default the logarithm of the number of parameters.
    width
        ``column`` (88 mm) or ``page`` (180 mm).

    Raises
    ------
    UnknownNameError
        If no model has such a property.
    BrainlakeError
        If fewer than four models have both, two sources measured it, or scores answer several questions.
    """
    return scatter(property_rows(scores, models, properties, property, benchmarks), width=width)


def scatter(rows: pl.DataFrame, *, width: Width = "page") -> Chart:
    """Draw what ``property_rows`` returned."""
    title = asked_in(rows)
    row = rows.row(0, named=True)
    families = sorted(rows["family"].unique())
    several = 1 < len(families) <= len(SHAPES)
    x_scale = alt.Scale(domain=domain(rows["value"].to_list(), zero=False), nice=False, zero=False)
    ends = domain([x for name in ("score", "ci_low", "ci_high") for x in rows[name].to_list()], zero=False)
    y_scale = alt.Scale(domain=ends, nice=False, zero=False)
    what = "parameters (log10)" if row["property"] == LOG_SIZE else row["property"]
    x = alt.X("value:Q", scale=x_scale, axis=alt.Axis(title=what, grid=False, tickCount=6))
    y = alt.Y("score:Q", scale=y_scale, axis=alt.Axis(title=unit_of(row), tickCount=5))
    base = alt.Chart(values(rows))
    parts: list[Chart] = []
    if rows["fit"].is_not_null().any():
        parts.append(
            base.mark_line(color=GREY, strokeWidth=1.4, strokeDash=[6, 3]).encode(x, alt.Y("fit:Q", scale=y_scale))
        )
    if rows["ci_low"].is_not_null().any():
        parts.append(base.mark_rule(color=GREY).encode(x, alt.Y("ci_low:Q", scale=y_scale), alt.Y2("ci_high:Q")))
    mark = base.mark_point(filled=True, size=42, opacity=1, color=BLACK).encode(
        x, y, tooltip=["label:N", "value:Q", "score:Q"]
    )
    if several:
        key = alt.Legend(title="family", columns=3)
        colours, shapes = list(COLOURS[: len(families)]), list(SHAPES[: len(families)])
        mark = mark.encode(
            alt.Color("family:N", scale=alt.Scale(domain=families, range=colours), legend=key),
            alt.Shape("family:N", scale=alt.Scale(domain=families, range=shapes), legend=key),
        )
    if len(rows) <= _MOST_NAMED:  # below the dots, none of which their white edges may hide
        parts += [text for align, side in _sides(rows) if len(side) for text in _named(side, align, x, y)]
    parts.append(mark)
    return styled(alt.layer(*parts).properties(height=220), width, title, said(row))


def _sides(rows: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    """Rows whose names stand on the right of their dots, and on the left: a name does not leave the figure."""
    middle = (min(rows["value"]) + max(rows["value"])) / 2
    return [("left", rows.filter(pl.col("value") <= middle)), ("right", rows.filter(pl.col("value") > middle))]


def _named(rows: pl.DataFrame, align: str, x: alt.X, y: alt.Y) -> list[Chart]:
    """Names on a white edge, which keeps lines below them from crossing them out."""
    base, place = alt.Chart(values(rows)), {"align": align, "dx": 6 if align == "left" else -6, "dy": -6}
    edge = base.mark_text(**place, fontSize=SIZE - 1, stroke="white", strokeWidth=3)
    return [text.encode(x, y, alt.Text("label:N")) for text in (edge, base.mark_text(**place, fontSize=SIZE - 1))]


def said(row: Mapping[str, Any]) -> str:
    """The correlation with its interval in words."""
    if row["r"] is None:
        return f"{row['n_models']} models"
    span = "" if row["r_low"] is None else f" [{number(row['r_low'])}, {number(row['r_high'])}]"
    return f"r = {number(row['r'])}{span}, {row['n_models']} models of {row['n_bases']} bases"


def property_names(properties: pl.DataFrame) -> list[str]:
    """Properties that one source measured, after the size."""
    by_name = properties.group_by("property", maintain_order=True).agg(pl.col("source").n_unique())
    return [LOG_SIZE, *(name for name, sources in by_name.iter_rows() if sources == 1)]


def by_question(rows: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    """What ``property_rows`` returned, a question at a time."""
    return list(study_questions(rows))
