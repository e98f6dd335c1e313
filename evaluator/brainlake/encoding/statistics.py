"""Uncertainty and significance of scores, from out-of-fold predictions alone: nothing is fitted again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from brainlake.encoding.arrays import BoolArray, FloatArray, IntArray, column_blocks, matrix
from brainlake.encoding.correlation import fold_standardised
from brainlake.encoding.folds import Folds
from brainlake.errors import BrainlakeError

Aggregate = Literal["median", "mean"]

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


def bootstrap_interval(
    predictions: ArrayLike,
    responses: ArrayLike,
    folds: Folds,
    groups: ArrayLike | None = None,
    *,
    aggregate: Aggregate = "median",
    subjects: ArrayLike | None = None,
    n_boot: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Return the interval of an aggregated score when whole groups of rows are drawn with replacement.

    Predictions p and responses y are standardised inside each fold, over the rows where there is a response. The
    score of a target is the mean of p y, which is the mean of its per-fold Pearson correlations weighted by fold
    size. With w_i the times the group of row i was drawn, a replicate is sum(w p y) / sqrt(sum(w p^2) sum(w y^2)),
    aggregated over targets. Targets are fixed; with `subjects` given, subjects are drawn with replacement too, with
    all their targets. Groups in which no target has a response are not drawn; a target without any response in what
    was drawn is left out there.

    Parameters
    ----------
    predictions : array [m, v], stacked as `folds.rows`
    responses : array [n, v]
        NaN where missing, or not scored.
    folds : Folds
        Disjoint folds.
    groups : array of n labels, optional
        By default every row is its own group.
    aggregate : {"median", "mean"}
        Over targets; targets whose score is undefined are left out.
    subjects : array of v labels, optional
    n_boot, level, seed
        Replicates, coverage, and the seed of the draws.

    Raises
    ------
    BrainlakeError
        Overlapping folds, fewer than 3 groups or 5 subjects, or arrays that do not fit together.
    """
    if folds.overlapping:
        raise BrainlakeError("overlapping folds test rows more than once: their scores have no interval")
    P, Y = matrix(predictions, "predictions", rows=len(folds.rows)), np.asarray(responses)
    present = ~np.isnan(Y)
    Y = matrix(Y if present.all() else np.where(present, Y, 0.0), "responses", rows=folds.n)
    if P.shape[1] != Y.shape[1]:
        raise BrainlakeError(f"{P.shape[1]} columns of predictions for {Y.shape[1]} targets")
    present = present.reshape(Y.shape)
    answered = present.any(1)
    names, member = np.unique(_members(groups, folds.n)[answered], return_inverse=True)
    if len(names) < MIN_GROUPS:
        raise BrainlakeError(f"{len(names)} group(s) cannot be resampled; at least {MIN_GROUPS} are needed")
    group = np.zeros(folds.n, dtype=np.intp)
    group[answered] = member.ravel()
    sums = np.concatenate(
        [
            _moments(P[:, b], Y[:, b], None if present[:, b].all() else present[:, b], folds, group[folds.rows])
            for b in column_blocks(P.shape[1])
        ],
        axis=2,
    )
    defined: BoolArray = ~np.isnan(sums[0]).any(0) & (sums[2].sum(0) > 0)
    sums = sums[:, :, defined]
    draw_targets = None if subjects is None else _subject_draws(np.asarray(subjects), defined, seed)
    replicates = np.empty(n_boot)
    for rows, w in _weights(sums.shape[1], n_boot, seed):
        product, predicted, observed = (w @ a for a in sums)
        power = predicted * observed
        scores = np.divide(product, np.sqrt(power), out=np.full(power.shape, np.nan), where=power > 0)
        if draw_targets is None:
            replicates[rows] = aggregated(scores, aggregate)
        else:
            replicates[rows] = [aggregated(r[None, draw_targets()], aggregate)[0] for r in scores]
    return _percentiles(replicates, level)


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


def aggregated(scores: FloatArray, aggregate: Aggregate) -> FloatArray:
    """Return the median or mean over the targets that have one of scores [replicates, v]; nan if there are none.

    Raises
    ------
    BrainlakeError
        Another aggregate.
    """
    if aggregate not in ("median", "mean"):
        raise BrainlakeError(f"unknown aggregate {aggregate!r}; there is: mean, median")
    if scores.shape[1] == 0:
        return np.full(len(scores), np.nan)
    undefined = np.isnan(scores)
    if undefined.any():
        some = ~undefined.all(1)
        found = np.full(len(scores), np.nan)
        found[some] = (np.nanmedian if aggregate == "median" else np.nanmean)(scores[some], axis=1)
        return found
    return np.asarray(np.median(scores, axis=1) if aggregate == "median" else scores.mean(1))


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


def _moments(P: FloatArray, Y: FloatArray, present: BoolArray | None, folds: Folds, member: IntArray) -> FloatArray:
    """Return the sums [3, groups, v] of p y, p p and y y over the rows of each group; nan for undefined scores."""
    p, y = fold_standardised(P, Y, folds, present)
    # A constant prediction scores 0 and counts like any other: its product is 0, its power that of a fold.
    constant = np.isnan(p) & ~np.isnan(y)
    power = np.where(constant, 1.0 if present is None else present[folds.rows], p * p)
    p[constant] = 0.0
    return np.stack([_group_sums(a, member) for a in (p * y, power, y * y)])


def _weights(n_groups: int, n_boot: int, seed: int) -> Iterator[tuple[slice, FloatArray]]:
    """Yield, in batches, how many times each group is drawn in each replicate."""
    counts = _draws(n_groups, n_boot, seed)
    for start in range(0, n_boot, _BATCH):
        rows = slice(start, min(start + _BATCH, n_boot))
        yield rows, counts[rows].astype(np.float64)


# The scores of a table share their draws: drawing them again for every layer and region costs more than the scores.
@lru_cache(maxsize=4)
def _draws(n_groups: int, n_boot: int, seed: int) -> NDArray[np.uint16]:
    rng = np.random.default_rng(seed)
    return rng.multinomial(n_groups, np.full(n_groups, 1 / n_groups), size=n_boot).astype(np.uint16)


def _subject_draws(labels: NDArray[Any], defined: BoolArray, seed: int) -> Callable[[], IntArray]:
    """Return a function that draws subjects with replacement and returns their defined targets."""
    if labels.shape != defined.shape:
        raise BrainlakeError(f"{labels.shape} subject labels for {len(defined)} targets")
    targets = [np.flatnonzero(labels[defined] == s) for s in np.unique(labels)]
    if len(targets) < MIN_SUBJECTS:
        raise BrainlakeError(
            f"{len(targets)} subject(s) cannot be resampled; with fewer than {MIN_SUBJECTS} leave them fixed"
        )
    # A stream of its own, so that the draws of groups are the same with and without subjects.
    rng = np.random.default_rng([seed, 1])
    return lambda: np.concatenate([targets[i] for i in rng.integers(len(targets), size=len(targets))])


def _percentiles(replicates: FloatArray, level: float) -> Interval:
    if not 0 < level < 1:
        raise BrainlakeError(f"a level of {level} is not between 0 and 1")
    low, high = np.quantile(replicates, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), replicates)
