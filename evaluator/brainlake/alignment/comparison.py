"""Which models differ: paired differences of headline scores on the same stimuli and folds."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any, Final

import numpy as np
import polars as pl
import pyarrow as pa
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from brainlake.alignment.baselines import baseline_features
from brainlake.alignment.candidates import benchmark_tree, candidates
from brainlake.alignment.design.features import Features, LayerFits, model_features
from brainlake.alignment.design.fitting import Scores, score
from brainlake.alignment.design.protocols import protocol_named
from brainlake.alignment.design.replicates import check_replicates
from brainlake.alignment.design.setting import Setting, TargetGroup
from brainlake.alignment.scorers.layer_choice import NestedLedger
from brainlake.alignment.scorers.regression import Regression
from brainlake.alignment.uncertainty.intervals import too_slow
from brainlake.bank import arguments
from brainlake.bank.catalogue import AnyBank, as_bank
from brainlake.contract.schema import COMPARISONS
from brainlake.encoding.paired import alike, differences
from brainlake.errors import BrainlakeError
from brainlake.recordings.responses import load_recording
from brainlake.version import __version__

LEVEL: Final = 0.05
"""Adjusted p values above this do not tell two models apart."""


_PAIR: Final = {"model_a", "recipe_a", "model_b", "recipe_b", "p_adjusted"}


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
    interval and a p value, as it is and adjusted for all pairs of the table.

    Raises
    ------
    UnknownNameError
        If the bank has no such benchmark, model, recipe or layer.
    BrainlakeError
        If there are not two to compare, the benchmark is composite, or its folds have no intervals.
    """
    how = protocol_named(arguments.one_name("protocol", protocol))
    if how.selection != "nested" or how.folds is None:
        raise BrainlakeError(
            f"protocol {how.name} has no comparisons: its layers are chosen on the test folds; use protocol grouped"
        )
    check_replicates(arguments.number("n_boot", n_boot, at_least=40))
    bank, benchmark = as_bank(bank), arguments.one_name("benchmark", benchmark)
    tree = benchmark_tree(bank, benchmark)
    if tree.parts:
        names = ", ".join(leaf.name for leaf in tree.leaves())
        raise BrainlakeError(f"{benchmark} is the mean of others: compare on {names}, one at a time")
    chosen = candidates(tree, arguments.names("models", models), arguments.names("recipes", recipes))
    recording = load_recording(bank, benchmark)
    everything = [TargetGroup(np.flatnonzero(recording.counted))]
    setting = Setting(recording, how, everything, 0, 0, pl.DataFrame())
    regression = Regression(setting, how.folds)
    reason = too_slow(setting, regression.scheme.folds)
    if reason is not None:
        raise BrainlakeError(f"{benchmark}: no comparison: {reason}")
    sources = [
        *model_features(bank, recording, {c.on(benchmark) for c in chosen}, arguments.numbers("layers", layers)),
        *baseline_features(bank, recording, arguments.names("baselines", baselines), how),
    ]
    if len(sources) < 2:
        raise BrainlakeError(f"{benchmark}: there is nothing to compare: name two models, or a model and a baseline")
    with threadpool_limits(limits=1, user_api="blas"):
        found = [(source, _chosen(regression, source)) for source in sources]
    return _table(found, setting, regression, n_boot)


def indistinguishable(comparisons: pl.DataFrame) -> list[list[str]]:
    """Return the largest groups of models, the best first, no two of which the comparisons tell apart.

    Parameters
    ----------
    comparisons
        What :func:`compare` returned: all pairs of one benchmark.

    Raises
    ------
    BrainlakeError
        If it is something else.
    """
    if not isinstance(comparisons, pl.DataFrame) or not set(comparisons.columns) >= _PAIR:
        raise BrainlakeError("groups are made of comparisons: give what compare returns")
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


def _chosen(regression: Regression, source: Features) -> Scores:
    """Scores of the nested choice over layers."""
    ledger = regression.ledger(source)
    assert isinstance(ledger, NestedLedger)
    for number in source.layers:
        layer = LayerFits(source.read(number), regression.setting.recording)
        ledger.offer(regression.measure(source, number, layer))
    assert ledger.choice.fit is not None
    return score(ledger.choice.fit, regression.scheme)


def _table(found: list[tuple[Features, Scores]], setting: Setting, regression: Regression, n_boot: int) -> pl.DataFrame:
    folds, group = regression.scheme.folds, setting.groups[0]
    defined = np.all([~np.isnan(scores.targets[group.columns]) for _, scores in found], axis=0)
    columns = group.columns[defined]
    if not columns.size:
        raise BrainlakeError(f"{setting.recording.benchmark}: no target has a score under every model")
    values = [float(np.median(scores.targets[columns])) for _, scores in found]
    ranked = sorted(range(len(found)), key=lambda i: -values[i])
    pairs = list(combinations(ranked, 2))
    whole = found[0][1].tested[:, columns].astype(np.float64)
    there = whole.sum(1) > 0
    parts = [np.where(whole > 0, whole * scores.folds[:, columns], 0.0)[there] for _, scores in found]
    result = differences(values, parts, whole[there], pairs, n_boot=n_boot)
    rows: list[dict[str, Any]] = []
    for k, (a, b) in enumerate(pairs):
        first, second = found[a][0].identity, found[b][0].identity
        rows.append(
            {
                "benchmark": setting.recording.benchmark,
                "metric": "pearson",
                "protocol": setting.protocol.name,
                "folds": folds.name,
                "model_a": first.model,
                "recipe_a": first.recipe,
                "model_b": second.model,
                "recipe_b": second.recipe,
                "difference": float(result.values[k]),
                "ci_low": float(result.low[k]),
                "ci_high": float(result.high[k]),
                "ci_method": "t from a bootstrap of folds, corrected for shared training data",
                "p_value": float(result.p_values[k]),
                "p_method": f"two-sided t over {int(there.sum())} folds",
                "p_adjusted": float(result.p_adjusted[k]),
                "adjusted_over": f"{len(pairs)} pairs of the table: step-down maxima of {n_boot} shared draws",
                "n_stimuli": len(setting.recording.responses),
                "n_units": int(there.sum()),
                "engine_version": __version__,
            }
        )
    return pl.DataFrame(pa.Table.from_pylist(rows, schema=COMPARISONS))
