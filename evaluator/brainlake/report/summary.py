"""Scores for people: a line a model, best first, and below the table what holds for all lines."""

import html
import math
import textwrap
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from brainlake.alignment.design.score_row import BASELINE
from brainlake.bank.arguments import flag
from brainlake.report import cells
from brainlake.report.notes import notes_on
from brainlake.report.scores import check_scores
from brainlake.report.tables import render
from brainlake.report.twins import twins_together

WIDTH: Final = 100
ALL: Final = "(all)"
_QUESTION: Final = ("benchmark", "stimulus_set", "measure", "protocol", "subject", "roi", "target_id")
_BESIDE: Final = {"headline": "other_folds", "layer": "other_folds_layer"}
_SAID_BELOW: Final = ("benchmark", "stimulus_set", "measure", "protocol", "recipe")
Row = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Summary:
    """What people read of scores.

    Attributes
    ----------
    table
        A line a model and group of targets, numbers as text. ``score`` and ``beyond`` have their 95 % intervals in
        brackets, where there are any. What is the same in all lines stands in the notes.
    notes
        What holds for all lines.
    """

    table: pl.DataFrame
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        return render(self.table, "table") + self.footer()

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"

    def footer(self, width: int = WIDTH) -> str:
        """The notes after an empty line, in lines of a width."""
        return "\n" + "".join(f"{textwrap.fill(note, width, subsequent_indent='  ')}\n" for note in self.notes)


def summary(scores: pl.DataFrame, *, layers: bool = False) -> Summary:
    """Say what scores show: the headline of every model, best first, then the strongest baseline.

    Subjects, regions and targets have lines of their own where the scores have them (``by``). What is printed is what
    is read most; all numbers, and all columns, stand in the scores.

    Parameters
    ----------
    scores
        What ``brain_alignment`` or ``behavioral_alignment`` returned, or several of them together.
    layers
        Whether single layers have lines of their own too, or only the choice over them.

    Raises
    ------
    BrainlakeError
        If the scores lack a column, have no headline, or have two for one model and question.
    """
    check_scores(scores)
    layers = flag("layers", layers)
    kinds: dict[str, list[Row]] = defaultdict(list)
    for row in twins_together(scores.unique(maintain_order=True).to_dicts()):
        kinds[row["kind"]].append(row)
    mute = _mute([*kinds["headline"], *kinds["other_folds"]])
    questions: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for one in kinds["headline"]:
        if _source(one) not in mute:
            questions[tuple(one[name] for name in _QUESTION)].append(one)
    of_layers: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for one in kinds["layer"] if layers else ():
        of_layers[_key(one)].append(one)
    lines: list[Row] = []
    for rows in questions.values():
        best_first = sorted(rows, key=lambda row: -math.inf if row["score"] is None else row["score"], reverse=True)
        baselines = [row for row in best_first if _is_baseline(row)]
        for one in [*(row for row in best_first if not _is_baseline(row)), *baselines[:1]]:
            lines += [one, *of_layers[_key(one)]]
    return Summary(_table(lines, kinds), tuple(notes_on(lines, mute, kinds["other_folds"], kinds["beyond"])))


def _table(lines: Sequence[Row], kinds: Mapping[str, Sequence[Row]]) -> pl.DataFrame:
    beside = {(kind, *_key(row), row["layer"]): row for kind in _BESIDE.values() for row in kinds.get(kind, ())}
    others = [beside.get((_BESIDE[row["kind"]], *_key(row), row["layer"])) for row in lines]
    beyond = {_key(row): row for row in kinds.get("beyond", ())}
    gains = [beyond.get(_key(row)) if row["kind"] == "headline" else None for row in lines]
    columns: dict[str, list[str | None]] = {}
    for name in ("benchmark", "stimulus_set", "measure", "protocol", "model", "recipe"):
        texts = [row[name] for row in lines]
        if name not in _SAID_BELOW or len({text for text in texts if text is not None}) > 1:
            columns[name] = texts
    for name in ("subject", "roi", "target_id"):
        columns[name] = [row[name] or ALL for row in lines] if any(row[name] for row in lines) else []
    columns["layer"] = [cells.layers(row) for row in lines]
    if any(row["kind"] == "layer" for row in lines):
        columns["kind"] = [row["kind"] for row in lines]
    # Gains in log-likelihood are small numbers: what differs between models is the fourth decimal.
    digits = 4 if any(row["metric"] == "delta_llh" for row in lines) else 3
    columns["score"] = cells.intervals([(row["score"], row["ci_low"], row["ci_high"]) for row in lines], digits)
    columns["p"] = cells.p_values([(row["p_value"], row["p_floor"]) for row in lines])
    for folds in dict.fromkeys(row["folds"] for row in others if row is not None):
        columns[folds] = cells.numbers([row["score"] if row and row["folds"] == folds else None for row in others])
    columns["beyond"] = cells.intervals([_with_interval(row) for row in gains])
    columns["ceiling"] = cells.numbers([row["ceiling"] for row in lines])
    shown = {name: texts for name, texts in columns.items() if name == "score" or any(t is not None for t in texts)}
    return pl.DataFrame(shown, schema=dict.fromkeys(shown, pl.String))


def _with_interval(row: Row | None) -> tuple[float | None, float | None, float | None]:
    return (None, None, None) if row is None else (row["score"], row["ci_low"], row["ci_high"])


def _mute(rows: Sequence[Row]) -> set[tuple[str, str, str]]:
    """Baselines that predict nothing under any folds: their features do not vary here, or tell no two items apart."""
    found = {_source(row): True for row in rows if _is_baseline(row)}
    for row in rows:
        if _is_baseline(row) and row["score"]:
            found[_source(row)] = False
    return {source for source, nothing in found.items() if nothing}


def _is_baseline(row: Row) -> bool:
    return str(row["model"]).startswith(BASELINE)


def _source(row: Row) -> tuple[str, str, str]:
    return row["benchmark"], row["protocol"], row["model"]


def _key(row: Row) -> tuple[Any, ...]:
    return (*(row[name] for name in _QUESTION), row["model"], row["recipe"])
