"""Small symmetric positive definite systems, by LAPACK without what checks cost."""

from typing import Final

import numpy as np
from scipy.linalg import lapack

from brainlake.encoding.arrays import FloatArray
from brainlake.errors import BrainlakeError

SINGULAR: Final = "leaving two folds out leaves a nuisance regressor without variation: drop it, or use other folds"


def inverse(G: FloatArray) -> FloatArray:
    """Return the inverse of a symmetric positive definite matrix (four times the speed of `np.linalg.inv`).

    Raises
    ------
    BrainlakeError
        The matrix is singular.
    """
    # LAPACK wants columns together: the transpose of a symmetric matrix is that without a copy.
    factor, failed = lapack.dpotrf(G.T, lower=1)
    if failed:
        raise BrainlakeError(SINGULAR)
    lower = lapack.dpotri(factor, lower=1, overwrite_c=1)[0]
    J: FloatArray = lower + lower.T
    J.flat[:: len(J) + 1] /= 2
    return J


def solve(G: FloatArray, R: FloatArray) -> FloatArray:
    """Return G^-1 R in float64 for a symmetric positive definite matrix, of which the lower triangle is read.

    Raises
    ------
    BrainlakeError
        The matrix is singular.
    """
    _, E, failed = lapack.dposv(G if G.flags.f_contiguous else G.T, R, lower=G.flags.f_contiguous)
    if failed:
        raise BrainlakeError(SINGULAR)
    return np.asarray(E)
