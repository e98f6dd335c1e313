"""Delays, runs and their ends: steps on rows that are TRs, of features or, without ever widening them, of their kernel.

A rescaling of single features (z-scoring them by run, say) is no step that a kernel can answer.
"""

import numpy as np
from numpy.typing import ArrayLike

from brainlake.encoding.arrays import FloatArray, IntArray
from brainlake.encoding.kernel import symmetric
from brainlake.errors import BrainlakeError


def delayed_kernel(K: ArrayLike, delays: ArrayLike, runs: ArrayLike | None = None) -> FloatArray:
    """Return the Gram matrix of features at several delays side by side (a finite impulse response model).

    It is the sum over delays of K moved down its diagonal. Features before the start of a run count as 0,
    which is their mean if K is centred.

    Parameters
    ----------
    K : array [n, n]
    delays : sequence of ints, rows, none negative
    runs : array of n labels, optional
        Delays do not reach from one run into the next.
    """
    K = symmetric(K)
    delayed = np.zeros_like(K)
    for source, row in _delays(len(K), delays, runs):
        delayed[np.ix_(row, row)] += K[np.ix_(source, source)]
    return delayed


def delayed_features(X: ArrayLike, delays: ArrayLike, runs: ArrayLike | None = None) -> FloatArray:
    """Return features [n, d] at several delays side by side, [n, d x delays], 0 before the start of a run."""
    X = np.asarray(X)
    parts = []
    for source, row in _delays(len(X), delays, runs):
        part = np.zeros(X.shape, dtype=X.dtype)
        part[row] = X[source]
        parts.append(part)
    return np.hstack(parts)


def trimmed(runs: ArrayLike, first: int, last: int) -> IntArray:
    """Return the rows left when every run loses its `first` and `last` rows."""
    labels = np.asarray(runs)
    kept = [_rows(labels, run)[first:] for run in dict.fromkeys(labels.tolist())]
    kept = [rows[: len(rows) - last] for rows in kept]
    if not all(len(rows) for rows in kept):
        raise BrainlakeError(f"a run has no more than {first} + {last} rows: nothing is left of it")
    return np.concatenate(kept)


def standardised_by_run(X: ArrayLike, runs: ArrayLike) -> FloatArray:
    """Return float64 columns of mean 0 and standard deviation 1 in every run, 0 where constant in the run."""
    labels = np.asarray(runs)
    Z = np.array(X, dtype=np.float64)
    for run in np.unique(labels):
        rows = _rows(labels, run)
        Z[rows] = zscored(Z[rows])
    return Z


def zscored(X: FloatArray) -> FloatArray:
    """Return columns of mean 0 and standard deviation 1; 0 where constant."""
    centred = X - X.mean(0)
    sd = centred.std(0)
    constant = sd <= 1e-14 * np.abs(X).max(0, initial=0.0)
    return np.where(constant, 0.0, centred / np.where(constant, 1.0, sd))


def _delays(n: int, delays: ArrayLike, runs: ArrayLike | None) -> list[tuple[IntArray, IntArray]]:
    """For each delay the rows that are read and the rows they are written to."""
    steps = np.atleast_1d(np.asarray(delays))
    if steps.size == 0 or (steps < 0).any() or (steps != steps.astype(int)).any():
        raise BrainlakeError(f"delays are whole numbers of rows from 0, not {delays!r}")
    labels = np.zeros(n) if runs is None else np.asarray(runs)
    if labels.shape != (n,):
        raise BrainlakeError(f"{labels.shape} run labels for {n} rows")
    members = [_rows(labels, run) for run in np.unique(labels)]
    return [
        (
            np.concatenate([rows[: max(len(rows) - step, 0)] for rows in members]),
            np.concatenate([rows[step:] for rows in members]),
        )
        for step in steps.astype(int)
    ]


def _rows(labels: np.ndarray, run: object) -> IntArray:
    return np.flatnonzero(labels == run)
