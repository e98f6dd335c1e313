"""Inner errors as quadratic forms of the responses: what chooses layer and penalty anew for any number of exchanges.

The squared errors of inner folds (`nested`) are linear in S = sum over targets of y y' / var(y): for each penalty and
outer fold there is a matrix Q with error = sum(Q * S). An exchange of rows permutes S and leaves Q.
"""

import numpy as np
from numpy.typing import DTypeLike

from brainlake.encoding.arrays import FloatArray, IntArray
from brainlake.encoding.fold_pairs import pairs
from brainlake.encoding.folds import Folds
from brainlake.encoding.nested import inverse
from brainlake.encoding.spectrum import Spectrum


def error_forms(spectrum: Spectrum, folds: Folds, alpha: float, dtype: DTypeLike = np.float64) -> FloatArray:
    """Return Q of every outer fold under a relative penalty, [F, n (n + 1) / 2].

    Lower triangles row after row, what is off the diagonal doubled, so that a product with a lower triangle of S is the
    sum over all of it.
    """
    G = spectrum.residual_maker(alpha * spectrum.scale)
    maps: list[list[FloatArray]] = [[] for _ in folds.test]
    for pair in pairs(folds):
        E = (inverse(G.take(pair.block)) @ G[pair.rows]).astype(dtype)
        maps[pair.b].append(E[pair.in_a])
        maps[pair.a].append(E[pair.in_b])
    lower = np.tril_indices(folds.n)
    doubled = np.where(lower[0] == lower[1], 1, 2).astype(dtype)
    forms = np.empty((len(folds), len(doubled)), dtype=dtype)
    for k, parts in enumerate(maps):
        stacked = np.concatenate(parts)
        forms[k] = (stacked.T @ stacked)[lower] * doubled
    return forms


def exchanged(S: FloatArray, orders: IntArray) -> FloatArray:
    """Return lower triangles [N, n (n + 1) / 2] of S with its rows and columns exchanged.

    Parameters
    ----------
    S : array [n, n]
    orders : array [N, n]
        Rows that come to each row.
    """
    i, j = np.tril_indices(len(S))
    return np.stack([S[order[i], order[j]] for order in orders])
