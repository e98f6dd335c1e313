"""Brain alignment: how well the layers of a model predict human responses to the same stimuli."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from brainlake.bank import Bank
from brainlake.baselines import BASELINES
from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.folds import Folds
from brainlake.encoding.ols import ols_operator
from brainlake.encoding.predict import fold_scores, predict, target_scores
from brainlake.encoding.ridge import RidgeFit, choose_layer, ridge
from brainlake.encoding.spectrum import spectrum_of_features
from brainlake.encoding.targets import Targets, prepare
from brainlake.features import baseline_features, model_features
from brainlake.noise import ceilings_of, matching_ceiling
from brainlake.protocols import Protocol, protocol_named
from brainlake.recordings import Recording, load_recording
from brainlake.scores import score_table
from brainlake.stats import MIN_SUBJECTS, bootstrap_interval

FLOAT32_TARGETS = 1000
"""With more targets than this, products with responses are float32: 2e-7 in r, half the time and memory."""


@dataclass(frozen=True, eq=False)
class Fit:
    """One layer's map from responses to out-of-fold predictions, shape (m, n); ridge keeps what chose it."""

    layer: int | None
    operator: FloatArray
    alpha: float | None
    ridge: RidgeFit | None


def brain_alignment(
    bank: Bank,
    benchmark: str,
    *,
    models: Sequence[str] | None = None,
    recipes: Sequence[str] | None = None,
    protocol: str = "grouped",
    layers: Sequence[int] | None = None,
    baselines: Sequence[str] = tuple(BASELINES),
    n_boot: int = 1000,
    progress: Callable[[Iterable[Any], str], Iterable[Any]] = lambda items, _: items,
) -> pl.DataFrame:
    """Score models and baselines on a brain benchmark.

    Parameters
    ----------
    bank
        Bank with the benchmark's responses and the models' activations.
    benchmark
        Name of the benchmark.
    models, recipes
        What to score; by default every model and recipe with activations on the benchmark's stimuli.
    protocol
        ``grouped`` or ``aw2024``; see :mod:`brainlake.protocols`.
    layers
        Layers to score and to choose from; by default all.
    baselines
        Model-free features scored beside the models; see :mod:`brainlake.baselines`.
    n_boot
        Bootstrap replicates of each interval; 0 for none.
    progress
        Wraps the layers of a model while they are scored, with a label.

    Returns
    -------
    Columns of ``scores``. For each model or baseline, for the protocol's folds and those beside them, and for all
    targets together (``roi`` null) and each region: one row a layer, and one row for the choice over layers.

    Raises
    ------
    UnknownNameError
        If the bank has no such benchmark, model, recipe or layer.
    BrainlakeError
        If activations were made from other stimuli than the bank's.
    """
    how = protocol_named(protocol)
    recording = load_recording(bank, benchmark)
    sources = [*model_features(bank, recording, models, recipes, layers), *baseline_features(recording, baselines)]
    dtype = np.float32 if recording.responses.shape[1] > FLOAT32_TARGETS else np.float64
    schemes = [prepare(recording.responses, recording.make_folds(kind), dtype) for kind in (how.folds, how.beside)]
    ceilings = ceilings_of(bank, benchmark)
    rows: list[dict[str, Any]] = []
    for source in sources:
        fits: list[list[Fit]] = [[] for _ in schemes]
        for layer in progress(source.layers, source.identity["model"]):
            X = source.read(layer)
            for kept, targets in zip(fits, schemes, strict=True):
                kept.append(_fit(layer, X, targets, how))
        for kept, targets in zip(fits, schemes, strict=True):
            for row in _rows(kept, targets, recording, how, n_boot):
                ceiling = matching_ceiling(ceilings, how.name, row["folds"], row["roi"], how.divides_by_reliability)
                rows.append({"benchmark": benchmark, **source.identity, **row, "ceiling": ceiling})
    return score_table(rows)


