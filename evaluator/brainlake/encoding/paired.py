"""Differences between scores whose draws are shared: intervals, p values, and p values adjusted for many pairs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from brainlake.encoding.arrays import BoolArray, FloatArray
from brainlake.encoding.student import student_quantile, student_tail

Pair = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Differences:
    """Differences of pairs of scores, all of shape (pairs,)."""

    values: FloatArray
    low: FloatArray
    high: FloatArray
    p_values: FloatArray
    p_adjusted: FloatArray


def of_replicates(
    scores: Sequence[float],
    drawn: FloatArray,
    pairs: Sequence[Pair],
    n_units: int,
    inflation: float,
    *,
    level: float = 0.95,
    seed: int = 0,
) -> Differences:
    """Compare scores whose replicates share their draws.

    P values of many pairs are adjusted step by step, each against the largest of the statistics that are left (Westfall
    & Young, 1993; Romano & Wolf, 2005): centred draws over their standard deviation, their tails those of Student's t.

    Parameters
    ----------
    scores : sequence of M floats
    drawn : array [M, draws]
    pairs : sequence of (a, b)
        Which score is taken from which.
    n_units
        What was drawn: folds, stories, people. Student's t has one degree of freedom less.
    inflation
        Variance of a score in units of that of its replicates.
    """
    n_boot = drawn.shape[1]
    a, b = np.array(pairs, dtype=np.intp).T
    values = np.asarray(scores)[a] - np.asarray(scores)[b]
    replicates = drawn[a] - drawn[b]
    deviation = replicates.std(1)
    error = deviation * np.sqrt(inflation)
    # Two that predict the same have no difference: nothing speaks against it.
    t = np.divide(np.abs(values), error, out=np.zeros(len(values)), where=error > 0)
    half = float(student_quantile((1 + level) / 2, n_units - 1)) * error
    # One scale a draw for all pairs: a multivariate t.
    scale = np.sqrt((n_units - 1) / np.random.default_rng([seed, 2]).chisquare(n_units - 1, size=n_boot))
    centred = np.abs(replicates - replicates.mean(1, keepdims=True))
    null = np.divide(centred, deviation[:, None], out=np.zeros_like(centred), where=deviation[:, None] > 0) * scale
    p = 2 * student_tail(t, n_units - 1)
    # Drawn, the adjusted one may come out below the exact one of a single pair, which it never is.
    return Differences(values, values - half, values + half, p, np.maximum(p, step_down(t, null)))


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
