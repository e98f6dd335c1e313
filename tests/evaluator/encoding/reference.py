"""Slow, plain float64 references: every fold is a fit of its own with scikit-learn."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.stats import pearsonr
from sklearn.base import RegressorMixin

from brainlake.encoding.correlation import standardised
from brainlake.encoding.folds import Folds, by_stimulus, contiguous, grouped, shuffle_split
from brainlake.encoding.kernel import centred_gram
from brainlake.encoding.ridge import RidgeFit, joint_ridge
from brainlake.encoding.similarity import kernel_cka
from brainlake.encoding.spectrum import Spectrum
from brainlake.encoding.targets import Targets

N = 40
FOLDS = [
    shuffle_split(N, 6),
    grouped(np.arange(N) // 3, 6),
    contiguous(N, 5, gap=2),
    by_stimulus(N, 8),
]
"""Folds of every kind, over N rows."""

ALPHAS = np.logspace(-3, 3, 7)


def refitted(make: Callable[[int], RegressorMixin], X: np.ndarray, Y: np.ndarray, folds: Folds) -> np.ndarray:
    """Stacked predictions of an estimator fitted anew on each fold's training rows."""
    parts = []
    for k, (train, test) in enumerate(zip(folds.train, folds.test, strict=True)):
        prediction = make(k).fit(X[train], Y[train]).predict(X[test])
        parts.append(prediction.reshape(len(test), -1))
    return np.concatenate(parts)


def scipy_fold_scores(P: np.ndarray, Y: np.ndarray, folds: Folds) -> np.ndarray:
    return np.array(
        [
            [pearsonr(P[s, j], Y[t, j]).statistic for j in range(Y.shape[1])]
            for s, t in zip(folds.slices, folds.test, strict=True)
        ]
    )


def fold_pearson(P: np.ndarray, Y: np.ndarray, folds: Folds) -> np.ndarray:
    """The same as `scipy_fold_scores`; nan, and no warning, where a column is constant."""
    pairs = [(standardised(P[s]), standardised(Y[t])) for s, t in zip(folds.slices, folds.test, strict=True)]
    return np.stack([(p * y).sum(0) for p, y in pairs])


def ridge(spectrum: Spectrum, targets: Targets, *args: Any, **options: Any) -> RidgeFit:
    """`joint_ridge` of targets that share their regressors."""
    return joint_ridge([spectrum], [targets], *args, **options)[0]


def errors_of(ask: Callable[[np.ndarray], np.ndarray], spectrum: Spectrum, alphas: np.ndarray) -> np.ndarray:
    """What makes errors of a residual maker, asked for every relative penalty."""
    return np.stack([ask(spectrum.residual_maker(alpha * spectrum.scale)) for alpha in alphas])


def cka(X: np.ndarray, Y: np.ndarray, debiased: bool = False) -> float:
    """`kernel_cka` of features."""
    return kernel_cka(centred_gram(X), centred_gram(Y), debiased)


def language_model_like(n: int, d: int, seed: int = 0, outliers: float = 0.0) -> np.ndarray:
    """Features with a power-law spectrum, a common mean, and two massive dimensions if asked for."""
    rng = np.random.default_rng(seed)
    k = min(n, d)
    X = (rng.standard_normal((n, k)) * np.arange(1, k + 1) ** -0.5) @ rng.standard_normal((k, d))
    X += 0.1 * rng.standard_normal((n, d)) + 3 * rng.standard_normal(d)
    if outliers:
        X[:, [1, d // 2]] = outliers * (10 + rng.standard_normal((n, 2)))
    return X
