"""Which models differ in how well they predict responses: paired over folds, and over people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from brainlake.alignment.baselines import baseline_features
from brainlake.alignment.candidates import Candidate, benchmark_tree, candidates
from brainlake.alignment.design.features import Features, LayerFits, model_features
from brainlake.alignment.design.fitting import Scores, score
from brainlake.alignment.design.pair_table import pair_table, ranked_pairs
from brainlake.alignment.design.protocols import Protocol, protocol_named
from brainlake.alignment.design.score_row import BASELINE, Identity
from brainlake.alignment.design.setting import Setting, TargetGroup
from brainlake.alignment.scorers.layer_choice import NestedLedger
from brainlake.alignment.scorers.regression import Regression
from brainlake.alignment.uncertainty.intervals import too_slow
from brainlake.bank.catalogue import Bank
from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.fold_differences import Compared, differences
from brainlake.encoding.fold_interval import MIN_FOLDS
from brainlake.encoding.small_samples import MIN_PEOPLE
from brainlake.errors import BrainlakeError, counted
from brainlake.recordings.responses import load_recording


def compare_brain(
    bank: Bank,
    benchmark: str,
    models: Sequence[str] | None,
    recipes: Sequence[str] | None,
    *,
    protocol: str,
    layers: Sequence[int] | None,
    baselines: Sequence[str] | None,
    n_boot: int,
) -> pl.DataFrame:
    """Compare every two models, and models with baselines: see :func:`brainlake.compare`."""
    how = comparing_protocol(protocol)
    tree = benchmark_tree(bank, benchmark)
    chosen = candidates(tree, models, recipes)
    with threadpool_limits(limits=1, user_api="blas"):
        leaves = [_scored(bank, leaf.name, how, chosen, layers, baselines) for leaf in tree.leaves()]
    return _table(benchmark, _sides(benchmark, chosen, leaves), leaves, n_boot)


def comparing_protocol(text: str) -> Protocol:
    """Read a protocol that compares.

    Raises
    ------
    BrainlakeError
        If it is none, or chooses layers on the test folds.
    """
    how = protocol_named(text)
    if how.selection != "nested" or how.folds is None:
        raise BrainlakeError(
            f"protocol {how.name} has no comparisons: its layers are chosen on the test folds; use protocol grouped"
        )
    return how


class _Chosen(NamedTuple):
    """The scores of a choice over layers, and over all folds (F,) those of the layer that each fold chose."""

    scores: Scores
    of_chosen: FloatArray


@dataclass(frozen=True, eq=False)
class _Leaf:
    """The scores of models and baselines on a benchmark with recordings, by model and recipe."""

    setting: Setting
    regression: Regression
    scores: dict[tuple[str, str | None], _Chosen]


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
    sources = [  # all of them before any is scored: what cannot be done is known at once
        *model_features(bank, recording, {candidate.on(name) for candidate in chosen}, layers),
        *baseline_features(bank, recording, baselines, how),
    ]
    found = {(one.identity.model, one.identity.recipe): _choose(regression, one) for one in sources}
    return _Leaf(setting, regression, found)


def _choose(regression: Regression, source: Features) -> _Chosen:
    """Make the nested choice over layers."""
    ledger = regression.ledger(source)
    assert isinstance(ledger, NestedLedger)
    for number in source.layers:
        layer = LayerFits(source.read(number), regression.setting.recording)
        ledger.offer(regression.measure(source, number, layer))
    assert ledger.choice.fit is not None
    return _Chosen(score(ledger.choice.fit, regression.scheme), ledger.of_chosen()[:, 0])


def _sides(benchmark: str, chosen: Sequence[Candidate], leaves: Sequence[_Leaf]) -> dict[Identity, list[_Chosen]]:
    """What is compared: every model, and every baseline that all benchmarks have, with its scores on each."""
    found: dict[Identity, list[_Chosen]] = {}
    for one in chosen:
        found[Identity(one.model, recipe=one.recipe)] = [
            leaf.scores[one.on(leaf.setting.recording.benchmark)] for leaf in leaves
        ]
    for name in leaves[0].scores:
        if name[0].startswith(BASELINE) and all(name in leaf.scores for leaf in leaves):
            found[Identity(name[0])] = [leaf.scores[name] for leaf in leaves]
    if len(found) < 2:
        raise BrainlakeError(f"{benchmark}: there is nothing to compare: name two models, or a model and a baseline")
    return found


def _compared(leaf: _Leaf, chosen: Sequence[_Chosen]) -> Compared:
    """Scores of one benchmark over the targets that have one under every model."""
    recording, columns = leaf.setting.recording, leaf.setting.groups[0].columns
    scores = [one.scores for one in chosen]
    columns = columns[np.all([~np.isnan(one.targets[columns]) for one in scores], axis=0)]
    if not columns.size:
        raise BrainlakeError(f"{recording.benchmark}: no target has a score under every model")
    whole = scores[0].tested[:, columns].astype(np.float64)
    there = whole.sum(1) > 0
    if there.sum() < MIN_FOLDS:
        raise BrainlakeError(f"{recording.benchmark}: no comparison: only {there.sum()} fold(s) have responses")
    parts = [np.where(whole > 0, whole * one.folds[:, columns], 0.0)[there] for one in scores]
    labels = recording.subjects[columns]
    return Compared(
        [float(np.median(one.targets[columns])) for one in scores],
        parts,
        whole[there],
        labels if len(np.unique(labels)) >= MIN_PEOPLE else None,
        [one.told_back for one in scores],
        [one.of_chosen[there] for one in chosen],
    )


def _table(
    benchmark: str, sides: Mapping[Identity, list[_Chosen]], leaves: Sequence[_Leaf], n_boot: int
) -> pl.DataFrame:
    compared = [_compared(leaf, [one[k] for one in sides.values()]) for k, leaf in enumerate(leaves)]
    pairs = ranked_pairs(np.mean([one.scores for one in compared], axis=0))
    result = differences(compared, pairs, n_boot=n_boot)
    folds = [len(one.whole) for one in compared]
    drawn = "folds and subjects" if any(one.subjects is not None for one in compared) else "folds"
    about = {
        "benchmark": benchmark,
        "metric": "pearson",
        "protocol": leaves[0].setting.protocol.name,
        "folds": leaves[0].regression.scheme.folds.name,
        "ci_method": f"t from a bootstrap of {drawn}, corrected for shared training data",
        "p_method": f"two-sided t over {' + '.join(map(str, folds))} folds",
        "adjusted_over": f"{counted(len(pairs), 'pair')} of the table: step-down maxima of {n_boot} shared draws",
        "n_stimuli": sum(len(leaf.setting.recording.responses) for leaf in leaves),
        "n_units": sum(folds),
    }
    return pair_table(list(sides), pairs, result, about)
