"""One eigendecomposition of a centred Gram matrix, from which ridge regression at every penalty follows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import eigh

from brainlake.encoding.arrays import FloatArray, matrix
from brainlake.encoding.kernel import centred, centred_gram, symmetric
from brainlake.errors import BrainlakeError


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Eigenvalues and eigenvectors of M K M, where M projects out what is fitted without a penalty.

    Attributes
    ----------
    values : array [r]
        Eigenvalues, ascending, none negative.
    vectors : array [n, r]
        Eigenvectors, orthogonal to `unpenalised`.
    unpenalised : array [n, q]
        Orthonormal basis of the constant and of nuisance regressors.
    complete : bool
        Whether the vectors span all that `unpenalised` does not; if not, the Gram matrix is 0 on the rest.
    """

    values: FloatArray
    vectors: FloatArray
    unpenalised: FloatArray
    complete: bool

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.vectors)

    @property
    def scale(self) -> float:
        """Mean eigenvalue trace(K)/n, the unit of relative penalties (1 if every feature is constant)."""
        return float(self.values.sum()) / self.n or 1.0

    def kernel(self) -> FloatArray:
        """Return M K M."""
        half = self.vectors * np.sqrt(self.values)
        return np.asarray(half @ half.T)

    def residual_maker(self, penalty: float) -> FloatArray:
        """Return penalty * M (M K M + penalty I)^-1 M: it maps responses to in-sample residuals.

        Multiplying by the penalty keeps its eigenvalues in [0, 1] whatever the scale of the features.
        """
        if self.complete:
            half = self.vectors * np.sqrt(penalty / (self.values + penalty))
            return np.asarray(half @ half.T)
        half = self.vectors * np.sqrt(self.values / (self.values + penalty))
        return projection(self.unpenalised) - half @ half.T


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
    values, vectors = eigh(K, driver="evd", check_finite=False)
    vectors -= basis @ (basis.T @ vectors)
    return Spectrum(np.maximum(values, 0.0), vectors, basis, complete=True)


def spectrum_of_features(X: ArrayLike, standardise: bool = False, nuisance: ArrayLike | None = None) -> Spectrum:
    """Decompose the Gram matrix of features [n, d] on its smaller side, n x n or n x d.

    Parameters
    ----------
    X : array [n, d]
    standardise : bool
        Divide every feature by its standard deviation over the n rows.
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
        return spectrum_of_kernel(centred_gram(X, standardise), nuisance)
    basis = unpenalised_basis(n, nuisance)
    Xc = centred(X, standardise)
    Xc -= basis @ (basis.T @ Xc)
    left, singular, _ = np.linalg.svd(Xc, full_matrices=False)
    keep = singular > n * np.finfo(np.float64).eps * singular[0]
    return Spectrum(singular[keep][::-1] ** 2, left[:, keep][:, ::-1], basis, complete=False)


def unpenalised_basis(n: int, nuisance: ArrayLike | None) -> FloatArray:
    """Return an orthonormal basis of the constant and the nuisance regressors.

    Raises
    ------
    BrainlakeError
        Nothing is left beside them.
    """
    constant = np.full((n, 1), n**-0.5)
    if nuisance is None:
        return constant
    left, singular, _ = np.linalg.svd(
        centred(matrix(nuisance, "nuisance regressors", rows=n), standardise=True), full_matrices=False
    )
    basis = np.hstack([constant, left[:, singular > 1e-10 * singular.max(initial=0.0)]])
    if basis.shape[1] >= n - 1:
        raise BrainlakeError(f"{basis.shape[1] - 1} independent nuisance regressors leave nothing of {n} rows")
    return basis


def projection(basis: FloatArray) -> FloatArray:
    """Return I - B B', the projection onto what an orthonormal basis does not span."""
    M: FloatArray = -(basis @ basis.T)
    M.flat[:: len(M) + 1] += 1.0
    return M
