"""What missing responses cost: one layer chosen, predicted and scored strictly nested, beside whole data.

    python tests/benchmarks/bench_gaps.py [ROWS] [MISSING]

ROWS stimuli (627) and 12,155 simulated voxels of nine subjects under ten grouped folds. MISSING rows (20) lack in 2,000
voxels of a region, in all of one subject, or in each of the subjects (other rows in each); or 1 % of all responses lack
at random. CPU seconds of one thread: what is prepared once a data set, what every layer costs, both beside whole data.
"""

import sys
import time
from collections.abc import Callable

import numpy as np
from threadpoolctl import threadpool_limits

from brainlake.encoding.decomposition import spectrum_of_kernel
from brainlake.encoding.folds import Folds, grouped
from brainlake.encoding.kernel import centred_gram
from brainlake.encoding.predict import fold_scores, prediction_scores
from brainlake.encoding.ridge import joint_ridge, predict_with_gaps
from brainlake.encoding.targets import Targets, prepare

VOXELS, WIDTH = 12_155, 4096


def simulated(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Kernel of a layer, responses, and groups of 16 sentences."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n, n)) * np.arange(1, n + 1) ** -0.5 @ rng.standard_normal((n, WIDTH))
    Y = X[:, :64] @ rng.standard_normal((64, VOXELS)) * 0.05 + rng.standard_normal((n, VOXELS))
    return centred_gram(X), Y, np.arange(n) // 16


def with_gaps(Y: np.ndarray, missing: int) -> dict[str, Callable[[], np.ndarray]]:
    rng = np.random.default_rng(1)
    subjects = np.array_split(np.arange(VOXELS), 9)

    def without(*columns: np.ndarray) -> np.ndarray:
        Z = Y.copy()
        for some in columns:
            Z[np.ix_(rng.choice(len(Y), missing, replace=False), some)] = np.nan
        return Z

    return {
        "whole": lambda: Y,
        "a region": lambda: without(np.arange(2000)),
        "a subject": lambda: without(subjects[0]),
        "each subject": lambda: without(*subjects),
        "1 % at random": lambda: np.where(rng.random(Y.shape) < 0.01, np.nan, Y),
    }


def score(K: np.ndarray, targets: Targets) -> np.ndarray:
    spectrum = spectrum_of_kernel(K)
    (fit,) = joint_ridge([spectrum], [targets])
    if targets.gaps is None:
        return fold_scores(fit.operator, targets)
    return prediction_scores(predict_with_gaps(spectrum, targets, fit.alphas * fit.scale), targets)


def measured(K: np.ndarray, Y: np.ndarray, folds: Folds) -> tuple[float, float]:
    """CPU seconds of preparing the responses and of a layer."""
    start = time.process_time()
    targets = prepare(Y, folds, np.float32)
    _ = (targets.variance, targets.factor if targets.gaps is None else targets.pattern_factors)
    prepared = time.process_time()
    score(K, targets)
    return prepared - start, time.process_time() - prepared


def main(n: int = 627, missing: int = 20) -> None:
    K, Y, groups = simulated(n)
    folds, whole = grouped(groups), 0.0
    print(f"{n} rows, {missing} missing, {VOXELS} voxels, {len(folds)} folds")
    for name, responses in with_gaps(Y, missing).items():
        Z = responses()
        # The best of three: nothing else makes a machine that others use say the same twice.
        prepared, layer = np.min([measured(K, Z, folds) for _ in range(1 if "%" in name else 3)], axis=0)
        whole = whole or layer
        print(
            f"{name:14} prepared {prepared:5.2f} s, a layer {layer:6.2f} s = {layer / whole:5.2f} x whole", flush=True
        )


if __name__ == "__main__":
    with threadpool_limits(1):
        main(*(int(argument) for argument in sys.argv[1:]))
