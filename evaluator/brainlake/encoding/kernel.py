"""Centred Gram matrices: all that linear regression and similarity analyses need to know of the features."""

import numpy as np
from numpy.typing import ArrayLike

from brainlake.encoding.arrays import FloatArray, matrix
from brainlake.errors import BrainlakeError

_CHUNK = 2048


def centred_gram(X: ArrayLike) -> FloatArray:
    """Return X_c X_c', where X_c is X with its column means removed, in float64.

    Columns are centred before the product and products are accumulated in float64, a block of columns at a
    time: a float32 product, or centring afterwards, costs up to 1e-2 in r when some features are thousands
    of times larger than the rest.

    Parameters
    ----------
    X : array [n, d]
        Features, any floating type.

    Returns
    -------
    array [n, n]
        Features that are constant (within rounding) contribute nothing.

    Raises
    ------
    BrainlakeError
        X is not a finite matrix of at least 3 rows.
    """
    X = matrix(X, "features")
    K = np.zeros((len(X), len(X)))
    for start in range(0, X.shape[1], _CHUNK):
        block = centred(X[:, start : start + _CHUNK])
        K += block @ block.T
    return K


def centred(X: FloatArray, standardise: bool = False) -> FloatArray:
    """Return float64 columns of mean 0, constant ones exactly 0, optionally of standard deviation 1."""
    block = np.asarray(X).astype(np.float64)
    mean = block.mean(0)
    block -= mean
    sd = np.sqrt(np.einsum("ij,ij->j", block, block) / len(block))
    constant = sd <= 1e-14 * np.abs(mean)
    block[:, constant] = 0
    if standardise:
        sd[sd == 0] = 1
        block /= sd
    return block


def centre_kernel(K: ArrayLike) -> FloatArray:
    """Return P K P in float64 with P = I - 11'/n: the Gram matrix of the centred features.

    Raises
    ------
    BrainlakeError
        K is not square, symmetric and finite.
    """
    K = symmetric(K)
    mean = K.mean(0)
    K -= mean
    K -= (mean - mean.mean())[:, None]
    return K


def symmetric(K: ArrayLike) -> FloatArray:
    """Return a float64 copy of a Gram matrix, or refuse what is none."""
    K = matrix(K, "kernel").astype(np.float64)
    if K.shape[0] != K.shape[1] or np.abs(K - K.T).max() > 1e-6 * np.abs(K).max():
        raise BrainlakeError(f"kernel: expected a symmetric n x n matrix, got an array of shape {K.shape}")
    return K
