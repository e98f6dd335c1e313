"""The interval of a mean of scores that have intervals of their own."""

import math
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.small_samples import Interval


def interval_of_mean(
    scores: FloatArray, low: FloatArray, high: FloatArray, people: Sequence[Mapping[str, float]]
) -> Interval:
    """Return the interval of the mean of scores that have intervals of their own (Zou, 2007).

    Parts of few folds have wide limits because they know their own variance badly, and of a mean it is known better.
    Limits with as many degrees of freedom as all parts have would be narrower, and too narrow where a signal is weak:
    there the variance is known too low as well.

    Parameters
    ----------
    scores, low, high : arrays [k]
    people : sequence of k mappings
        `FoldInterval.people`: what of the scores varies together. Without people in common they are independent.
    """
    k, mean = len(scores), float(scores.mean())
    together = np.eye(k)
    for i, j in combinations(range(k), 2):
        common = people[i].keys() & people[j].keys()
        correlation = sum(people[i][one] * people[j][one] for one in common)
        together[i, j] = together[j, i] = min(max(correlation, -1.0), 1.0)
    below, above = (math.sqrt(max(float(side @ together @ side), 0.0)) / k for side in (scores - low, high - scores))
    return Interval(mean - below, mean + above)
