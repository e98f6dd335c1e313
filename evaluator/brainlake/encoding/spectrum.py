"""Centred Gram matrices as ridge regression at every penalty needs them.

A Gram matrix may be a multiple of the identity, its floor, and beside it as little as a few features make. Ridge
regression on it is that on what is above the floor, with a penalty larger by the floor: one eigendecomposition serves
every penalty. Elsewhere inverting the matrix at a penalty costs no more than what eigenvectors make of it, and there
is nothing to decompose.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from brainlake.encoding import lapack
from brainlake.encoding.arrays import FloatArray, IntArray, matrix
from brainlake.encoding.kernel import centred, centred_gram, symmetric
from brainlake.encoding.positive_definite import invert
from brainlake.encoding.unpenalised import projection, unpenalised_basis
from brainlake.errors import BrainlakeError

# Share of the rows, up to which directions above the floor are few: two Gram matrices together have less than half.
_FEW = 0.25
# Eigenvalues that have to be the same in a block of a Gram matrix, before all of it is decomposed.
_SAME = 8


@dataclass(frozen=True, eq=False)
class Spectrum(ABC):
    """M K M of n rows, where M projects out what is fitted without a penalty.

    Attributes
    ----------
    unpenalised : array [n, q]
        Orthonormal basis of the constant and of nuisance regressors.
    """

    unpenalised: FloatArray

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.unpenalised)

    @property
    @abstractmethod
    def scale(self) -> float:
        """Mean eigenvalue trace(K)/n, the unit of relative penalties (1 if every feature is constant)."""

    @abstractmethod
    def kernel(self) -> FloatArray:
        """Return M K M."""

    @abstractmethod
    def residual_maker(self, penalty: float) -> FloatArray:
        """Return a M (M K M + penalty I)^-1 M: it maps responses to multiples of in-sample residuals.

        The factor a keeps its eigenvalues in [0, 1] whatever the scale of the features.
        """

    @abstractmethod
    def residuals(
        self, penalty: float, Y: FloatArray, squares: Sequence[IntArray]
    ) -> tuple[FloatArray, list[FloatArray]]:
        """Return what `residual_maker` makes of responses [n, v], and its squares [k, k] over some rows each."""

    def subset(self, rows: IntArray) -> "Spectrum":
        """Return the spectrum of some of the rows alone."""
        nuisance = self.unpenalised[rows, 1:] if self.unpenalised.shape[1] > 1 else None
        return spectrum_of_kernel(self.kernel()[np.ix_(rows, rows)], nuisance)


@dataclass(frozen=True, eq=False)
class Directions(Spectrum):
    """Few directions above a floor.

    Attributes
    ----------
    values : array [r]
        Eigenvalues of M K M less `floor`, none negative.
    vectors : array [n, r]
        Eigenvectors, orthogonal to `unpenalised`.
    floor : float
        What `values` are counted from; M K M is `floor` on what neither they nor `unpenalised` span.
    """

    values: FloatArray
    vectors: FloatArray
    floor: float = 0.0

    @property
    def scale(self) -> float:
        """Mean eigenvalue."""
        return (float(self.values.sum()) + self.floor * (self.n - self.unpenalised.shape[1])) / self.n or 1.0

    def kernel(self) -> FloatArray:
        """Return M K M."""
        half = self.vectors * np.sqrt(self.values)
        above = np.asarray(half @ half.T)
        return above + self.floor * projection(self.unpenalised) if self.floor else above

    def residual_maker(self, penalty: float) -> FloatArray:
        """Return what makes residuals of responses, times (penalty + floor) / penalty."""
        G = np.empty((self.n, self.n))
        lapack.square(np.hstack([self.unpenalised, self.vectors * np.sqrt(self._shrunken(penalty))]), out=G)
        np.negative(G, out=G)
        G.flat[:: self.n + 1] += 1.0
        return lapack.mirror(G)

    def residuals(
        self, penalty: float, Y: FloatArray, squares: Sequence[IntArray]
    ) -> tuple[FloatArray, list[FloatArray]]:
        """Return residuals of responses, and squares of the residual maker, without the rest of it."""
        shrunken, B = self._shrunken(penalty), self.unpenalised
        R = np.asarray(Y - B @ (B.T @ Y) - self.vectors @ (shrunken[:, None] * (self.vectors.T @ Y)))
        halves = [self.vectors[rows] * np.sqrt(shrunken) for rows in squares]
        return R, [projection(B[rows]) - half @ half.T for rows, half in zip(squares, halves, strict=True)]

    def _shrunken(self, penalty: float) -> FloatArray:
        """What is left of responses along each direction, [r]."""
        return np.asarray(self.values / (self.values + penalty + self.floor))


@dataclass(frozen=True, eq=False)
class Whole(Spectrum):
    """A Gram matrix that is inverted at every penalty.

    Attributes
    ----------
    raised : array [n, n]
        M K M + scale * B B', B being `unpenalised`: the inverse then has no directions of which nothing but rounding
        is left, and what it has along B is taken off.
    """

    raised: FloatArray

    @property
    def scale(self) -> float:
        """Mean eigenvalue."""
        return float(np.trace(self.raised) / (self.n + self.unpenalised.shape[1]))

    def kernel(self) -> FloatArray:
        """Return M K M."""
        return np.asarray(self.raised - self.scale * (self.unpenalised @ self.unpenalised.T))

    def residual_maker(self, penalty: float) -> FloatArray:
        """Return what makes residuals of responses.

        Raises
        ------
        BrainlakeError
            The penalty is below the rounding of the Gram matrix.
        """
        G = self.raised / penalty
        G.flat[:: self.n + 1] += 1.0
        if not invert(G):
            raise BrainlakeError(
                f"a penalty of {penalty / self.scale:.1g} mean eigenvalues is lost in the rounding of the Gram matrix: "
                "offer larger ones"
            )
        along = self.unpenalised * np.sqrt(penalty / (penalty + self.scale))
        lapack.subtract_square_of_lines(G, np.ascontiguousarray(along))
        return lapack.mirror(G)

    def residuals(
        self, penalty: float, Y: FloatArray, squares: Sequence[IntArray]
    ) -> tuple[FloatArray, list[FloatArray]]:
        """Return residuals of responses, and squares of the residual maker."""
        G = self.residual_maker(penalty)
        return np.asarray(G @ Y), [G[np.ix_(rows, rows)] for rows in squares]


def spectrum_of_kernel(K: ArrayLike, nuisance: ArrayLike | None = None) -> Spectrum:
    """Return the spectrum of a Gram matrix (centred here, if it is not already), decomposed if few directions make it.

    Parameters
    ----------
    K : array [n, n]
    nuisance : array [n, q], optional
        Regressors that are fitted without a penalty beside the constant, anew inside every fold.

    Raises
    ------
    BrainlakeError
        K is not a finite symmetric matrix of at least 3 rows, or the nuisance regressors leave nothing of it.
    """
    K = symmetric(K)
    basis = unpenalised_basis(len(K), nuisance)
    along = K @ basis
    along -= 0.5 * basis @ (basis.T @ along)
    K -= np.hstack([along, basis]) @ np.hstack([basis, along]).T
    q = basis.shape[1]
    if _all_different(K, q):
        return _whole(K, basis)
    values, vectors = lapack.eigh(K)
    # Eigenvalues of what is not penalised are 0, and stand before the floor.
    rounding, least = len(K) * np.finfo(np.float64).eps * values[-1], values[q]
    floor = float(least) if least > rounding else 0.0
    above = values - floor > rounding
    if above.sum() > _FEW * len(K):
        return _whole(K, basis)
    values, vectors = np.maximum(values[above] - floor, 0.0), vectors[:, above]
    return Directions(basis, values, vectors - basis @ (basis.T @ vectors), floor)


def _all_different(K: FloatArray, q: int) -> bool:
    """Whether eigenvalues of a Gram matrix cannot be all the same but for few, and q zeros: a look at a block tells.

    If all but q smaller and r larger ones are the same, so are, but for as many, those of any of its square blocks
    (Cauchy's interlacing).
    """
    size = int(_FEW * len(K)) + q + _SAME
    if size > len(K):
        return False
    values = np.linalg.eigvalsh(K[:size, :size])
    return bool(values[q + _SAME - 1] - values[q] > len(K) * np.finfo(np.float64).eps * np.trace(K))


def _whole(K: FloatArray, basis: FloatArray) -> Whole:
    """Raise what is not penalised."""
    K += np.trace(K) / len(K) * (basis @ basis.T)
    return Whole(basis, K)


def spectrum_of_features(X: ArrayLike, nuisance: ArrayLike | None = None) -> Spectrum:
    """Decompose the Gram matrix of features [n, d] on its smaller side, n x n or n x d.

    Parameters
    ----------
    X : array [n, d]
    nuisance : array [n, q], optional
        Regressors that are fitted without a penalty beside the constant, anew inside every fold.

    Raises
    ------
    BrainlakeError
        X is not a finite matrix of at least 3 rows, or the nuisance regressors leave nothing of it.
    """
    X = matrix(X, "features")
    n, d = X.shape
    if 2 * d >= n:
        return spectrum_of_kernel(centred_gram(X), nuisance)
    return spectrum_of_factor(centred(X), nuisance)


def spectrum_of_factor(F: FloatArray, nuisance: ArrayLike | None = None, floor: float = 0.0) -> Directions:
    """Decompose the Gram matrix floor * P + F F', P = I - 11'/n, of few columns F [n, r] of mean 0.

    Raises
    ------
    BrainlakeError
        The nuisance regressors leave nothing of it.
    """
    n = len(F)
    basis = unpenalised_basis(n, nuisance)
    left, singular, _ = np.linalg.svd(F - basis @ (basis.T @ F), full_matrices=False)
    keep = singular > n * np.finfo(np.float64).eps * singular.max(initial=0.0)
    return Directions(basis, singular[keep] ** 2, left[:, keep], floor)
