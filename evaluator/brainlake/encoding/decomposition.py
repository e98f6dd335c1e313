"""Which of the two forms of a spectrum features or a Gram matrix have."""

import numpy as np
from numpy.typing import ArrayLike

from brainlake.encoding import lapack
from brainlake.encoding.arrays import FloatArray, IntArray, matrix
from brainlake.encoding.kernel import centred, centred_gram, symmetric
from brainlake.encoding.spectrum import Directions, Spectrum, Whole
from brainlake.encoding.unpenalised import unpenalised_basis

# Share of the rows, up to which directions above the floor are few: two Gram matrices together have less than half.
_FEW = 0.25
# Eigenvalues that have to be the same in a block of a Gram matrix, before all of it is decomposed.
_SAME = 8


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


def spectrum_of_features(X: ArrayLike, nuisance: ArrayLike | None = None) -> Spectrum:
    """Return the spectrum of features [n, d], found on their smaller side, n x n or n x d.

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


def spectrum_of_rows(spectrum: Spectrum, rows: IntArray) -> Spectrum:
    """Return the spectrum of some of the rows alone."""
    basis = spectrum.unpenalised
    nuisance = basis[rows, 1:] if basis.shape[1] > 1 else None
    return spectrum_of_kernel(spectrum.kernel()[np.ix_(rows, rows)], nuisance)


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
