"""Models by benchmarks: every headline score in its cell."""

import json
from typing import Any, Final

import polars as pl

from brainlake.alignment.design.score_row import BASELINE
from brainlake.errors import BrainlakeError
from brainlake.figures.dots import MOST
from brainlake.figures.grammar import Chart, alt
from brainlake.figures.harmless import harmless_text
from brainlake.figures.questions import QUESTION, checked, one_question, questions
from brainlake.figures.rows import of_kind
from brainlake.figures.text_width import cut
from brainlake.figures.theme import BLACK, GREYS, SIZE, STEP, Width, label_space, pixels, styled, values
from brainlake.report.cells import number

MOST_COLUMNS: Final[dict[Width, int]] = {"column": 6, "page": 14}
_HIGHEST: Final = 130
"""Pixels of the name of a column."""
_KEPT: Final = (*QUESTION, "model", "recipe", "label", "sort", "metric", "score", "shade", "asked", "text")


def matrix_rows(scores: pl.DataFrame) -> pl.DataFrame:
    """Headline rows of all questions; ``shade`` is 0 at the lowest score of a question and 1 at its highest.

    Models come in the order of their mean shade, baselines after them; of baselines that every model has one of, those
    whose cells read alike share a row.

    Raises
    ------
    BrainlakeError
        If there are fewer than two questions with a score.
    """
    named = of_kind(checked(scores), "headline").filter(pl.col("score").is_finite())
    for _, part in questions(scores):
        one_question(part)
    parts = list(questions(named))
    if len(parts) < 2:
        raise BrainlakeError("a matrix needs two benchmarks, measures or protocols, and there is one")
    least, most = pl.col("score").min(), pl.col("score").max()
    shade = pl.when(most > least).then((pl.col("score") - least) / (most - least)).otherwise(0.5)
    heads = _heads([part.row(0, named=True) for _, part in parts])
    rows = pl.concat(
        [part.with_columns(shade=shade, asked=pl.lit(head)) for head, (_, part) in zip(heads, parts, strict=True)]
    )
    rows = rows.with_columns(
        text=pl.Series([number(s, 4 if m == "delta_llh" else 3) for s, m in rows.select("score", "metric").iter_rows()])
    )
    rows = _shared(rows)
    order = rows.group_by("label", "sort", maintain_order=True).agg(pl.col("shade").mean())
    order = order.sort(pl.col("sort") == "baseline", "shade", descending=[False, True], maintain_order=True)
    return rows.select(_KEPT).sort(pl.col("label").cast(pl.Enum(order["label"])), maintain_order=True)


def models_by_benchmarks(scores: pl.DataFrame, *, width: Width = "page") -> Chart:
    """Draw the headline score of every model on every benchmark, darker where it is higher on that benchmark.

    Parameters
    ----------
    scores
        Rows of ``scores`` of several benchmarks, measures or protocols.
    width
        ``column`` (88 mm) or ``page`` (180 mm).

    Raises
    ------
    BrainlakeError
        If there are fewer than two questions with a score.
    """
    rows = matrix_rows(scores)
    labels = rows["label"].unique(maintain_order=True).to_list()
    asked = rows["asked"].unique(maintain_order=True).to_list()
    shown, columns = labels[:MOST], asked[: MOST_COLUMNS[width]]
    rows = rows.filter(pl.col("label").is_in(shown), pl.col("asked").is_in(columns))
    # Titles of columns end where names differ; two that are cut alike still stand in two columns.
    heads = {name: cut(name, _HIGHEST, SIZE) for name in columns}
    upright = width == "column"
    x_axis = alt.Axis(
        title=None, orient="top", labelAngle=-90 if upright else -40,
        labelOverlap=False, labelAlign="left", ticks=False, domain=False, labelLimit=1000,
        labelExpr=_expression(heads),
    )  # fmt: skip
    x = alt.X("asked:N", scale=alt.Scale(domain=columns), axis=x_axis)
    scale = alt.Scale(domain=shown)
    y = alt.Y(
        "label:N",
        scale=scale,
        title=None,
        axis=alt.Axis(labelLimit=1000, ticks=False, domain=False, labelOverlap=False),
    )
    base = alt.Chart(values(rows)).encode(x, y)
    colour = alt.Color("shade:Q", scale=alt.Scale(domain=[0, 1], range=list(GREYS)), legend=None)
    cells = base.mark_rect(stroke="white", strokeWidth=1).encode(colour, tooltip=["label:N", "asked:N", "score:Q"])
    ink = alt.condition("datum.shade > 0.5", alt.value("white"), alt.value(BLACK))
    text = base.mark_text(fontSize=SIZE - 1).encode(alt.Text("text:N"), color=ink)
    cut_off = [f"{len(shown)} of {len(labels)} models"] if len(labels) > len(shown) else []
    cut_off += [f"{len(columns)} of {len(asked)} benchmarks"] if len(asked) > len(columns) else []
    title = "models by benchmarks" + (f" ({', '.join(cut_off)})" if cut_off else "")
    inner = min(pixels(width) - label_space(shown) - (12 if upright else 0.77 * _HIGHEST), 90 * len(columns))
    plot = alt.layer(cells, text).properties(width=inner, height=alt.Step(STEP + 2))
    return styled(alt.hconcat(plot), width, title)


def _shared(rows: pl.DataFrame) -> pl.DataFrame:
    """One row for ``n_tokens(a)`` and ``n_tokens(b)`` where they have the same cells: their tokenizers count alike."""
    family = pl.when(pl.col("sort") == "baseline").then(pl.col("model").str.extract(r"^([^(]+)\("))
    read = rows.with_columns(family=family).group_by("label", "family", maintain_order=True)
    alike = read.agg(cells=pl.concat_str("asked", "text", separator=" ").sort().str.join("; "))
    same = (
        alike.drop_nulls("family")
        .group_by("family", "cells", maintain_order=True)
        .agg("label")
        .filter(pl.col("label").list.len() > 1)
    )
    for family_name, _, labels in same.iter_rows():
        name = f"{family_name.removeprefix(BASELINE)} of {len(labels)} models"
        rows = rows.filter(~pl.col("label").is_in(labels[1:])).with_columns(
            label=pl.when(pl.col("label") == labels[0]).then(pl.lit(name)).otherwise("label")
        )
    return rows


def _heads(asked: list[dict[str, Any]]) -> list[str]:
    """What tells questions apart: the benchmark, and what questions on the same benchmark do not have in common."""
    heads = []
    for row in asked:
        same = [other for other in asked if other["benchmark"] == row["benchmark"]]
        apart = [name for name in QUESTION if name == "benchmark" or len({other[name] for other in same}) > 1]
        heads.append(harmless_text(", ".join(str(row[name]) for name in apart if row[name] is not None)))
    return heads


def _expression(heads: dict[str, str]) -> str:
    """An expression of Vega that gives each name of a column its head; texts in it are quoted as JSON quotes them."""
    return f"({json.dumps(heads)})[datum.value]"
