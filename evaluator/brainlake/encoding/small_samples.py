"""Intervals that hold with few groups: a standard error by bootstrap of whole groups, and Student's t.

Percentiles of a bootstrap over ten stories cover 90 % where they promise 95. Here the standard error over groups,
times sqrt(G / (G - 1)) because G groups drawn from themselves vary too little, spans an interval with t of G - 1
degrees of freedom, for correlations on the scale of Fisher's z (``tests/benchmarks/bench_reading_coverage.py`` counts).
"""

from collections.abc import Callable
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from brainlake.encoding.arrays import FloatArray, matrix
from brainlake.encoding.student import student_quantile
from brainlake.errors import BrainlakeError

Scale = Literal["plain", "fisher_z"]

LEVEL: Final = 0.95
"""Coverage of every interval."""
MIN_UNITS: Final = 6
"""Groups below which an interval would say more about the method than about the data."""
MIN_PEOPLE: Final = 5
CURVE_INFLATION: Final = 1.2
"""Of the variance of what a curve adds to a straight line: small gains are skewed, and the fits that they are means of
share their training stories; without it intervals cover .917 to .939, with it .939 to .952."""

# Replicates drawn at once: bounds the memory where every word is a group of its own.
_BATCH = 100


class Interval(NamedTuple):
    """Ends of an interval."""

    low: float
    high: float


def correlation_interval(
    x: ArrayLike,
    y: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    n_boot: int = 1000,
) -> Interval:
    """Return the interval of a Pearson correlation of rows that come in groups, on the scale of Fisher's z.

    Parameters
    ----------
    x, y : arrays [n]
    groups : array of n labels, optional
        What is drawn whole, such as stories; by default every row is a group of its own.
    n_boot
        Replicates behind the standard error.

    Raises
    ------
    BrainlakeError
        Vectors of different lengths, values that are not finite, fewer than 6 groups.
    """
    a, b = _vector(x, "x"), _vector(y, "y")
    if len(a) != len(b):
        raise BrainlakeError(f"{len(a)} and {len(b)} values: they must agree")
    a, b = a - a.mean(), b - b.mean()
    sums = group_sums(np.stack([np.ones(len(a)), a, b, a * a, b * b, a * b], axis=1), groups, MIN_UNITS)
    return _interval(sums, correlation_of_sums, "fisher_z", n_boot)


def mean_interval(
    values: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    scale: Scale = "plain",
    least: int = MIN_UNITS,
    inflation: float = 1.0,
    n_boot: int = 1000,
) -> Interval:
    """Return the interval of the mean of values that come in groups.

    Parameters
    ----------
    values : array [n]
        Gains in log-likelihood a word, or one correlation a person.
    groups : array of n labels, optional
        What is drawn whole; by default every value is a group of its own.
    scale
        ``fisher_z`` for the mean of correlations, so that no end leaves [-1, 1].
    least
        Groups that there have to be.
    inflation
        What the variance of the mean is multiplied by, such as `CURVE_INFLATION`.
    n_boot
        As :func:`correlation_interval`.

    Raises
    ------
    BrainlakeError
        Values that are not finite, or fewer groups than ``least``.
    """
    values = _vector(values, "values")
    sums = group_sums(np.stack([np.ones(len(values)), values], axis=1), groups, least)
    return _interval(sums, lambda s: s[..., 1] / s[..., 0], scale, n_boot, inflation)


def deviation_interval(
    values: ArrayLike,
    inside: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    n_boot: int = 1000,
) -> Interval:
    """Return the interval of the mean of some values less the mean of all: what lifts both in a group cancels.

    Parameters
    ----------
    values : array [n]
    inside : array [n] of bool
        Which values the first mean is over.
    groups, n_boot
        As :func:`correlation_interval`.

    Raises
    ------
    BrainlakeError
        Values that are not finite, or fewer than 6 groups.
    """
    values, chosen = _vector(values, "values"), np.asarray(inside, dtype=np.float64)
    sums = group_sums(np.stack([chosen, chosen * values, np.ones(len(values)), values], axis=1), groups, MIN_UNITS)
    return _interval(sums, lambda s: s[..., 1] / s[..., 0] - s[..., 3] / s[..., 2], "plain", n_boot)


def _interval(
    sums: FloatArray,
    statistic: Callable[[FloatArray], FloatArray],
    scale: Scale,
    n_boot: int,
    inflation: float = 1.0,
) -> Interval:
    """Interval of a function of sums over groups [g, k]."""
    there, back = (np.arctanh, np.tanh) if scale == "fisher_z" else (np.asarray, np.asarray)
    n = len(sums)
    with np.errstate(divide="ignore", invalid="ignore"):
        replicates = there(statistic(drawn_sums(sums, n_boot)))
    # Undefined where the groups drawn have no value in a bin, or one value alone.
    error = np.nanstd(replicates) * np.sqrt(inflation * n / (n - 1))
    middle = there(statistic(sums.sum(0)))
    reach = student_quantile((1 + LEVEL) / 2, n - 1) * error
    return Interval(float(back(middle - reach)), float(back(middle + reach)))


def drawn_sums(sums: FloatArray, n_boot: int, seed: int = 0) -> FloatArray:
    """Sums over as many groups as there are, drawn with replacement, of sums over every group [g, k]: [n_boot, k]."""
    n, rng = len(sums), np.random.default_rng(seed)
    draws = [
        rng.multinomial(n, np.full(n, 1 / n), size=min(_BATCH, n_boot - start)) @ sums
        for start in range(0, n_boot, _BATCH)
    ]
    return np.concatenate(draws)


def correlation_of_sums(sums: FloatArray) -> FloatArray:
    """Correlation from the count, the sums of a and b, of their squares and of their product, on the last axis."""
    n, a, b, aa, bb, ab = np.moveaxis(sums, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((ab - a * b / n) / np.sqrt((aa - a * a / n) * (bb - b * b / n)))


def group_sums(rows: FloatArray, groups: ArrayLike | None, least: int) -> FloatArray:
    """Sums of the rows [n, k] over every group, [g, k]."""
    labels = np.arange(len(rows)) if groups is None else np.asarray(groups)
    if labels.shape != (len(rows),):
        raise BrainlakeError(f"{labels.shape} group labels for {len(rows)} rows")
    member = np.unique(labels, return_inverse=True)[1].ravel()
    sums = np.zeros((member.max() + 1, rows.shape[1]))
    np.add.at(sums, member, rows)
    if len(sums) < max(least, 2):
        raise BrainlakeError(f"{len(sums)} group(s) give no interval: at least {max(least, 2)} are needed")
    return sums


def _vector(values: ArrayLike, name: str) -> FloatArray:
    return matrix(values, name)[:, 0].astype(np.float64)
