"""Small symmetric positive definite systems, by LAPACK without what checks cost."""

from typing import Final

import numpy as np

from brainlake.encoding import lapack
from brainlake.encoding.arrays import FloatArray
from brainlake.errors import BrainlakeError

SINGULAR: Final = "leaving two folds out leaves a nuisance regressor without variation: drop it, or use other folds"

# Rows up to which LAPACK's own factorisation is at least as fast as that of halves.
_SMALL: Final = 128


def inverse_factor(G: FloatArray) -> FloatArray:
    """Overwrite a symmetric positive definite matrix, of which the lower triangle is read, with L^-1, L L' = G.

    Raises
    ------
    BrainlakeError
        The matrix is singular.
    """
    if not _invert_factor(G):
        raise BrainlakeError(SINGULAR)
    return G


def inverse(G: FloatArray) -> FloatArray:
    """Return the inverse of a symmetric positive definite matrix, of which the lower triangle is read.

    Raises
    ------
    BrainlakeError
        The matrix is singular.
    """
    J = np.array(G, dtype=np.float64, order="C")
    if not invert(J):
        raise BrainlakeError(SINGULAR)
    return lapack.mirror(J)


def invert(G: FloatArray) -> bool:
    """Overwrite the lower triangle of G [n, n] with that of its inverse; return whether G is positive definite.

    With L L' = G it is that of L^-1' L^-1. LAPACK's own way to it takes 1.5 times as long where n is 1000: little of it
    are products of large blocks.
    """
    if not _invert_factor(G):
        return False
    lapack.square_triangular(G)
    return True


def _invert_factor(G: FloatArray) -> bool:
    """Overwrite the lower triangle of G [n, n] with L^-1, L L' = G; return whether G is positive definite.

    Of the halves of G = [A, B'; B, C] and P P' = A, Q = B P^-1', R R' = C - Q Q' it is [P^-1, 0; -R^-1 Q P^-1, R^-1].
    """
    if len(G) <= _SMALL:
        return lapack.factor(G) and lapack.invert_triangular(G)
    half = len(G) // 2
    A, B, C = G[:half, :half], G[half:, :half], G[half:, half:]
    if not _invert_factor(A):
        return False
    lapack.multiply_by_triangular(B, A, transposed=True)
    lapack.subtract_square(C, B.T)
    if not _invert_factor(C):
        return False
    lapack.multiply_by_triangular(B, A, negative=True)
    lapack.multiply_triangular(C, B)
    return True


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


def solve_lines_in_place(G: FloatArray, R: FloatArray) -> None:
    """Overwrite R [k, n] with R G^-1, and the lower triangle of G [n, n] with its factor.

    Raises
    ------
    BrainlakeError
        The matrix is singular.
    """
    if not lapack.solve_positive_lines(G, R):
        raise BrainlakeError(SINGULAR)
