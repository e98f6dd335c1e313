"""Which models differ: paired differences of headline scores on the same stimuli and folds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from typing import Any, Final

import numpy as np
import polars as pl
import pyarrow as pa
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from brainlake.alignment.baselines import baseline_features
from brainlake.alignment.candidates import Candidate, benchmark_tree, candidates
from brainlake.alignment.design.features import Features, LayerFits, model_features
from brainlake.alignment.design.fitting import Scores, score
from brainlake.alignment.design.protocols import Protocol, protocol_named
from brainlake.alignment.design.replicates import check_replicates
from brainlake.alignment.design.score_row import BASELINE
from brainlake.alignment.design.setting import Setting, TargetGroup
from brainlake.alignment.scorers.layer_choice import NestedLedger
from brainlake.alignment.scorers.regression import Regression
from brainlake.alignment.uncertainty.intervals import too_slow
from brainlake.bank import arguments
from brainlake.bank.catalogue import AnyBank, Bank, as_bank
from brainlake.contract.schema import COMPARISONS
from brainlake.encoding.fold_interval import MIN_FOLDS
from brainlake.encoding.paired import Compared, alike, differences
from brainlake.encoding.small_samples import MIN_PEOPLE
from brainlake.errors import BrainlakeError
from brainlake.recordings.responses import load_recording
from brainlake.version import __version__

LEVEL: Final = 0.05
"""Adjusted p values above this do not tell two models apart."""
_Name = tuple[str, str | None]


def compare(
    bank: AnyBank,
    benchmark: str,
    *,
    models: str | Sequence[str] | None = None,
    recipes: str | Sequence[str] | None = None,
    protocol: str = "grouped",
    layers: int | Sequence[int] | None = None,
    baselines: str | Sequence[str] | None = None,
    n_boot: int = 1000,
) -> pl.DataFrame:
    """Compare every two models, and models with baselines, on a brain benchmark.

    Parameters
    ----------
    bank, benchmark, models, recipes, layers, baselines, n_boot
        As in :func:`brainlake.brain_alignment`.
    protocol
        One whose layers are chosen without the test folds: ``grouped`` or a variant of it.

    Returns
    -------
    Columns of ``comparisons``: a row a pair, the better one first, its difference in the headline score with a 95 %
    interval and a p value, as it is and adjusted for all pairs of the table. On a composite benchmark the difference is
    the mean of those of its parts.

    Raises
    ------
    UnknownNameError
        If the bank has no such benchmark, model, recipe or layer.
    BrainlakeError
        If there are not two to compare, or folds have no intervals.
    """
    how = protocol_named(arguments.one_name("protocol", protocol))
    if how.selection != "nested" or how.folds is None:
        raise BrainlakeError(
            f"protocol {how.name} has no comparisons: its layers are chosen on the test folds; use protocol grouped"
        )
    check_replicates(arguments.number("n_boot", n_boot, at_least=40))
    bank, benchmark = as_bank(bank), arguments.one_name("benchmark", benchmark)
    asked = arguments.numbers("layers", layers), arguments.names("baselines", baselines)
    tree = benchmark_tree(bank, benchmark)
    chosen = candidates(tree, arguments.names("models", models), arguments.names("recipes", recipes))
    with threadpool_limits(limits=1, user_api="blas"):
        leaves = [_scored(bank, leaf.name, how, chosen, *asked) for leaf in tree.leaves()]
    return _table(benchmark, _sides(chosen, leaves), leaves, n_boot)


def indistinguishable(comparisons: pl.DataFrame) -> list[list[str]]:
    """Return the largest groups of models, the best first, no two of which the comparisons tell apart.

    Parameters
    ----------
    comparisons
        What :func:`compare` returned: all pairs of one benchmark.
    """
    pairs = comparisons.select(a=_label("a"), b=_label("b"), different=pl.col("p_adjusted") <= LEVEL).to_dicts()
    wins = pl.Series([row["a"] for row in pairs]).value_counts()
    ahead = dict(zip(wins.to_series(0), wins["count"], strict=True))
    names = sorted(dict.fromkeys(row[side] for row in pairs for side in "ab"), key=lambda name: -ahead.get(name, 0))
    different = np.zeros((len(names), len(names)), dtype=np.bool_)
    for row in pairs:
        i, j = names.index(row["a"]), names.index(row["b"])
        different[i, j] = different[j, i] = row["different"]
    return [[names[i] for i in group] for group in alike(different)]


def _label(side: str) -> pl.Expr:
    return pl.concat_str(f"model_{side}", f"recipe_{side}", separator=" ", ignore_nulls=True)


@dataclass(frozen=True, eq=False)
class _Leaf:
    """The scores of models and baselines on a benchmark with recordings, by model and recipe."""

    setting: Setting
    regression: Regression
    scores: dict[tuple[str, str | None], Scores]


def _scored(
    bank: Bank,
    name: str,
    how: Protocol,
    chosen: Sequence[Candidate],
    layers: Sequence[int] | None,
    baselines: Sequence[str] | None,
) -> _Leaf:
    """Score everything on one benchmark by the nested choice over layers."""
    recording = load_recording(bank, name)
    setting = Setting(recording, how, [TargetGroup(np.flatnonzero(recording.counted))], 0, 0, pl.DataFrame())
    assert how.folds is not None
    regression = Regression(setting, how.folds)
    reason = too_slow(setting, regression.scheme.folds)
    if reason is not None:
        raise BrainlakeError(f"{name}: no comparison: {reason}")
    sources = chain(
        model_features(bank, recording, {candidate.on(name) for candidate in chosen}, layers),
        baseline_features(bank, recording, baselines, how),
    )
    found = {(one.identity.model, one.identity.recipe): _chosen(regression, one) for one in sources}
    return _Leaf(setting, regression, found)


def _chosen(regression: Regression, source: Features) -> Scores:
    """Scores of the nested choice over layers."""
    ledger = regression.ledger(source)
    assert isinstance(ledger, NestedLedger)
    for number in source.layers:
        layer = LayerFits(source.read(number), regression.setting.recording)
        ledger.offer(regression.measure(source, number, layer))
    assert ledger.choice.fit is not None
    return score(ledger.choice.fit, regression.scheme)


def _sides(chosen: Sequence[Candidate], leaves: Sequence[_Leaf]) -> dict[_Name, list[Scores]]:
    """What is compared: every model, and every baseline that all benchmarks have, with its scores on each."""
    found: dict[_Name, list[Scores]] = {}
    for one in chosen:
        found[one.model, one.recipe] = [leaf.scores[one.on(leaf.setting.recording.benchmark)] for leaf in leaves]
    for name in leaves[0].scores:
        if name[0].startswith(BASELINE) and all(name in leaf.scores for leaf in leaves):
            found[name] = [leaf.scores[name] for leaf in leaves]
    if len(found) < 2:
        raise BrainlakeError("there is nothing to compare: name two models, or a model and a baseline")
    return found


def _compared(leaf: _Leaf, scores: Sequence[Scores]) -> Compared:
    """Scores of one benchmark over the targets that have one under every model."""
    recording, columns = leaf.setting.recording, leaf.setting.groups[0].columns
    columns = columns[np.all([~np.isnan(one.targets[columns]) for one in scores], axis=0)]
    if not columns.size:
        raise BrainlakeError(f"{recording.benchmark}: no target has a score under every model")
    whole = scores[0].tested[:, columns].astype(np.float64)
    there = whole.sum(1) > 0
    if there.sum() < MIN_FOLDS:
        raise BrainlakeError(f"{recording.benchmark}: no comparison: only {there.sum()} fold(s) have responses")
    parts = [np.where(whole > 0, whole * one.folds[:, columns], 0.0)[there] for one in scores]
    labels = recording.subjects[columns]
    subjects = labels if len(np.unique(labels)) >= MIN_PEOPLE else None
    return Compared([float(np.median(one.targets[columns])) for one in scores], parts, whole[there], subjects)


def _table(benchmark: str, sides: Mapping[_Name, list[Scores]], leaves: Sequence[_Leaf], n_boot: int) -> pl.DataFrame:
    names, scores = list(sides), list(sides.values())
    compared = [_compared(leaf, [one[k] for one in scores]) for k, leaf in enumerate(leaves)]
    values = np.mean([one.scores for one in compared], axis=0)
    pairs = list(combinations(np.argsort(-values, kind="stable").tolist(), 2))
    result = differences(compared, pairs, n_boot=n_boot)
    folds = [len(one.whole) for one in compared]
    people = any(one.subjects is not None for one in compared)
    drawn = "folds and subjects" if people else "folds"
    rows: list[dict[str, Any]] = []
    for k, (a, b) in enumerate(pairs):
        rows.append(
            {
                "benchmark": benchmark,
                "metric": "pearson",
                "protocol": leaves[0].setting.protocol.name,
                "folds": leaves[0].regression.scheme.folds.name,
                **dict(zip(("model_a", "recipe_a", "model_b", "recipe_b"), names[a] + names[b], strict=True)),
                "difference": float(result.values[k]),
                "ci_low": float(result.low[k]),
                "ci_high": float(result.high[k]),
                "ci_method": f"t from a bootstrap of {drawn}, corrected for shared training data",
                "p_value": float(result.p_values[k]),
                "p_method": f"two-sided t over {' + '.join(map(str, folds))} {drawn}",
                "p_adjusted": float(result.p_adjusted[k]),
                "adjusted_over": f"{len(pairs)} pairs of the table: step-down maxima of {n_boot} shared draws",
                "n_stimuli": sum(len(leaf.setting.recording.responses) for leaf in leaves),
                "n_units": sum(folds),
                "engine_version": __version__,
            }
        )
    return pl.DataFrame(pa.Table.from_pylist(rows, schema=COMPARISONS))
