"""One eigendecomposition of a centred Gram matrix, from which ridge regression at every penalty follows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import eigh

from brainlake.encoding.arrays import FloatArray, matrix
from brainlake.encoding.kernel import centre_kernel, centred, centred_gram


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Eigenvalues and centred eigenvectors of a centred Gram matrix of n rows.

    Attributes
    ----------
    values : array [r]
        Eigenvalues, ascending, none negative.
    vectors : array [n, r]
        Eigenvectors, each of mean 0.
    complete : bool
        Whether the vectors span all but the constant direction; if not, the Gram matrix is 0 on the rest.
    """

    values: FloatArray
    vectors: FloatArray
    complete: bool

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.vectors)

    @property
    def scale(self) -> float:
        """Mean eigenvalue trace(K)/n, the unit of relative penalties (1 if every feature is constant)."""
        return float(self.values.sum()) / self.n or 1.0

    def residual_maker(self, penalty: float) -> FloatArray:
        """Return penalty * P (K + penalty I)^-1 P, P = I - 11'/n: it maps responses to in-sample residuals.

        Multiplying by the penalty keeps its eigenvalues in [0, 1] whatever the scale of the features.
        """
        if self.complete:
            half = self.vectors * np.sqrt(penalty / (self.values + penalty))
            return np.asarray(half @ half.T)
        half = self.vectors * np.sqrt(self.values / (self.values + penalty))
        maker: FloatArray = np.negative(half @ half.T)
        maker -= 1.0 / self.n
        maker.flat[:: self.n + 1] += 1.0
        return maker


def spectrum_of_kernel(K: ArrayLike) -> Spectrum:
    """Decompose a Gram matrix (centred here, if it is not already).

    Raises
    ------
    BrainlakeError
        K is not a finite symmetric matrix of at least 3 rows.
    """
    return _kernel_side(centre_kernel(K))


def spectrum_of_features(X: ArrayLike, standardise: bool = False) -> Spectrum:
    """Decompose the centred Gram matrix of features [n, d] on its smaller side, n x n or d x d.

    Raises
    ------
    BrainlakeError
        X is not a finite matrix of at least 3 rows.
    """
    X = matrix(X, "features")
    n, d = X.shape
    if d >= n - 1:
        return _kernel_side(centred_gram(X, standardise))
    Xc = centred(X, standardise)
    # Squaring Xc would lose small singular values: a thin SVD costs about as much and does not.
    left, singular, _ = np.linalg.svd(Xc, full_matrices=False)
    rank = int((singular > n * np.finfo(np.float64).eps * singular[0]).sum())
    keep = slice(None, rank)
    return Spectrum(singular[keep][::-1] ** 2, left[:, keep][:, ::-1], complete=False)


def _kernel_side(K: FloatArray) -> Spectrum:
    values, vectors = eigh(K, driver="evd", check_finite=False)
    return Spectrum(np.maximum(values, 0.0), vectors - vectors.mean(0), complete=True)