def _fit(layer: int | None, X: FloatArray, targets: Targets, protocol: Protocol) -> Fit:
    if protocol.regression == "ols":
        return Fit(layer, ols_operator(X, targets.folds), None, None)
    fit = ridge(spectrum_of_features(X), targets)
    return Fit(layer, fit.operator, _geometric_mean(fit.alphas), fit)


def _rows(
    fits: list[Fit], targets: Targets, recording: Recording, protocol: Protocol, n_boot: int
) -> Iterator[dict[str, Any]]:
    """Rows of one model under one kind of folds: every layer, then the choice over layers."""
    regions = [None, *np.unique(recording.rois[recording.rois != ""])]
    regions = regions if len(regions) > 2 else [None]
    scored = {}
    for fit in fits:
        r = fold_scores(fit.operator, targets)
        for roi in regions:
            row = _row(fit.operator, r, targets, recording, roi, protocol, n_boot)
            scored[fit.layer, roi] = row["score"]
            yield row | {"layer": fit.layer, "selection": "none", "alpha": fit.alpha}
    if fits[0].layer is None:
        return
    if protocol.selection == "nested":
        choice = choose_layer([fit.ridge for fit in fits if fit.ridge is not None], targets.folds)
        chosen = {"selected_layers": [fits[i].layer for i in choice.layers], "alpha": _geometric_mean(choice.alphas)}
        r = fold_scores(choice.operator, targets)
        for roi in regions:
            row = _row(choice.operator, r, targets, recording, roi, protocol, n_boot)
            yield row | chosen | {"layer": None, "selection": "nested"}
    else:
        for roi in regions:
            best = max(fits, key=lambda fit: np.nan_to_num(scored[fit.layer, roi], nan=-np.inf))
            row = _row(best.operator, fold_scores(best.operator, targets), targets, recording, roi, protocol, 0)
            row["ci_method"] = "none: the layer was chosen on the test folds"
            yield row | {"layer": None, "selection": "test", "selected_layers": [best.layer], "alpha": best.alpha}


def _row(
    operator: FloatArray,
    r: FloatArray,
    targets: Targets,
    recording: Recording,
    roi: str | None,
    protocol: Protocol,
    n_boot: int,
) -> dict[str, Any]:
    here = np.flatnonzero(recording.rois == roi) if roi is not None else np.arange(len(recording.rois))
    row = {
        "protocol": protocol.name,
        "folds": targets.folds.name,
        "roi": roi,
        "metric": "pearson",
        "aggregation": protocol.aggregation if len(here) > 1 else "mean over folds",
        "score": _aggregate(r[:, here], targets.folds, protocol),
        "n_stimuli": len(recording.responses),
        "n_targets": len(here),
    }
    return row | _interval(operator, targets, recording, here, n_boot)


def _aggregate(r: FloatArray, folds: Folds, protocol: Protocol) -> float:
    if protocol.aggregation == "mean_then_median":
        r = target_scores(r, folds)[None]
    defined = r[:, ~np.isnan(r).any(0)]
    return float(np.median(defined, axis=1).mean()) if defined.size else float("nan")


def _interval(
    operator: FloatArray, targets: Targets, recording: Recording, here: npt.NDArray[np.intp], n_boot: int
) -> dict[str, Any]:
    if targets.folds.overlapping:
        return {"ci_method": "none: the splits overlap"}
    if not n_boot:
        return {"ci_method": "none: not asked for"}
    subjects = recording.subjects[here]
    enough = len(np.unique(subjects)) >= MIN_SUBJECTS
    groups = recording.groups
    interval = bootstrap_interval(
        predict(operator, targets)[:, here],
        recording.responses[:, here],
        targets.folds,
        groups,
        subjects=subjects if enough else None,
        n_boot=n_boot,
    )
    drawn = ("groups" if groups is not None else "stimuli") + (" and subjects" if enough else "")
    return {"ci_low": interval.low, "ci_high": interval.high, "ci_method": f"bootstrap of {drawn}"}


def _geometric_mean(alphas: Any) -> float:
    return float(np.exp(np.log(alphas).mean()))
