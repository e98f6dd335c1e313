"""Intervals of cross-validated scores, from what each fold scores: nothing is fitted again.

A score varies because other rows might have been tested and because others might have been trained on. The spread
between folds knows the first. Folds are standardised, and their penalties and layers chosen, each by itself, so they
and not the groups inside them are what is drawn. The training sets of the folds are nearly the same, which makes their
scores alike: the variance of their mean is larger than that of F independent ones, by a factor of 1 + c F / (F - 1).
Nadeau and Bengio (2003) have c = 1; half of that covers as it should in strictly nested encoding models
(`tests/benchmarks/bench_coverage.py`).
"""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.small_samples import MIN_PEOPLE, Interval
from brainlake.errors import BrainlakeError

SHARED_TRAINING = 0.5
"""Of the correction of Nadeau and Bengio (2003), how much is applied."""


MIN_FOLDS = 3


def fold_interval(
    score: float,
    parts: FloatArray,
    whole: FloatArray,
    *,
    correlation: bool,
    subjects: NDArray[Any] | None = None,
    n_boot: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Return the interval of a median over targets, each the sum over folds of `parts` over that of `whole`.

    Folds are drawn with replacement, and subjects with all their targets if given; the two variances are added, that
    of the folds with the correction for shared training data, and Student's t has the degrees of freedom of Welch and
    Satterthwaite.

    Parameters
    ----------
    score : float
        What the interval is about.
    parts, whole : arrays [F, v]
        Correlations times tested rows, and tested rows; or squared error gained, and squared deviations. 0 where a
        target has no row in a fold.
    correlation : bool
        Whether the interval is made on Fisher's z scale, where correlations near 1 are symmetric.
    subjects : array of v labels, optional
    n_boot, level, seed
        Draws, coverage, and the seed of the draws.

    Raises
    ------
    BrainlakeError
        Fewer than 3 folds or 5 subjects, or a level that is not between 0 and 1.
    """
    if len(parts) < MIN_FOLDS:
        raise BrainlakeError(f"{len(parts)} fold(s) cannot be resampled; at least {MIN_FOLDS} are needed")
    if not 0 < level < 1:
        raise BrainlakeError(f"a level of {level} is not between 0 and 1")
    variance, freedom = _fold_variance(parts, whole, correlation, n_boot, seed)
    if subjects is not None:
        other, others = _subject_variance(parts.sum(0) / whole.sum(0), subjects, correlation, n_boot, seed)
        total = variance + other
        if total > 0:
            freedom = total**2 / (variance**2 / freedom + other**2 / others)
        variance = total
    half = float(stats.t.ppf((1 + level) / 2, freedom) * np.sqrt(variance))
    if correlation:
        z = float(_fisher(np.array(score)))
        return Interval(float(np.tanh(z - half)), float(np.tanh(z + half)))
    return Interval(score - half, score + half)


def interval_of_mean(scores: FloatArray, low: FloatArray, high: FloatArray) -> Interval:
    """Return the interval of the mean of independent scores that have intervals of their own (Zou & Donner, 2008)."""
    k, mean = len(scores), float(scores.mean())
    return Interval(
        mean - float(np.sqrt(np.square(scores - low).sum())) / k,
        mean + float(np.sqrt(np.square(high - scores).sum())) / k,
    )


def fold_replicates(parts: FloatArray, whole: FloatArray, n_boot: int, seed: int) -> FloatArray:
    """Return the median over targets in every draw of folds [at most n_boot]; equal seeds pair those of two scores."""
    weights = _draws(len(parts), n_boot, seed).astype(np.float64)
    total = weights @ whole
    ratios = np.divide(weights @ parts, total, out=np.full(total.shape, np.nan), where=total > 0)
    # Where no target has a row in what was drawn there is no score: that draw is passed over.
    some = ~np.isnan(ratios).all(1)
    return np.asarray(np.nanmedian(ratios[some], axis=1))


def shared_training(n_folds: int) -> float:
    """Return the variance of a score in units of that of its bootstrap over folds."""
    return n_folds / (n_folds - 1) * (1 + SHARED_TRAINING * n_folds / (n_folds - 1))


def _fold_variance(
    parts: FloatArray, whole: FloatArray, correlation: bool, n_boot: int, seed: int
) -> tuple[float, float]:
    replicates = _scaled(fold_replicates(parts, whole, n_boot, seed), correlation)
    return float(replicates.var() * shared_training(len(parts))), len(parts) - 1


def _subject_variance(
    ratios: FloatArray, labels: NDArray[Any], correlation: bool, n_boot: int, seed: int
) -> tuple[float, float]:
    mine = [ratios[labels == s] for s in np.unique(labels)]
    n = len(mine)
    if n < MIN_PEOPLE:
        raise BrainlakeError(f"{n} subject(s) cannot be resampled; with fewer than {MIN_PEOPLE} leave them fixed")
    rng = np.random.default_rng([seed, 1])
    replicates = np.array(
        [np.median(np.concatenate([mine[i] for i in rng.integers(n, size=n)])) for _ in range(n_boot)]
    )
    return float(_scaled(replicates, correlation).var() * n / (n - 1)), n - 1


# The scores of a table share their draws: drawing them again for every layer and region costs more than the scores.
@lru_cache(maxsize=4)
def _draws(n_folds: int, n_boot: int, seed: int) -> NDArray[np.uint16]:
    """How many times each fold is drawn in each replicate, [n_boot, n_folds]."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(n_folds, np.full(n_folds, 1 / n_folds), size=n_boot).astype(np.uint16)


def _scaled(values: FloatArray, correlation: bool) -> FloatArray:
    return _fisher(values) if correlation else values


def _fisher(r: FloatArray) -> FloatArray:
    return np.asarray(np.arctanh(np.clip(r, -1 + 1e-12, 1 - 1e-12)))
