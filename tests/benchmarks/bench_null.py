"""Scores and p values of the evaluator where there is nothing to find.

    python tests/benchmarks/bench_null.py [SEEDS]

Features and responses are independent AR(1) series of 600 TRs (rho .8), 100 targets a seed, under protocol `grouped`:
folds of segments with a gap, delays, strictly nested penalties and layers, blocks of 30 TRs exchanged. Prints the share
of targets with p < .05, beside that of single rows exchanged, and the mean score of the best of 33 layers.
"""

import sys
from dataclasses import replace

import numpy as np
import polars as pl
from threadpoolctl import threadpool_limits

from brainlake import recordings
from brainlake.features import Features, Layer, LayerFits
from brainlake.protocols import PROTOCOLS
from brainlake.recordings import Recording
from brainlake.regression import Regression
from brainlake.setting import Setting, TargetGroup
from brainlake.volumes import Volumes

N, TARGETS, LAYERS, RHO = 600, 100, 33, 0.8


def series(rng: np.random.Generator, columns: int) -> np.ndarray:
    noise = rng.standard_normal((N + 100, columns))
    for i in range(1, len(noise)):
        noise[i] = RHO * noise[i - 1] + np.sqrt(1 - RHO**2) * noise[i]
    return noise[100:]


def recording(rng: np.random.Generator) -> Recording:
    times = 2.0 * np.arange(N)
    volumes = Volumes(times + 1, times, np.full(N, "1"), np.arange(N), 2.0)
    labels = np.full(TARGETS, "s"), np.full(TARGETS, ""), np.arange(TARGETS).astype(str)
    groups = (np.arange(N) // 60).astype(str)
    return Recording("null", pl.DataFrame(), series(rng, TARGETS), *labels, "grouped", groups, volumes=volumes)


def scored(noise: Recording, layers: list[np.ndarray], n_permutations: int) -> list[dict]:
    """Rows of the choice over layers, one a target."""
    groups = [TargetGroup(np.array([i])) for i in range(TARGETS)]
    ceilings = pl.DataFrame(
        schema=dict.fromkeys(("protocol", "folds", "roi", "subject", "target_id", "scale"), pl.String)
    )
    setting = Setting(noise, PROTOCOLS["grouped"], groups, 0, n_permutations, ceilings)
    regression = Regression(setting, "default")
    source = Features({"model": "noise"}, tuple(range(len(layers))), lambda k: Layer(layers[k]))
    ledger = regression.ledger(source)
    for k in source.layers:
        ledger.offer(k, regression.measure(LayerFits(source.read(k), noise)))
    return [row for row in ledger.rows() if row["selection"] == "nested"]


def main(seeds: int) -> None:
    positives: dict[str, list[float]] = {"blocks of 30 TRs": [], "single TRs": []}
    naive, nested = [], []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        noise = recording(rng)
        layers = [series(rng, 20) for _ in range(LAYERS)]
        for name, length in (("blocks of 30 TRs", 30), ("single TRs", 1)):
            recordings.BLOCK_ROWS = length
            rows = scored(replace(noise), layers[:1], 1000)
            positives[name].append(np.mean([row["p_value"] < 0.05 for row in rows]))
        single = np.array([[row["score"] for row in scored(noise, [X], 0)] for X in layers])
        naive.append(single.max(0).mean())
        nested.append(np.mean([row["score"] for row in scored(noise, layers, 0)]))
    for name, share in positives.items():
        print(f"p < .05, {name} exchanged: {np.mean(share):.3f} +- {np.std(share) / np.sqrt(seeds):.3f} of targets")
    for name, r in (("best of 33 layers on the test folds", naive), ("best of 33 layers, nested", nested)):
        print(f"{name}: mean r {np.mean(r):+.4f} +- {np.std(r) / np.sqrt(seeds):.4f}")


if __name__ == "__main__":
    with threadpool_limits(1):
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
