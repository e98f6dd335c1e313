"""Benchmarks that are the mean of others."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from brainlake.alignment.candidates import Benchmark, Candidate
from brainlake.alignment.design.ceilings import Ceiling
from brainlake.alignment.design.score_row import KINDS, Identity, Interval, Kind, ScoreRow
from brainlake.encoding.interval_of_mean import interval_of_mean

_Value = TypeVar("_Value")
_Recipes = tuple[tuple[str, str | None], ...]
_Key = tuple[str, str, str | None, Kind]


def composite_rows(benchmark: Benchmark, scored: Iterable[Candidate], rows: Sequence[ScoreRow]) -> list[ScoreRow]:
    """Average the scores over all targets of the parts, of composite benchmarks at any depth, the outermost first.

    Rows are joined on what they are: the model, under the recipe that stands for the one asked for in each part; the
    kind of row; and the protocol, which is the same for all. What may differ from part to part and is said in the
    parts' own rows: how targets are aggregated, how folds are made (under ``aw2024`` the paper's pipeline for scans
    brings folds of its own), which baselines a part has what is needed for. The best layer is that of each part (the
    paper does not say; this is our reading), so single layers have no mean. The ceiling is the mean of the parts'
    ceilings, if each has one. A kind of row, or a baseline, that some part lacks has no mean.

    Parameters
    ----------
    scored
        What was scored.
    rows
        Rows of all benchmarks with recordings.
    """
    if not benchmark.parts:
        return []
    by_key = {(row.benchmark, row.identity.model, row.identity.recipe, row.kind): row for row in rows if row.is_whole}
    leaves = [leaf.name for leaf in benchmark.leaves()]
    asked: dict[tuple[str, _Recipes], str | None] = {}
    for one in scored:
        asked.setdefault((one.model, tuple(pair for pair in one.recipes if pair[0] in leaves)), one.recipe)
    for row in rows:
        if row.identity.is_baseline:
            asked[row.identity.model, tuple((leaf, None) for leaf in leaves)] = None
    found = []
    for (model, own), asked_for in asked.items():
        recipe = _common(name for _, name in own) or asked_for
        for kind in KINDS:
            mean = _row(benchmark, recipe, [(leaf, model, name, kind) for leaf, name in own], by_key)
            found += [] if mean is None else [mean]
    return found + [row for part in benchmark.parts for row in composite_rows(part, scored, rows)]


def _row(node: Benchmark, recipe: str | None, keys: Sequence[_Key], rows: Mapping[_Key, ScoreRow]) -> ScoreRow | None:
    """The row of a benchmark: that of its recordings, or the mean of its parts'; None if one is lacking."""
    if not node.parts:
        return next((rows[key] for key in keys if key[0] == node.name and key in rows), None)
    of_parts = [_row(part, recipe, keys, rows) for part in node.parts]
    there = [row for row in of_parts if row is not None]
    return _mean(node.name, recipe, there) if len(there) == len(of_parts) else None


def _mean(name: str, recipe: str | None, rows: Sequence[ScoreRow]) -> ScoreRow:
    first = rows[0]
    ceilings = [row.ceiling.value for row in rows if row.ceiling is not None]
    one_way = all(row.aggregation == first.aggregation for row in rows)
    return ScoreRow(
        kind=first.kind,
        benchmark=name,
        identity=Identity(
            first.identity.model,
            _common(row.identity.model_revision for row in rows),
            recipe=recipe,
            recipe_digest=_common(row.identity.recipe_digest for row in rows),
        ),
        protocol=first.protocol,
        metric=first.metric,
        score=sum(row.score for row in rows) / len(rows),
        n_stimuli=sum(row.n_stimuli for row in rows),
        n_targets=sum(row.n_targets for row in rows),
        folds=", ".join(dict.fromkeys(row.folds for row in rows if row.folds is not None)) or None,
        kept_whole=_common(row.kept_whole for row in rows),
        n_folds=_common(row.n_folds for row in rows),
        selection=first.selection,
        controls=_common(row.controls for row in rows),
        aggregation=first.aggregation if one_way else "mean of the parts, each aggregated in its own way",
        ceiling=Ceiling(sum(ceilings) / len(rows), "mean of the parts") if len(ceilings) == len(rows) else None,
        interval=_interval(rows),
    )


def _interval(rows: Sequence[ScoreRow]) -> Interval:
    """The interval of a mean of parts, independent but for the people they share; none where a part has none."""
    limits = [(row.score, row.interval.low, row.interval.high) for row in rows if row.interval is not None]
    if len(limits) < len(rows) or any(low is None or high is None for _, low, high in limits):
        lacking = [row.benchmark for row in rows if row.interval is None or row.interval.low is None]
        return Interval(f"none: {', '.join(lacking)} has none")
    people = [row.interval.people for row in rows if row.interval is not None]
    scores, low, high = np.array(limits, dtype=np.float64).T
    found = interval_of_mean(scores, low, high, people)
    return Interval("from the intervals of the parts", found.low, found.high)


def _common(values: Iterable[_Value | None]) -> _Value | None:
    """The value that all have, if there is one."""
    different = set(values)
    return different.pop() if len(different) == 1 else None
