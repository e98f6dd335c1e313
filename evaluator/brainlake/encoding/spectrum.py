"""One eigendecomposition of a centred Gram matrix, from which ridge regression at every penalty follows.

A Gram matrix may be a multiple of the identity, its floor, and beside it as little as a few features make. Ridge
regression on it is that on what is above the floor, with a penalty larger by the floor.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from brainlake.encoding import lapack
from brainlake.encoding.arrays import FloatArray, IntArray, matrix
from brainlake.encoding.kernel import centred, centred_gram, symmetric
from brainlake.encoding.unpenalised import projection, unpenalised_basis

# Share of the rows, up to which directions above the floor are few: two Gram matrices together have less than half.
_FEW = 0.25


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Eigenvalues and eigenvectors of M K M, where M projects out what is fitted without a penalty.

    Attributes
    ----------
    values : array [r]
        Eigenvalues less `floor`, ascending, none negative.
    vectors : array [n, r]
        Eigenvectors, orthogonal to `unpenalised`.
    unpenalised : array [n, q]
        Orthonormal basis of the constant and of nuisance regressors.
    complete : bool
        Whether the vectors span all that `unpenalised` does not; if not, the Gram matrix is `floor` on the rest.
    floor : float
        What `values` are counted from: eigenvalues of M K M are `values + floor`.
    """

    values: FloatArray
    vectors: FloatArray
    unpenalised: FloatArray
    complete: bool
    floor: float = 0.0

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.unpenalised)

    @property
    def scale(self) -> float:
        """Mean eigenvalue trace(K)/n, the unit of relative penalties (1 if every feature is constant)."""
        return (float(self.values.sum()) + self.floor * (self.n - self.unpenalised.shape[1])) / self.n or 1.0

    def subset(self, rows: IntArray) -> "Spectrum":
        """Return the spectrum of some of the rows alone."""
        nuisance = self.unpenalised[rows, 1:] if self.unpenalised.shape[1] > 1 else None
        return spectrum_of_kernel(self.kernel()[np.ix_(rows, rows)], nuisance)

    def kernel(self) -> FloatArray:
        """Return M K M."""
        half = self.vectors * np.sqrt(self.values)
        above = np.asarray(half @ half.T)
        return above + self.floor * projection(self.unpenalised) if self.floor else above

    def residual_maker(self, penalty: float) -> FloatArray:
        """Return (penalty + floor) M (M K M + penalty I)^-1 M: it maps responses to multiples of in-sample residuals.

        The factor keeps its eigenvalues in [0, 1] whatever the scale of the features.
        """
        penalty += self.floor
        G = np.empty((self.n, self.n))
        if self.complete:
            lapack.square(self.vectors * np.sqrt(penalty / (self.values + penalty)), out=G)
        else:
            shrunken = self.vectors * np.sqrt(self.values / (self.values + penalty))
            lapack.square(np.hstack([self.unpenalised, shrunken]), out=G)
            np.negative(G, out=G)
            G.flat[:: self.n + 1] += 1.0
        return lapack.mirror(G)

    def residual_block(self, penalty: float, rows: IntArray) -> FloatArray:
        """Return the rows and columns [k, k] of some rows of `residual_maker`."""
        penalty += self.floor
        if self.complete:
            half = self.vectors[rows] * np.sqrt(penalty / (self.values + penalty))
            return np.asarray(half @ half.T)
        half = self.vectors[rows] * np.sqrt(self.values / (self.values + penalty))
        return projection(self.unpenalised[rows]) - half @ half.T

    def residuals(self, penalty: float, Y: FloatArray) -> FloatArray:
        """Return what `residual_maker` makes of responses [n, v]."""
        penalty += self.floor
        if self.complete:
            return np.asarray(self.vectors @ ((penalty / (self.values + penalty))[:, None] * (self.vectors.T @ Y)))
        fitted = self.vectors @ ((self.values / (self.values + penalty))[:, None] * (self.vectors.T @ Y))
        return np.asarray(Y - self.unpenalised @ (self.unpenalised.T @ Y) - fitted)


def spectrum_of_kernel(K: ArrayLike, nuisance: ArrayLike | None = None) -> Spectrum:
    """Decompose a Gram matrix (centred here, if it is not already).

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
    K -= basis @ (basis.T @ K)
    K -= (K @ basis) @ basis.T
    values, vectors = lapack.eigh(K)
    # Eigenvalues of what is not penalised are 0, and stand before the floor.
    rounding, least = len(K) * np.finfo(np.float64).eps * values[-1], values[basis.shape[1]]
    floor = float(least) if least > rounding else 0.0
    above = values - floor > rounding
    few = bool(above.sum() <= _FEW * len(K))
    if few:
        values, vectors = values[above] - floor, vectors[:, above]
    vectors -= basis @ (basis.T @ vectors)
    return Spectrum(np.maximum(values, 0.0), vectors, basis, complete=not few, floor=floor if few else 0.0)


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


def spectrum_of_factor(F: FloatArray, nuisance: ArrayLike | None = None, floor: float = 0.0) -> Spectrum:
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
    return Spectrum(singular[keep][::-1] ** 2, left[:, keep][:, ::-1], basis, complete=False, floor=floor)
