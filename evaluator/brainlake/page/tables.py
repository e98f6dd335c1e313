"""The tables of a report: cells that read well, and the values that they are sorted by."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from brainlake.contract.bibtex import short
from brainlake.contract.printable import printable
from brainlake.figures.figure import Figure
from brainlake.figures.questions import QUESTION, WHOLE
from brainlake.figures.results import Results
from brainlake.report import cells
from brainlake.report.interchange import json_value, to_csv

MOST_ROWS: Final = 1000
"""Rows of a table in the page; its file has all."""
MOST_NUMBERS: Final = 100
"""Rows below a figure."""
_HASHES: Final = {"sha256", "stimuli_sha256", "model_revision", "commit"}
_HASH: Final = 12
"""Digits of a hash that are read; its file has all."""
_BESIDE: Final = {"other_folds": "other folds", "beyond": "beyond baselines"}
_KEY: Final = (*QUESTION, "model", "recipe")
_SHOWN: Final = (
    *("label", "training", "roi", "subject", "target_id", "panel", "asked", "layer", "bin", "training_step"),
    *(
        "predictor_mean",
        "folds",
        "value",
        "base_label",
        "base_score",
        "score",
        "median",
        "ci_low",
        "ci_high",
        "ceiling",
    ),
    *("not_told_apart", "x", "y", "z"),
)


@dataclass(frozen=True)
class Cell:
    """What is read, and what is sorted by: a number, or the text itself."""

    text: str
    value: float | None = None


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes
    ----------
    name
        Of its file.
    title
        What it is.
    head
        Names of columns.
    rows
        Those that are shown.
    total
        How many there are.
    csv
        All of them.
    """

    name: str
    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    total: int
    csv: str


def table_of(name: str, title: str, content: pl.DataFrame, most: int = MOST_ROWS) -> Table:
    """A table of any content; columns that are empty throughout are left out."""
    content = content.with_columns(pl.col(pl.String).replace("", None))
    full = content.select(column for column in content if column.null_count() < len(content))
    rows = [[_cell(value, column) for column, value in row.items()] for row in full.head(most).to_dicts()]
    return Table(name, title, [column.replace("_", " ") for column in full.columns], rows, len(full), to_csv(full))


def _cell(value: Any, column: str) -> Cell:
    if value is None or json_value(value) is None:
        return Cell("")
    if isinstance(value, bool):
        return Cell("yes" if value else "no")
    if isinstance(value, int):
        return Cell(f"{value:,}" if column.startswith("n_") else str(value), float(value))
    if isinstance(value, float):
        small = 0 < abs(value) < 0.1
        return Cell(cells.number(value, 4 if small else 3) if abs(value) < 100 else f"{value:.4g}", value)
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    text = printable(short(text) if column == "citation" else text)
    return Cell(f"{text[:_HASH]}..." if column in _HASHES and len(text) > _HASH else text)


def score_table(scores: pl.DataFrame) -> Table:
    """Headline scores over all targets, best first in each question, with what stands beside them."""
    whole = scores.filter(pl.all_horizontal(pl.col(name).is_null() for name in WHOLE))
    rows = whole.filter(kind="headline").sort("score", descending=True, nulls_last=True, maintain_order=True)
    order = {key: place for place, key in enumerate(scores.select(QUESTION).unique(maintain_order=True).iter_rows())}
    beside = {
        kind: {tuple(row[name] for name in _KEY): row["score"] for row in whole.filter(kind=kind).to_dicts()}
        for kind in _BESIDE
    }
    found = []
    for row in sorted(rows.to_dicts(), key=lambda row: order[tuple(row[name] for name in QUESTION)]):
        key = tuple(row[name] for name in _KEY)
        found.append(
            {name: row[name] for name in _KEY}
            | {"layers": cells.layers(row), "score": row["score"], "ci_low": row["ci_low"], "ci_high": row["ci_high"]}
            | {"p_value": row["p_value"]}
            | {title: beside[kind].get(key) for kind, title in _BESIDE.items()}
            | {name: row[name] for name in ("ceiling", "normalized", "n_stimuli", "n_targets", "metric", "folds")}
        )
    content = pl.DataFrame(found, infer_schema_length=None) if found else pl.DataFrame({"model": []})
    return table_of("scores", "Scores", content)


def model_table(results: Results) -> Table:
    """Models that have scores, and what is known of them."""
    names = results.scores["model"].unique(maintain_order=True)
    names = names.filter(~names.str.starts_with("baseline:"))
    columns = ("hub_id", "family", "n_params", "n_layers", "tuning", "base_model", "training_step", "commit")
    known = results.models.select("model", *columns).unique("model", keep="first", maintain_order=True)
    return table_of("models", "Models", pl.DataFrame({"model": names}).join(known, on="model", how="left"))


def benchmark_table(results: Results) -> Table:
    """Benchmarks that have scores, and what is known of them."""
    columns = ("modality", "unit", "composite_of", "citation", "licence", "origin")
    known = results.benchmarks.select("benchmark", *columns).unique("benchmark", keep="first", maintain_order=True)
    known = known.with_columns(pl.col("composite_of").list.join(", "))
    sizes = results.scores.group_by("benchmark", maintain_order=True).agg(
        pl.col("measure").drop_nulls().unique(maintain_order=True).str.join(", ").replace("", None),
        pl.col("protocol").unique(maintain_order=True).str.join(", "),
        pl.col("n_stimuli", "n_targets", "n_subjects").max(),
    )
    return table_of("benchmarks", "Benchmarks", sizes.join(known, on="benchmark", how="left"))


def numbers_of(figure: Figure) -> Table:
    """The numbers that a figure shows."""
    shown = [name for name in _SHOWN if name in figure.data.columns]
    short = table_of(figure.name, figure.title, figure.data.select(shown), MOST_NUMBERS)
    return Table(figure.name, figure.title, short.head, short.rows, short.total, to_csv(figure.data))


def facts_table(name: str, title: str, rows: Iterable[Mapping[str, Any]]) -> Table:
    """A table of facts at hand."""
    content = list(rows)
    return table_of(name, title, pl.DataFrame(content, infer_schema_length=None) if content else pl.DataFrame())
