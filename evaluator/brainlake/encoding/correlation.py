"""Pearson correlation, column by column, in float64."""

import numpy as np
from numpy.typing import ArrayLike

from brainlake.encoding.arrays import BoolArray, FloatArray, matrix
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
