"""Columns that say something of their own beside the others."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import qr

from brainlake.encoding.arrays import FloatArray, matrix

# As small a share of the largest direction is rounding.
_NOTHING = 1e-10


def independent(X: ArrayLike) -> FloatArray:
    """Return columns of X [n, p] that span what all of them span beside the constant.

    A constant, and what follows from the others, is left out: models that invert the products of their predictors
    cannot be fitted with it, and it changes no prediction.

    Raises
    ------
    BrainlakeError
        Values that are not finite.
    """
    X = matrix(X, "predictors").astype(np.float64)
    scale = X.std(0)
    varied = np.flatnonzero(scale > 1e-12 * np.abs(X).max(0, initial=0))
    if not len(varied):
        return X[:, :0]
    _, R, order = qr((X[:, varied] - X[:, varied].mean(0)) / scale[varied], mode="economic", pivoting=True)
    size = np.abs(np.diag(R))
    return X[:, np.sort(varied[order[: len(size)][size > _NOTHING * size[0]]])]
