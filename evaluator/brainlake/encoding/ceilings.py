"""Noise ceilings computed from responses of several subjects to the same stimuli."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.correlation import standardised, standardised_where
from brainlake.encoding.exchange import Blocks
from brainlake.errors import BrainlakeError

MIN_SUBJECTS: Final = 2

Scorer = Callable[[FloatArray, FloatArray], FloatArray]
"""Cross-validated scores [F, v] of predicting responses [n, v] from those of other subjects [n, p]."""


def spearman_brown(r: ArrayLike) -> FloatArray:
    """Reliability of the whole from the correlation of its halves: 2 r / (1 + r)."""
    r = np.asarray(r, dtype=np.float64)
    with np.errstate(divide="ignore"):  # halves that are exactly opposite: minus infinity
        return np.asarray(2 * r / (1 + r))


def split_half(responses: ArrayLike, n_splits: int = 200, seed: int = 0) -> FloatArray:
    """Reliability of the mean over subjects, by random halves of the subjects and Spearman-Brown.

    Parameters
    ----------
    responses : array [s, n, v]
        Subjects, rows, targets; every subject's responses are standardised first, so that none leads.
    n_splits
        Random halves; of an odd number of subjects the second half has one more.

    Returns
    -------
    array [v]
        Median over the splits. Its square root bounds the correlation with the mean over all subjects.

    Raises
    ------
    BrainlakeError
        Not three axes, fewer than two subjects, or values that are not finite.
    """
    Z = _standardised_subjects(responses)
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(n_splits):
        order = rng.permutation(len(Z))
        first, second = np.split(order, [len(Z) // 2])
        found.append(_correlation(Z[first].mean(0), Z[second].mean(0)))
    return np.asarray(np.median(spearman_brown(found), axis=0))


def leave_one_out(responses: ArrayLike) -> FloatArray:
    """Correlation of every subject with the mean of the others.

    The lower bound of the noise ceiling of Nili et al. (2014): what a model of what the subjects share can be
    expected to reach in one subject is at least this.

    Parameters
    ----------
    responses : array [s, n, v]
        NaN where missing: the mean is over the others that have a response, the correlation over the rows where there
        are both.

    Returns
    -------
    array [s, v]
        nan where a subject, or the others, do not vary.

    Raises
    ------
    BrainlakeError
        Not three axes, or fewer than two subjects.
    """
    Y = _subjects(responses)
    present = ~np.isnan(Y)
    Z = np.stack([standardised_where(y, there) for y, there in zip(np.nan_to_num(Y), present, strict=True)])
    Z = np.where(present, Z * np.sqrt(np.maximum(present.sum(1, keepdims=True), 1)), 0.0)
    total, count = Z.sum(0), present.sum(0)
    found = []
    for z, there in zip(Z, present, strict=True):
        both = there & (count - there > 0)
        others = (total - z) / np.maximum(count - there, 1)
        found.append(
            np.einsum("ij,ij->j", standardised_where(np.nan_to_num(z), both), standardised_where(others, both))
        )
    return np.stack(found)


@dataclass(frozen=True, eq=False)
class Chance:
    """How a statistic of responses compares with what it is when subjects share nothing.

    Attributes
    ----------
    p_values : array [k]
        Share of exchanges in which each of k numbers is as high or higher, the data as they are counted as one; nan
        where the number is not defined.
    n : int
        Number of exchanges.
    """

    p_values: FloatArray
    n: int


def chance(
    responses: ArrayLike,
    blocks: Blocks,
    statistic: Callable[[FloatArray], FloatArray],
    n: int = 200,
    seed: int = 0,
) -> Chance:
    """Test a statistic of responses [s, n, v] by exchanging blocks of rows, in every subject on its own.

    Parameters
    ----------
    responses : array [s, n, v]
    blocks : Blocks
        What is exchanged as a whole.
    statistic
        Function from responses to k numbers.
    n, seed
        Number of exchanges, and the seed of their draws.
    """
    Y = _subjects(responses)
    observed = statistic(Y)
    rng = np.random.default_rng(seed)
    above = np.zeros(observed.shape)
    for _ in range(n):
        exchanged = Y.copy()
        for mine, theirs in zip(exchanged, Y, strict=True):
            for rows in blocks.alike:
                mine[rows.ravel()] = theirs[rng.permutation(rows).ravel()]
        above += statistic(exchanged) >= observed
    return Chance(np.where(np.isnan(observed), np.nan, (1 + above) / (1 + n)), n)


def extrapolated(
    subjects: Sequence[FloatArray],
    score: Scorer,
    *,
    subsets_per_size: int | None = None,
    n_bootstraps: int = 100,
    seed: int = 0,
) -> FloatArray:
    """Ceiling of every target by extrapolation to infinitely many subjects, as Brain-Score Language does.

    In every subset of 2, 3, ... N subjects each subject in turn is predicted from all targets of the others by
    the procedure that scores models. For each target, means over resampled scores at each size n are fitted by
    ``v0 (1 - exp(-n / tau0))`` with v0 in [0, 1]; its ceiling is the median v0. The benchmark's ceiling is the
    median over targets (Schrimpf et al., 2021, SI; ``ExtrapolationCeiling`` of Brain-Score Language).

    Parameters
    ----------
    subjects : arrays [n, v_s]
        Responses of every subject to the same rows.
    score
        The procedure that models are scored by.
    subsets_per_size
        Random subsets drawn at each size; all of them by default, which grows as 2^N.
    n_bootstraps
        Fits per target.

    Returns
    -------
    array [sum of v_s]
        Targets of the first subject, then of the second, and so on; nan where no fit converged.

    Raises
    ------
    BrainlakeError
        Fewer than two subjects, or subjects of different length.
    """
    if len(subjects) < MIN_SUBJECTS or len({len(Y) for Y in subjects}) != 1:
        raise BrainlakeError("extrapolation needs two or more subjects with the same rows")
    rng = np.random.default_rng(seed)
    sizes = range(2, len(subjects) + 1)
    collected: list[list[list[FloatArray]]] = [[[] for _ in sizes] for _ in subjects]
    for place, size in enumerate(sizes):
        subsets = list(combinations(range(len(subjects)), size))
        if subsets_per_size is not None and len(subsets) > subsets_per_size:
            subsets = [subsets[i] for i in rng.choice(len(subsets), subsets_per_size, replace=False)]
        for subset in subsets:
            for held_out in subset:
                others = np.concatenate([subjects[i] for i in subset if i != held_out], axis=1)
                collected[held_out][place].append(score(others, subjects[held_out]))
    ceilings = []
    for per_size in collected:
        known = [(n, np.concatenate(found)) for n, found in zip(sizes, per_size, strict=True) if found]
        v = known[0][1].shape[1]
        ceilings += [_extrapolate([(n, values[:, t]) for n, values in known], n_bootstraps) for t in range(v)]
    return np.array(ceilings)


def _extrapolate(scores: list[tuple[int, FloatArray]], n_bootstraps: int) -> float:
    from scipy.optimize import curve_fit  # Imported here: it takes a fifth of a second to load.

    rng = np.random.default_rng(0)
    usable = [(n, r[np.isfinite(r)]) for n, r in scores]
    usable = [(n, r) for n, r in usable if len(r)]
    if not usable:
        return float("nan")
    sizes = np.array([n for n, _ in usable], dtype=np.float64)
    found = []
    for _ in range(n_bootstraps):
        means = np.array([rng.choice(r, len(r)).mean() for _, r in usable])
        try:
            # The search may try a negative tau0, as Brain-Score's does; its exponential then overflows.
            with np.errstate(over="ignore", invalid="ignore"):
                (v0, _), _ = curve_fit(_saturating, sizes, means, bounds=([0, -np.inf], [1, np.inf]))
        except RuntimeError:  # no optimum found for this resample
            continue
        found.append(v0)
    return float(np.median(found)) if found else float("nan")


def _saturating(n: FloatArray, v0: float, tau0: float) -> FloatArray:
    return np.asarray(v0 * (1 - np.exp(-n / tau0)))


def _subjects(responses: ArrayLike) -> FloatArray:
    Y = np.asarray(responses, dtype=np.float64)
    if Y.ndim != 3 or len(Y) < MIN_SUBJECTS:
        raise BrainlakeError(f"responses of two or more subjects x rows x targets are expected, not shape {Y.shape}")
    return Y


def _standardised_subjects(responses: ArrayLike) -> FloatArray:
    Y = _subjects(responses)
    if not np.isfinite(Y).all():
        subject = int(np.argwhere(~np.isfinite(Y))[0][0])
        raise BrainlakeError(f"responses of subject {subject} are missing for some rows; leave out those rows")
    return np.stack([standardised(y) for y in Y])


def _correlation(A: FloatArray, B: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("ij,ij->j", standardised(A), standardised(B)))
