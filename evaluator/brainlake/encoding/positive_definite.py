"""Small symmetric positive definite systems, by LAPACK without what checks cost."""

from typing import Final

import numpy as np

from brainlake.encoding import lapack
from brainlake.encoding.arrays import FloatArray
from brainlake.errors import BrainlakeError

SINGULAR: Final = "leaving two folds out leaves a nuisance regressor without variation: drop it, or use other folds"


def cholesky(G: FloatArray) -> FloatArray:
    """Overwrite a symmetric positive definite matrix, of which the lower triangle is read, with L, L L' = G; return it.

    Raises
    ------
    BrainlakeError
        The matrix is singular.
    """
    if not lapack.factor(G):
        raise BrainlakeError(SINGULAR)
    return G


def inverse(G: FloatArray) -> FloatArray:
    """Return the inverse of a symmetric positive definite matrix (four times the speed of `np.linalg.inv`).

    Raises
    ------
    BrainlakeError
        The matrix is singular.
    """
    J = cholesky(np.array(G, dtype=np.float64, order="C"))
    lapack.invert_factored(J)
    return lapack.mirror(J)


def solve(G: FloatArray, R: FloatArray) -> FloatArray:
    """Return G^-1 R in float64 for a symmetric positive definite matrix, of which the lower triangle is read.

    Raises
    ------
    BrainlakeError
        The matrix is singular.
    """
    E = np.array(R, dtype=np.float64, order="C")
    solve_in_place(np.array(G, dtype=np.float64, order="C"), E)
    return E


def solve_in_place(G: FloatArray, R: FloatArray) -> None:
    """Overwrite R with G^-1 R, and the lower triangle of G with its factor.

    Raises
    ------
    BrainlakeError
        The matrix is singular.
    """
    if not lapack.solve_positive(G, R):
        raise BrainlakeError(SINGULAR)
