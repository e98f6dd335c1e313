"""Significance of scores: out-of-fold predictions kept, whole blocks of responses exchanged.

Responses that follow one another, or share a passage, are no independent draws: exchanged one by one they make
far too many scores significant (21 % at .05 with AR(1) noise of .8). Exchanged in blocks as long as their memory,
they do not. Only a score whose layer and penalty were chosen without the test rows has a p value this way; for the
best layer on the test rows, `best_of` repeats that choice inside each permutation.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array
from scipy.stats import false_discovery_control, norm

from brainlake.encoding.arrays import BoolArray, FloatArray, IntArray
from brainlake.encoding.correlation import fold_standardised
from brainlake.encoding.folds import Folds
from brainlake.errors import BrainlakeError
from brainlake.stats import Aggregate, aggregated

# Numbers in the table of block products that are held at once.
_TABLE = 2**23


@dataclass(frozen=True, eq=False)
class PermutationTest:
    """One-sided tests that scores are above chance.

    Attributes
    ----------
    scores : array [v]
        Mean of per-fold correlations weighted by fold size; nan if undefined.
    p_values : array [v]
        Share of permutations that score as high or higher, the data as they are counted as one.
    score : float
        Scores aggregated over targets.
    p_value : float
        Of the aggregated score.
    replicates : array [n_permutations]
        The aggregated score in every permutation; equal seeds and blocks pair those of two sets of predictions.
    largest : array [n_permutations]
        The largest score of any target: exceeding its 95th percentile is significant whatever the number of targets.
    """

    scores: FloatArray
    p_values: FloatArray
    score: float
    p_value: float
    replicates: FloatArray
    largest: FloatArray


def contiguous_blocks(n: int, length: int, runs: ArrayLike | None = None) -> IntArray:
    """Return block labels [n]: stretches of `length` rows, none across two runs; the last of a run may be shorter."""
    if length < 1:
        raise BrainlakeError(f"blocks of {length} rows: at least 1 is needed")
    run = np.zeros(n, dtype=np.intp) if runs is None else np.unique(np.asarray(runs), return_inverse=True)[1]
    position = np.empty(n, dtype=np.intp)
    for r in np.unique(run):
        rows = np.flatnonzero(run == r)
        position[rows] = np.arange(len(rows)) // length
    return np.unique(np.stack([run.ravel(), position]), axis=1, return_inverse=True)[1].ravel()


def block_permutation(
    predictions: ArrayLike,
    responses: ArrayLike,
    folds: Folds,
    blocks: ArrayLike,
    *,
    aggregate: Aggregate = "median",
    n_permutations: int = 1000,
    seed: int = 0,
) -> PermutationTest:
    """Test scores by random exchanges of blocks, the same for all targets.

    Predictions and responses are standardised in each fold; blocks of responses of equal length are then
    exchanged. A block whose length no other has stays in place.

    Parameters
    ----------
    predictions : array [m, v], stacked as `folds.rows`
    responses : array [n, v]
    folds : Folds
        Disjoint folds.
    blocks : array of n labels
        Groups, runs or `contiguous_blocks`.
    aggregate : {"median", "mean"}
        Over targets whose score is defined.
    n_permutations, seed

    Raises
    ------
    BrainlakeError
        Overlapping folds, no two blocks of equal length, or arrays that do not fit together.
    """
    p, y, strata, defined = _exchangeable(predictions, responses, folds, blocks)
    rng = np.random.default_rng(seed)
    exchanges = [_exchanges(len(s), n_permutations, rng) for s in strata]
    replicates = np.zeros((n_permutations, p.shape[1]), dtype=np.float32)
    step = max(1, _TABLE // max(len(s) for s in strata) ** 2)
    for start in range(0, p.shape[1], step):
        block = slice(start, start + step)
        for stratum, exchange in zip(strata, exchanges, strict=True):
            products = _block_products(p[:, block], y[:, block], stratum)
            replicates[:, block] += exchange @ products.reshape(-1, products.shape[2])
    fixed, total = _fixed(p, y, strata)
    replicates += fixed
    replicates /= len(p)
    observed = total / len(p)
    above = (replicates >= observed.astype(np.float32) - 1e-6).sum(0)
    null, score = aggregated(replicates, aggregate), float(aggregated(observed[None], aggregate)[0])
    return PermutationTest(
        _spread(observed, defined),
        _spread((1 + above) / (1 + n_permutations), defined),
        score,
        _share(null, score),
        null,
        replicates.max(1, initial=-1.0),
    )


def block_moments(
    predictions: ArrayLike, responses: ArrayLike, folds: Folds, blocks: ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """Return z and one-sided p [v] from the exact mean and variance over all exchanges of blocks.

    For B blocks of m rows, with P and Y the blocks less their mean over blocks, the mean of sum(p y) is
    B sum(mean p * mean y) and its variance sum_ij (P'P)_ij (Y'Y)_ij / (B - 1), i and j rows inside a block (the
    permutation moments of Wald & Wolfowitz 1944, in blocks). The tail is normal: far out it is an approximation.

    Parameters and errors are those of `block_permutation`.
    """
    p, y, strata, defined = _exchangeable(predictions, responses, folds, blocks)
    mean, variance = np.zeros(p.shape[1]), np.zeros(p.shape[1])
    for stratum in strata:
        count, length = stratum.shape
        step = max(1, _TABLE // min(count, length) ** 2)
        for start in range(0, p.shape[1], step):
            block = slice(start, start + step)
            P, Y = p[stratum, block], y[stratum, block]
            mean[block] += count * (P.mean(0) * Y.mean(0)).sum(0)
            P, Y = P - P.mean(0), Y - Y.mean(0)
            # The same sum over pairs of rows or over pairs of blocks, whichever are fewer.
            P, Y = P.transpose(2, 1, 0), Y.transpose(2, 1, 0)
            if length < count:
                products = (P @ P.transpose(0, 2, 1)) * (Y @ Y.transpose(0, 2, 1))
            else:
                products = np.square(P.transpose(0, 2, 1) @ Y)
            variance[block] += products.sum((1, 2)) / (count - 1)
    fixed, total = _fixed(p, y, strata)
    z = (total - fixed - mean) / np.sqrt(variance)
    return _spread(z, defined), _spread(norm.sf(z), defined)


def best_of(tests: Sequence[PermutationTest]) -> float:
    """Return the p value of the best of several aggregated scores, the choice repeated in each permutation.

    Raises
    ------
    BrainlakeError
        No test, or tests of different numbers of permutations.
    """
    if len({len(t.replicates) for t in tests}) != 1:
        raise BrainlakeError("the best of several tests needs at least one, all of the same permutations")
    return _share(np.max([t.replicates for t in tests], axis=0), max(t.score for t in tests))


def circular_shift_p(x: ArrayLike, y: ArrayLike, shortest: int = 1) -> FloatArray:
    """Return one-sided p values [v] of correlations of time series against all circular shifts of y.

    Parameters
    ----------
    x, y : arrays [n, v], rows in order of time
    shortest : int
        Shifts by fewer rows, either way, are left out.

    Raises
    ------
    BrainlakeError
        Shapes that differ, or no shift left.
    """
    a, b = (np.asarray(s, dtype=np.float64) for s in (x, y))
    a, b = (s[:, None] if s.ndim == 1 else s for s in (a, b))
    if a.shape != b.shape or shortest < 1 or 2 * shortest > len(a):
        raise BrainlakeError(f"no circular shifts of {a.shape} and {b.shape} by {shortest} rows or more")
    a, b = a - a.mean(0), b - b.mean(0)
    products = np.fft.irfft(np.fft.rfft(a, axis=0) * np.fft.rfft(b, axis=0).conj(), len(a), axis=0)
    null = products[shortest : len(a) - shortest + 1]
    above = (null >= products[0] - 1e-12 * np.abs(products[0])).sum(0)
    p = (1 + above) / (1 + len(null))
    return np.where((np.ptp(a, axis=0) == 0) | (np.ptp(b, axis=0) == 0), np.nan, p)


def fdr(p_values: ArrayLike) -> FloatArray:
    """Return p values adjusted for the false discovery rate (Benjamini & Hochberg 1995); nan stays nan."""
    p = np.asarray(p_values, dtype=np.float64)
    defined = ~np.isnan(p)
    adjusted = np.full(p.shape, np.nan)
    if defined.any():
        adjusted[defined] = false_discovery_control(p[defined])
    return adjusted


def _exchangeable(
    predictions: ArrayLike, responses: ArrayLike, folds: Folds, blocks: ArrayLike
) -> tuple[FloatArray, FloatArray, list[IntArray], BoolArray]:
    """Return p and y in the order of rows, the rows [B, m] of blocks of each length, and defined targets."""
    if folds.overlapping:
        raise BrainlakeError("overlapping folds test rows more than once: their scores have no p value")
    labels = np.asarray(blocks)
    if labels.shape != (folds.n,):
        raise BrainlakeError(f"{labels.shape} block labels for {folds.n} rows")
    order = np.argsort(folds.rows)
    p, y = (a[order] for a in fold_standardised(predictions, responses, folds))
    # A constant prediction of responses that vary scores 0.
    p[np.isnan(p) & ~np.isnan(y)] = 0.0
    defined: BoolArray = ~np.isnan((p * y).sum(0))
    member = np.unique(labels[folds.rows[order]], return_inverse=True)[1].ravel()
    rows = np.split(np.argsort(member, kind="stable"), np.cumsum(np.bincount(member))[:-1])
    lengths = np.array([len(r) for r in rows])
    strata = [np.stack([rows[i] for i in np.flatnonzero(lengths == m)]) for m in np.unique(lengths)]
    strata = [s for s in strata if len(s) > 1]
    if not strata:
        raise BrainlakeError("no two blocks have the same number of rows: there is nothing to exchange")
    return p[:, defined], y[:, defined], strata, defined


def _block_products(p: FloatArray, y: FloatArray, stratum: IntArray) -> FloatArray:
    """Return [B, B, v]: the sum of p of one block times y of another."""
    P, Y = (np.ascontiguousarray(a[stratum].transpose(2, 0, 1)) for a in (p, y))
    return np.ascontiguousarray((P @ Y.transpose(0, 2, 1)).transpose(1, 2, 0))


def _exchanges(count: int, n_permutations: int, rng: np.random.Generator) -> csr_array:
    """Return a matrix [n_permutations, B * B] that sums the block products of each permutation."""
    order = rng.permuted(np.tile(np.arange(count), (n_permutations, 1)), axis=1)
    columns = (np.arange(count) * count + order).ravel()
    starts = np.arange(n_permutations + 1) * count
    return csr_array((np.ones(columns.size), columns, starts), shape=(n_permutations, count * count))


def _fixed(p: FloatArray, y: FloatArray, strata: list[IntArray]) -> tuple[FloatArray, FloatArray]:
    """Return the part of sum(p y) that no exchange touches, and all of it."""
    product = np.einsum("ij,ij->j", p, y)
    moved = np.concatenate([s.ravel() for s in strata])
    return product - np.einsum("ij,ij->j", p[moved], y[moved]), product


def _spread(values: FloatArray, defined: BoolArray) -> FloatArray:
    out = np.full(len(defined), np.nan)
    out[defined] = values
    return out


def _share(null: FloatArray, score: float) -> float:
    return float((1 + (null >= score - 1e-6).sum()) / (1 + len(null))) if np.isfinite(score) else float("nan")
