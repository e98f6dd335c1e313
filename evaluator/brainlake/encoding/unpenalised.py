"""What is fitted without a penalty: the constant, and nuisance regressors."""

import numpy as np
from numpy.typing import ArrayLike

from brainlake.encoding.arrays import BoolArray, FloatArray, matrix
from brainlake.encoding.kernel import centred
from brainlake.errors import BrainlakeError

# What is left of a regressor in some rows, below which its weight there is rounding noise.
_DETERMINED = 1e-8


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


def unpenalised_weights(basis: FloatArray, Y: FloatArray, present: BoolArray) -> FloatArray:
    """Return least-squares weights [q, v] of some rows of a basis, each target fitted to the rows that it has.

    Raises
    ------
    BrainlakeError
        The rows of some target do not determine them. A target without any row has weights of 0.
    """
    n, q = basis.shape
    products = (basis[:, :, None] * basis[:, None, :]).reshape(n, q * q)
    normal = (present.T.astype(np.float64) @ products).reshape(-1, q, q)
    some = present.any(0)
    if q > 1 and some.any() and np.linalg.eigvalsh(normal[some])[:, 0].min() < _DETERMINED:
        raise BrainlakeError(
            "a nuisance regressor does not vary in the training rows that some target has: drop it (an indicator of "
            "one run, say), or use other folds"
        )
    weights = np.zeros((Y.shape[1], q, 1))
    right = np.where(present, Y, 0.0).T.astype(np.float64) @ basis
    weights[some] = np.linalg.solve(normal[some], right[some, :, None])
    return np.asarray(weights[:, :, 0].T)


def projection(basis: FloatArray) -> FloatArray:
    """Return I - B B', the projection onto what an orthonormal basis does not span."""
    M: FloatArray = -(basis @ basis.T)
    M.flat[:: len(M) + 1] += 1.0
    return M
