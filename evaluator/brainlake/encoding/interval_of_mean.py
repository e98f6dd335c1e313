"""The interval of a mean of scores that have intervals of their own."""

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from scipy import stats

from brainlake.encoding.arrays import FloatArray


class MeanInterval(NamedTuple):
    """Ends of an interval, and the degrees of freedom of its t: the lower of those of both ends."""

    low: float
    high: float
    freedom: float


def interval_of_mean(
    scores: FloatArray,
    low: FloatArray,
    high: FloatArray,
    people: Sequence[Mapping[str, float]],
    freedom: FloatArray,
    level: float = 0.95,
) -> MeanInterval:
    """Return the interval of the mean of scores that have intervals of their own.

    Each end is made from the variances that the same ends of the parts stand for (Zou, 2007). Parts of few folds have
    wide limits because they know their own variance badly; of the mean it is known better, by the degrees of freedom
    of Welch and Satterthwaite.

    Parameters
    ----------
    scores, low, high : arrays [k]
    people : sequence of k mappings
        `FoldInterval.people`: what of the scores varies together. Without people in common they are independent.
    freedom : array [k]
        Degrees of freedom of the parts' t; infinite for normal limits.
    level : float
        Coverage of the parts' intervals, and of this one.
    """
    k, mean, tail = len(scores), float(scores.mean()), (1 + level) / 2
    together = np.eye(k)
    for i, j in combinations(range(k), 2):
        common = people[i].keys() & people[j].keys()
        together[i, j] = together[j, i] = sum(people[i][one] * people[j][one] for one in common)
    ends: list[tuple[float, float]] = []
    for reach in (scores - low, high - scores):
        deviation = reach / stats.t.ppf(tail, freedom)
        shares = deviation * (together @ deviation)
        variance = float(shares.sum())
        if variance <= 0:
            ends.append((0.0, math.inf))
            continue
        # Variances of parts that vary together are known, and missed, together.
        known = shares / np.sqrt(freedom)
        missed = float(known @ np.abs(together) @ known)
        of_mean = variance**2 / missed if missed > 0 else math.inf
        ends.append((float(stats.t.ppf(tail, of_mean)) * math.sqrt(variance) / k, of_mean))
    (below, one), (above, other) = ends
    return MeanInterval(mean - below, mean + above, min(one, other))
