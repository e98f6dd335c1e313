"""Differences between scores over the same stories or people, which are drawn together for all scores."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from brainlake.encoding.arrays import FloatArray, matrix
from brainlake.encoding.paired import Differences, Pair, of_replicates
from brainlake.encoding.small_samples import MIN_UNITS, correlation_of_sums, drawn_sums, group_sums


def mean_differences(
    values: ArrayLike,
    groups: ArrayLike,
    pairs: Sequence[Pair],
    *,
    least: int = MIN_UNITS,
    n_boot: int = 1000,
    seed: int = 0,
) -> Differences:
    """Compare means of M columns.

    Whole groups are drawn, the same for all columns; the variance of a difference over the draws has the factor
    G / (G - 1), and Student's t G - 1 degrees of freedom, as in :func:`brainlake.encoding.small_samples.mean_interval`.

    Parameters
    ----------
    values : array [n, M]
        Gains in log-likelihood a word, or one correlation a person.
    groups : array of n labels
        Stories; people.
    pairs : sequence of (a, b)
        Which mean is taken from which.
    least
        Groups that there have to be.
    n_boot, seed
        Number and seed of the draws.

    Raises
    ------
    BrainlakeError
        Values that are not finite, or fewer groups than ``least``.
    """
    values = matrix(values, "values").astype(np.float64)
    sums = group_sums(np.column_stack([np.ones(len(values)), values]), groups, least)
    drawn = drawn_sums(sums, n_boot, seed)
    return _differences(values.mean(0), drawn[:, 1:] / drawn[:, :1], pairs, len(sums), seed)


def correlation_differences(
    X: ArrayLike, y: ArrayLike, groups: ArrayLike, pairs: Sequence[Pair], *, n_boot: int = 1000, seed: int = 0
) -> Differences:
    """Compare correlations of M columns with the same values, drawn as in :func:`mean_differences`.

    Parameters
    ----------
    X : array [n, M]
    y : array [n]
    groups, pairs, n_boot, seed
        As there.

    Raises
    ------
    BrainlakeError
        Values that are not finite, lengths that differ, or fewer than 6 groups.
    """
    x: FloatArray = matrix(X, "predictors").astype(np.float64)
    of: FloatArray = matrix(y, "values", rows=len(x)).astype(np.float64)
    x, of = x - x.mean(0), of - of.mean()
    n_columns = x.shape[1]
    rows = np.column_stack([np.ones(len(x)), of, of * of, x, x * x, x * of])
    sums = group_sums(rows, groups, MIN_UNITS)

    def correlations(found: FloatArray) -> FloatArray:
        n, b, bb = (np.repeat(found[:, [k]], n_columns, axis=1) for k in range(3))
        a, aa, ab = np.split(found[:, 3:], 3, axis=1)
        return correlation_of_sums(np.stack([n, a, b, aa, bb, ab], axis=-1))

    drawn = correlations(drawn_sums(sums, n_boot, seed))
    return _differences(correlations(sums.sum(0, keepdims=True))[0], drawn, pairs, len(sums), seed)


def _differences(scores: FloatArray, drawn: FloatArray, pairs: Sequence[Pair], n: int, seed: int) -> Differences:
    return of_replicates(scores.tolist(), drawn.T, pairs, n, n / (n - 1), seed=seed)
