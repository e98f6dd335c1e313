"""From words to scans: features of words, each with a time, become features of TRs.

Times are seconds on one clock. TR k of ``times`` covers the ``tr`` seconds that start at ``times[k]``. Delays (FIR)
come after this step. A TR without words gets zeros from every function here.
"""

from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike

from brainlake.encoding.arrays import FloatArray, IntArray
from brainlake.errors import BrainlakeError

JITTER: Final = 0.01
"""Share of a TR by which the next may begin too early: times are rounded, and scanners are not exact."""


def tr_of_words(onsets: ArrayLike, times: ArrayLike, tr: float, closed: Literal["left", "right"] = "left") -> IntArray:
    """Return the TR that every word falls into, or -1.

    Parameters
    ----------
    onsets : array [n]
        Time of every word (s).
    times : array [m]
        Start of every TR (s), ascending; gaps between runs are allowed, and overlaps of :data:`JITTER`, where a word
        belongs to the later one.
    tr
        Repetition time (s).
    closed
        Whether a word exactly on the border of two TRs belongs to the later one (``left``), or to the earlier
        (``right``, as in Toneva and Wehbe's code for Harry Potter).

    Raises
    ------
    BrainlakeError
        If the TRs are not in order, or overlap, or a time is not finite.

    Examples
    --------
    >>> tr_of_words([0.0, 1.9, 2.0, 9.0], [0.0, 2.0, 4.0], 2.0).tolist()
    [0, 0, 1, -1]
    """
    words, starts = _times(onsets, "word times"), _times(times, "TR times")
    if (np.diff(starts) < tr * (1 - JITTER)).any():
        raise BrainlakeError(f"TRs of {tr} s have to start at least {tr} s after one another, in order")
    # Starts may be a rounding error off the border that a word time names exactly.
    slack = tr * 1e-6
    side: Literal["left", "right"] = "right" if closed == "left" else "left"
    index = np.searchsorted(starts, words + slack if closed == "left" else words - slack, side=side) - 1
    since = words - starts[np.maximum(index, 0)]
    outside = (index < 0) | (since >= tr - slack if closed == "left" else since > tr + slack)
    return np.where(outside, -1, index).astype(np.intp)


def total(X: ArrayLike, trs: IntArray, n_trs: int) -> FloatArray:
    """Sum the features [n, d] of the words of every TR, [m, d]; words of TR -1 are left out."""
    X = _features(X, trs)
    out = np.zeros((n_trs, X.shape[1]), X.dtype)
    np.add.at(out, trs[trs >= 0], X[trs >= 0])
    return out


def average(X: ArrayLike, trs: IntArray, n_trs: int) -> FloatArray:
    """Average the features [n, d] of the words of every TR, [m, d]."""
    counts = np.bincount(trs[trs >= 0], minlength=n_trs)
    return np.asarray(total(X, trs, n_trs) / np.maximum(counts, 1)[:, None], dtype=np.asarray(X).dtype)


def labels_of_trs(onsets: ArrayLike, labels: ArrayLike, times: ArrayLike) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    """Label (story, audio segment, ...) of every TR: that of the last word begun by then, of the first before it."""
    words, starts = _times(onsets, "word times"), _times(times, "TR times")
    if (np.diff(words) < 0).any():
        raise BrainlakeError("word times have to be in order")
    index = np.maximum(np.searchsorted(words, starts, side="right") - 1, 0)
    found: np.ndarray[tuple[int], np.dtype[np.str_]] = np.asarray(labels, dtype=np.str_)[index]
    return found


def _times(values: ArrayLike, name: str) -> FloatArray:
    times = np.asarray(values, dtype=np.float64)
    if times.ndim != 1 or len(times) == 0 or not np.isfinite(times).all():
        raise BrainlakeError(f"{name}: a vector of finite seconds is expected")
    return times


def _features(X: ArrayLike, rows: FloatArray | IntArray) -> FloatArray:
    X = np.asarray(X)
    if X.ndim != 2 or len(X) != len(rows):
        raise BrainlakeError(f"features of shape {X.shape} for {len(rows)} words")
    return X
