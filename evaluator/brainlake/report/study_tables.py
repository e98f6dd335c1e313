"""What people read of the rows that answer a question of a study: numbers as text, a column a kind of number."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import polars as pl

from brainlake.report import cells
from brainlake.report.study_cells import interval, label, percent, sourced, training
from brainlake.study.answers import Answer, Kind
from brainlake.study.correlation_row import Correlation
from brainlake.study.effect_row import ALL, Effect
from brainlake.study.paper import Statement
from brainlake.study.training import Checkpoint

FLOOR: Final = 0.001
"""P values are shown from here on."""
Columns = Iterator[tuple[str, Sequence[str | None]]]


def study_table(answer: Answer) -> pl.DataFrame | None:
    """The table of an answer; None where there are no rows.

    Of gains, means of ratios are shown and the difference beside them; of correlations, Pearson's with that of ranks,
    where there is one.
    """
    columns = dict(_OF[answer.kind](answer.rows)) if answer.rows else {}
    kept = {name: texts for name, texts in columns.items() if any(texts)}
    return pl.DataFrame(kept, schema=dict.fromkeys(kept, pl.String)) if kept else None


def _gains(rows: Sequence[Effect]) -> Columns:
    lines = [row for row in rows if row.statistic == "mean_of_ratios" and (row.family == ALL or row.overall)]
    differences = {(label(row, rows), row.family): row for row in rows if row.statistic == "difference"}
    beside = [differences[label(row, rows), row.family] for row in lines]
    # Where there is no ratio, the tests are those of the difference.
    tested = [row if row.value is not None else other for row, other in zip(lines, beside, strict=True)]
    yield "benchmark", [label(row, rows) for row in lines]
    yield "models", [row.family for row in lines]
    yield "gain %", _percents(lines)
    yield "p", _flip_p_values(tested)
    yield "FDR", cells.p_values([(row.p_adjusted, FLOOR) for row in tested])
    yield "gain", cells.numbers([row.value for row in beside])
    yield "n", [f"{row.n_models}/{row.n_bases}/{row.n_families}" for row in lines]


def _flip_p_values(rows: Sequence[Effect]) -> list[str | None]:
    """P values; the smallest that so many bases can show bear a mark, for a flip that is as extreme is counted in."""
    texts = cells.p_values([(row.p_value, FLOOR) for row in rows])
    least = [row.p_value is not None and row.p_floor is not None and row.p_value <= row.p_floor for row in rows]
    marked = any(least)
    return [
        text and text + ("*" if smallest else " " if marked else "")
        for text, smallest in zip(texts, least, strict=True)
    ]


def _percents(rows: Sequence[Effect]) -> list[str | None]:
    """Values with their intervals, points one below the other."""
    values = [None if row.value is None else percent(row.value) for row in rows]
    width = max((len(value) for value in values if value), default=0)
    spans = [interval(row.ci_low, row.ci_high, percent) for row in rows]
    return [v and f"{v.rjust(width)} {span}".rstrip() for v, span in zip(values, spans, strict=True)]


def _correlations(rows: Sequence[Correlation]) -> Columns:
    lines = [row for row in rows if row.method == "pearson" and row.r is not None]
    if not lines:
        return
    ranks = {_key(row): row.r for row in rows if row.method == "spearman"}
    about = [label(row, rows) for row in lines]
    columns: dict[str, list[str | None]] = {"property": [_property(row, rows) for row in lines]}
    if {row.models for row in lines} != {"tuned"}:
        columns["models"] = [row.models for row in lines]
    columns["r"] = cells.intervals([(row.r, row.ci_low, row.ci_high) for row in lines])
    columns["p"] = cells.p_values([(row.p_value, FLOOR) for row in lines])
    if all(row.left_out is None for row in rows):  # what is left out is in no family of tests
        columns["FDR"] = cells.p_values([(row.p_adjusted, FLOOR) for row in lines])
    columns["ranks"] = cells.numbers([ranks.get(_key(row)) for row in lines])
    columns["n"] = [f"{row.n_models}/{row.n_bases}/{row.n_families}" for row in lines]
    yield from (_under_headings(about, columns) if len(set(about)) > 1 else columns).items()


def _under_headings(about: Sequence[str], columns: dict[str, list[str | None]]) -> dict[str, list[str | None]]:
    """Put a line with the benchmark above the lines on it: a column of benchmarks would not fit beside the others."""
    headed: dict[str, list[str | None]] = {name: [] for name in columns}
    for place, heading in enumerate(about):
        first = place == 0 or about[place - 1] != heading
        for name, texts in columns.items():
            is_name = name == "property"
            if first:
                headed[name].append(heading if is_name else "")
            headed[name].append(f"  {texts[place]}" if is_name else texts[place])
    return headed


def _key(row: Correlation) -> tuple[object, ...]:
    which = (row.property, row.source, row.given, row.given_source, row.models, row.left_out)
    return (row.benchmark, row.stimulus_set, row.measure, row.metric, row.protocol, row.recipe, row.scale, *which)


def _property(row: Correlation, rows: Sequence[Correlation]) -> str:
    given = f" given {sourced(row.given, row.given_source, rows)}" if row.given else ""
    return sourced(row.property, row.source, rows) + given + (f" without {row.left_out}" if row.left_out else "")


def _training(rows: Sequence[Checkpoint]) -> Columns:
    yield "benchmark", [label(row, rows) for row in rows]
    yield "training", [training(row, rows) for row in rows]
    yield "tuning", [row.tuning for row in rows]
    yield "step", [str(row.training_step) for row in rows]
    yield "score", cells.intervals([(row.score, row.ci_low, row.ci_high) for row in rows])
    yield "over start", cells.numbers([row.over_start for row in rows])
    yield "over control", cells.numbers([row.over_control for row in rows])


def _text(rows: Sequence[Statement]) -> Columns:
    yield "benchmark", [row.benchmark for row in rows]
    yield "number", [row.property for row in rows]
    yield "models", [row.models for row in rows]
    yield "text", cells.numbers([row.stated for row in rows])
    yield "p there", cells.p_values([(row.stated_p, FLOOR) for row in rows])
    yield "tables", cells.numbers([row.recomputed for row in rows])
    yield "p here", cells.p_values([(row.recomputed_p, FLOOR) for row in rows])


_OF: Final[dict[Kind, Callable[..., Columns]]] = {
    "gains": _gains,
    "correlations": _correlations,
    "given": _correlations,
    "left_out": _correlations,
    "training": _training,
    "text": _text,
}
