"""Pearson correlation, column by column, in float64."""

import numpy as np
from numpy.typing import ArrayLike

from brainlake.encoding.arrays import BoolArray, FloatArray, matrix
from brainlake.encoding.folds import Folds
from brainlake.errors import BrainlakeError


def pearson(A: ArrayLike, B: ArrayLike) -> FloatArray:
    """Return the correlation of each column of A with the same column of B.

    Parameters
    ----------
    A, B : arrays [n, v] (vectors count as one column)

    Returns
    -------
    array [v]
        nan where a column is constant.

    Raises
    ------
    BrainlakeError
        Shapes differ, fewer than 3 rows, or values that are not finite.
    """
    A, B = matrix(A, "predictions"), matrix(B, "responses")
    if A.shape != B.shape:
        raise BrainlakeError(f"correlation of arrays of shapes {A.shape} and {B.shape}: they must agree")
    return np.asarray(np.einsum("ij,ij->j", standardised(A), standardised(B)))


def fold_pearson(predictions: ArrayLike, responses: ArrayLike, folds: Folds) -> FloatArray:
    """Return the correlation inside every fold, [F, v].

    Parameters
    ----------
    predictions : array [m, v], stacked as `folds.rows`
    responses : array [n, v]

    Raises
    ------
    BrainlakeError
        Row numbers that do not fit the folds, or values that are not finite.
    """
    p, y = fold_standardised(predictions, responses, folds)
    return np.stack([np.einsum("ij,ij->j", p[s], y[s]) / (s.stop - s.start) for s in folds.slices])


def fold_standardised(predictions: ArrayLike, responses: ArrayLike, folds: Folds) -> tuple[FloatArray, FloatArray]:
    """Return predictions and test responses [m, v], both of mean 0 and mean square 1 in every fold.

    The mean of their product is the score of a target: the mean of its correlations in the folds, weighted by
    fold size. nan where constant in the fold.

    Raises
    ------
    BrainlakeError
        As `fold_pearson`.
    """
    P = matrix(predictions, "predictions", rows=len(folds.rows))
    Y = matrix(responses, "responses", rows=folds.n)[folds.rows]
    if P.shape != Y.shape:
        raise BrainlakeError(f"{P.shape[1]} columns of predictions for {Y.shape[1]} targets")
    p, y = np.empty(P.shape), np.empty(Y.shape)
    for s in folds.slices:
        size = np.sqrt(s.stop - s.start)
        p[s], y[s] = size * standardised(P[s]), size * standardised(Y[s])
    return p, y


def standardised(A: FloatArray) -> FloatArray:
    """Return float64 columns of mean 0 and sum of squares 1; nan where a column is constant.

    Constant means: what is left after centring is within the rounding error of the mean.
    """
    A = A.astype(np.float64)
    size = np.sqrt(np.einsum("ij,ij->j", A, A))
    A -= A.mean(0)
    norm = np.sqrt(np.einsum("ij,ij->j", A, A))
    norm[norm <= len(A) * np.finfo(np.float64).eps * size] = np.nan
    A /= norm
    return A


def standardised_where(A: FloatArray, present: BoolArray) -> FloatArray:
    """Return `standardised` columns of the elements that are present; 0 where they are not."""
    A = np.where(present, A, 0.0)
    size = np.sqrt(np.einsum("ij,ij->j", A, A))
    count = present.sum(0)
    A -= A.sum(0) / np.maximum(count, 1)
    A *= present
    norm = np.sqrt(np.einsum("ij,ij->j", A, A))
    norm[norm <= count * np.finfo(np.float64).eps * size] = np.nan
    A /= norm
    return A
