"""Bootstrap of whole groups."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from brainlake.encoding.arrays import FloatArray, IntArray, matrix
from brainlake.errors import BrainlakeError

MIN_SUBJECTS = 5
MIN_GROUPS = 3
# Replicates drawn at once: bounds the memory at a few times this many rows of targets.
_BATCH = 100


@dataclass(frozen=True, eq=False)
class Interval:
    """A percentile bootstrap interval.

    Attributes
    ----------
    low, high : float
        nan if the statistic is undefined in any replicate.
    replicates : array [n_boot]
        The statistic in every replicate. With equal seeds and groups the replicates of two scores are paired.
    """

    low: float
    high: float
    replicates: FloatArray


def bootstrap_correlation(
    x: ArrayLike,
    y: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    n_boot: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Return the interval of a Pearson correlation when whole groups are drawn with replacement.

    Parameters
    ----------
    x, y : arrays [n]
    groups : array of n labels, optional
        By default every value is its own group.

    Raises
    ------
    BrainlakeError
        Vectors of different lengths, values that are not finite, fewer than 3 groups.
    """
    a = matrix(x, "x")[:, 0].astype(np.float64)
    b = matrix(y, "y", rows=len(a))[:, 0].astype(np.float64)
    a, b = a - a.mean(), b - b.mean()
    columns = np.stack([np.ones(len(a)), a, b, a * a, b * b, a * b], axis=1)
    sums = _group_sums(columns, _members(groups, len(a)))
    replicates = np.empty(n_boot)
    for rows, w in _weights(len(sums), n_boot, seed):
        n, sa, sb, saa, sbb, sab = (w @ sums).T
        with np.errstate(divide="ignore", invalid="ignore"):
            replicates[rows] = (sab - sa * sb / n) / np.sqrt((saa - sa * sa / n) * (sbb - sb * sb / n))
    return _percentiles(replicates, level)


def _members(groups: ArrayLike | None, n: int) -> IntArray:
    """Return the group of every row as a number from 0."""
    if groups is None:
        return np.arange(n)
    labels = np.asarray(groups)
    if labels.shape != (n,):
        raise BrainlakeError(f"{labels.shape} group labels for {n} rows")
    return np.unique(labels, return_inverse=True)[1].ravel()


def _group_sums(values: FloatArray, member: IntArray) -> FloatArray:
    order = np.argsort(member, kind="stable")
    starts = np.flatnonzero(np.diff(member[order], prepend=-1))
    if len(starts) < MIN_GROUPS:
        raise BrainlakeError(f"{len(starts)} group(s) cannot be resampled; at least {MIN_GROUPS} are needed")
    return np.asarray(np.add.reduceat(values[order], starts, axis=0))


def _weights(n_groups: int, n_boot: int, seed: int) -> Iterator[tuple[slice, FloatArray]]:
    """Yield, in batches, how many times each group is drawn in each replicate."""
    counts = draws(n_groups, n_boot, seed)
    for start in range(0, n_boot, _BATCH):
        rows = slice(start, min(start + _BATCH, n_boot))
        yield rows, counts[rows].astype(np.float64)


# The scores of a table share their draws: drawing them again for every layer and region costs more than the scores.
@lru_cache(maxsize=4)
def draws(n_groups: int, n_boot: int, seed: int) -> NDArray[np.uint16]:
    """Return how many times each group is drawn in each replicate, [n_boot, n_groups]."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(n_groups, np.full(n_groups, 1 / n_groups), size=n_boot).astype(np.uint16)


def _percentiles(replicates: FloatArray, level: float) -> Interval:
    if not 0 < level < 1:
        raise BrainlakeError(f"a level of {level} is not between 0 and 1")
    low, high = np.quantile(replicates, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), replicates)
