"""Differences between scores on the same folds: intervals, p values, and p values adjusted for many pairs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from brainlake.encoding.arrays import BoolArray, FloatArray
from brainlake.encoding.fold_draws import Drawn, draw_folds, draw_subjects, shrinkage
from brainlake.encoding.fold_interval import SHARED_TRAINING

Pair = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Differences:
    """Differences of pairs of scores, all of shape (pairs,)."""

    values: FloatArray
    low: FloatArray
    high: FloatArray
    p_values: FloatArray
    p_adjusted: FloatArray


def differences(
    scores: Sequence[float],
    parts: Sequence[FloatArray],
    whole: FloatArray,
    pairs: Sequence[Pair],
    *,
    subjects: NDArray[Any] | None = None,
    n_boot: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Differences:
    """Compare scores of the same targets on the same folds.

    The draws of folds, and of subjects if given, are the same for all scores, and differences vary over them as
    `fold_interval` says. What of the variance is noise of single targets, each with folds of its own, has as many more
    degrees of freedom (Welch and Satterthwaite). P values of many pairs are adjusted step by step, each against the
    largest of the statistics that are left (Westfall & Young, 1993; Romano & Wolf, 2005).

    Parameters
    ----------
    scores : sequence of M floats
    parts : sequence of M arrays [F, v]
    whole : array [F, v]
        As in `fold_interval`.
    pairs : sequence of (a, b)
        Which score is taken from which.
    subjects : array of v labels, optional
        Drawn with all their targets: of at least 5.
    n_boot, level, seed
        As in `fold_interval`.
    """
    spreads = [_spread(parts[a], parts[b], whole, subjects, n_boot, seed) for a, b in pairs]
    values = np.array([scores[a] - scores[b] for a, b in pairs])
    error = np.sqrt([one.variance for one in spreads])
    freedom = np.array([one.freedom for one in spreads])
    # Two that predict the same have no difference: nothing speaks against it.
    t = np.divide(np.abs(values), error, out=np.zeros(len(values)), where=error > 0)
    p = 2 * stats.t.sf(t, freedom)
    half = stats.t.ppf((1 + level) / 2, freedom) * error
    # On one scale, whatever the degrees of freedom of each.
    adjusted = step_down(stats.norm.isf(p / 2), np.stack([np.abs(one.standard) for one in spreads]))
    return Differences(values, values - half, values + half, p, np.maximum(adjusted, p))


class _Spread(NamedTuple):
    """How a difference varies: its variance, with degrees of freedom, and draws of mean 0 and variance 1."""

    variance: float
    freedom: float
    standard: FloatArray


def _spread(
    a: FloatArray, b: FloatArray, whole: FloatArray, subjects: NDArray[Any] | None, n_boot: int, seed: int
) -> _Spread:
    n, v = whole.shape
    first, second = draw_folds(a, whole, n_boot, seed), draw_folds(b, whole, n_boot, seed)
    half, difference = (
        shrinkage(Drawn(*(combine(x, y) for x, y in zip(first, second, strict=True))), n)
        for combine in (lambda x, y: (x + y) / 2, lambda x, y: x - y)
    )
    medians = np.nanmedian(first.draws + half + difference / 2, axis=1) - np.nanmedian(
        second.draws + half - difference / 2, axis=1
    )
    shared = float(np.nanmean(first.draws - second.draws, axis=1).var()) * n / (n - 1)
    own = max(float(medians.var()) * n / (n - 1) - shared, 0.0)
    # Variances and their degrees of freedom.
    terms = [(shared * (1 + SHARED_TRAINING * n / (n - 1)), n - 1), (own, (n - 1) * max(v - 1, 1))]
    draws = medians - medians.mean()
    if subjects is not None:
        people = len(np.unique(subjects))
        medians = np.subtract(*draw_subjects(np.stack([first.scores, second.scores]), subjects, n_boot, seed))
        terms.append((float(medians.var()) * people / (people - 1), people - 1))
        draws = draws + (medians - medians.mean())[: len(draws)]
    variance = sum(term for term, _ in terms)
    deviation = draws.std()
    if not variance or not deviation:
        return _Spread(0.0, n - 1, np.zeros(len(draws)))
    freedom = variance**2 / sum(term**2 / degrees for term, degrees in terms)
    return _Spread(variance, freedom, draws / deviation)


def step_down(statistics: FloatArray, null: FloatArray) -> FloatArray:
    """Return p values adjusted for their number by step-down maxima.

    Parameters
    ----------
    statistics : array [m]
    null : array [m, draws]
        The same where there is nothing, jointly drawn.
    """
    order = np.argsort(-statistics, kind="stable")
    # The largest among a statistic and all that are smaller, in every draw.
    highest = np.maximum.accumulate(null[order][::-1], axis=0)[::-1]
    p = (1 + (highest >= statistics[order, None]).sum(1)) / (1 + null.shape[1])
    adjusted = np.empty(len(p))
    adjusted[order] = np.maximum.accumulate(p)
    return adjusted


def alike(different: BoolArray) -> list[list[int]]:
    """Return the largest groups in which no two are told apart, of items that are in order.

    Parameters
    ----------
    different : array [M, M] of bool
        Symmetric.

    Examples
    --------
    >>> alike(np.array([[0, 0, 1], [0, 0, 0], [1, 0, 0]], dtype=bool))
    [[0, 1], [1, 2]]
    """
    found: list[list[int]] = []

    def grow(group: list[int], candidates: set[int], done: set[int]) -> None:
        if not candidates and not done:
            found.append(sorted(group))
        for one in sorted(candidates):
            near = set(np.flatnonzero(~different[one]).tolist()) - {one}
            grow([*group, one], candidates & near, done & near)
            candidates = candidates - {one}
            done = done | {one}

    grow([], set(range(len(different))), set())
    return sorted(found)
