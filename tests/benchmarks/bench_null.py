"""Scores and p values of the evaluator where there is nothing to find.

    python tests/benchmarks/bench_null.py [SEEDS]

Features and responses are independent AR(1) series of 600 TRs (rho .8), 20 targets a seed, under protocol `grouped`:
folds of segments with a gap, delays, strictly nested penalties and layers. Prints the share of targets with p < .05
when p comes from a t test of the score, from exchanges of single TRs, of blocks of 30 TRs with the predictions kept as
they are, and of blocks of 30 TRs with every exchange predicted anew (what `brain` does); then the mean score of the
best of 33 layers, chosen in three ways. Deviations are standard errors over seeds.
"""

import sys
from dataclasses import replace

import numpy as np
import polars as pl
from scipy import stats
from threadpoolctl import threadpool_limits

from brainlake.alignment.design.features import Layer, LayerFits
from brainlake.alignment.design.fitting import Fit, Scheme, fit_layer, out_of_fold, score
from brainlake.alignment.design.protocols import PROTOCOLS
from brainlake.alignment.design.setting import Setting, TargetGroup
from brainlake.alignment.scorers.layer_choice import NestedChoice
from brainlake.alignment.uncertainty.permutations import null_scores
from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.correlation import fold_pearson
from brainlake.encoding.exchange import Blocks, Turns, contiguous_blocks
from brainlake.encoding.predict import target_scores
from brainlake.recordings import recording as recordings
from brainlake.recordings.recording import Recording
from brainlake.recordings.volumes import Volumes

N, TARGETS, LAYERS, RHO, BLOCK, PERMUTATIONS = 600, 20, 33, 0.8, 30, 1000
GROUPED = PROTOCOLS["grouped"]


def series(rng: np.random.Generator, columns: int) -> FloatArray:
    noise = rng.standard_normal((N + 100, columns))
    for i in range(1, len(noise)):
        noise[i] = RHO * noise[i - 1] + np.sqrt(1 - RHO**2) * noise[i]
    return noise[100:]


def recording(rng: np.random.Generator) -> Recording:
    times = 2.0 * np.arange(N)
    volumes = Volumes(times + 1, times, np.full(N, "1"), np.arange(N), 2.0)
    labels = np.full(TARGETS, "s"), np.full(TARGETS, ""), np.arange(TARGETS).astype(str)
    groups = (np.arange(N) // 60).astype(str)
    return Recording("null", pl.DataFrame(), series(rng, TARGETS), *labels, "groups", groups, volumes=volumes)


def predicted_anew(fit: Fit, scheme: Scheme, length: int) -> FloatArray:
    recordings.BLOCK_ROWS = length
    noise = replace(scheme.recording)
    setting = Setting(noise, GROUPED, [TargetGroup(np.arange(TARGETS))], 0, PERMUTATIONS, pl.DataFrame())
    return null_scores(fit, scheme, setting).p_of_targets


def predictions_kept(fit: Fit, scheme: Scheme) -> FloatArray:
    """The wrong way: the predictions of the responses as they are, beside exchanged responses."""
    found = out_of_fold(fit, scheme, GROUPED)
    assert found is not None
    P, Y, folds = found.predictions, found.responses, found.folds
    observed = target_scores(fold_pearson(P, Y, folds), folds)
    blocks, rng, above = Blocks.of(contiguous_blocks(N, BLOCK)), np.random.default_rng(0), np.zeros(TARGETS)
    for _ in range(PERMUTATIONS // blocks.n_turns):
        for order in Turns.draw(blocks, blocks.n_turns, rng).orders():
            above += target_scores(fold_pearson(P, Y[order], folds), folds) >= observed
    return (1 + above) / (1 + PERMUTATIONS)


def main(seeds: int) -> None:
    positives: dict[str, list[float]] = {}
    means: dict[str, list[float]] = {}
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        noise = recording(rng)
        scheme = Scheme.of(noise, GROUPED.folds, with_nuisance=True)
        fits = [fit_layer(LayerFits(Layer(series(rng, 20)), noise), scheme, GROUPED) for _ in range(LAYERS)]
        folds = np.stack([score(fit, scheme, GROUPED).folds for fit in fits])
        r = np.stack([score(fit, scheme, GROUPED).targets for fit in fits])
        t = r[0] * np.sqrt((N - 2) / (1 - r[0] ** 2))
        for name, p in (
            ("t test of the score", stats.t.sf(t, N - 2)),
            ("exchanges of single TRs", predicted_anew(fits[0], scheme, 1)),
            (f"blocks of {BLOCK} TRs, predictions kept", predictions_kept(fits[0], scheme)),
            (f"blocks of {BLOCK} TRs, predicted anew", predicted_anew(fits[0], scheme, BLOCK)),
        ):
            positives.setdefault(name, []).append(float(np.mean(p < 0.05)))
        choice = NestedChoice(scheme)
        for k, fit in enumerate(fits):
            choice.offer(k, fit)
        assert choice.fit is not None
        others = (folds.mean(2).sum(1, keepdims=True) - folds.mean(2)).argmax(0)
        for name, value in (
            ("on the test folds", r.mean(1).max()),
            ("on the other test folds", np.mean([folds[k, f].mean() for f, k in enumerate(others)])),
            ("strictly nested", score(choice.fit, scheme, GROUPED).targets.mean()),
        ):
            means.setdefault(name, []).append(float(value))
    for title, table in (("p < .05", positives), (f"best of {LAYERS} layers, mean r", means)):
        for name, values in table.items():
            print(f"{title}, {name}: {np.mean(values):+.4f} +- {np.std(values, ddof=1) / np.sqrt(seeds):.4f}")


if __name__ == "__main__":
    with threadpool_limits(1):
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
