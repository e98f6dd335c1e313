"""Inner errors as quadratic forms of the responses: what chooses layer and penalty anew for any number of exchanges.

The squared errors of inner folds (`nested`) are linear in S = sum over targets of y y' / var(y): for each penalty and
outer fold there is a matrix Q with error = sum(Q * S). An exchange of rows permutes S and leaves Q.
"""

import numpy as np
from numpy.typing import DTypeLike

from brainlake.encoding.arrays import FloatArray, IntArray
from brainlake.encoding.fold_pairs import pairs
from brainlake.encoding.folds import Folds
from brainlake.encoding.positive_definite import inverse
from brainlake.encoding.spectrum import Spectrum


def error_forms(
    spectrum: Spectrum, folds: Folds, alpha: float, dtype: DTypeLike = np.float64, less: FloatArray | None = None
) -> FloatArray:
    """Return Q of every outer fold under a relative penalty, [F, n (n + 1) / 2].

    Lower triangles row after row, what is off the diagonal doubled, so that a product with a lower triangle of S is the
    sum over all of it.

    Parameters
    ----------
    spectrum : Spectrum
    folds : Folds
    alpha : float
    dtype : float64 or float32
        Of the result.
    less : array [F, n (n + 1) / 2], optional
        Taken off, in float64: with `forms_of_nothing` the result is small where little is predicted, and keeps its
        digits in float32.
    """
    G = spectrum.residual_maker(alpha * spectrum.scale)
    maps: list[list[FloatArray]] = [[] for _ in folds.test]
    for pair in pairs(folds):
        E = inverse(G.take(pair.block)) @ G[pair.rows]
        maps[pair.b].append(E[pair.in_a])
        maps[pair.a].append(E[pair.in_b])
    lower = np.tri(folds.n, dtype=np.bool_)
    doubled = np.where(np.eye(folds.n, dtype=np.bool_), 1.0, 2.0)[lower]
    forms = np.empty((len(folds), len(doubled)), dtype=dtype)
    for k, parts in enumerate(maps):
        stacked = np.concatenate(parts)
        form = (stacked.T @ stacked)[lower] * doubled
        forms[k] = form if less is None else form - less[k]
    return forms


def forms_of_nothing(spectrum: Spectrum, folds: Folds) -> FloatArray:
    """Return `error_forms` of no features: the constant and nuisance regressors alone."""
    nothing = Spectrum(np.empty(0), np.empty((spectrum.n, 0)), spectrum.unpenalised, complete=False)
    return error_forms(nothing, folds, 1.0)


def exchanged(S: FloatArray, orders: IntArray) -> FloatArray:
    """Return lower triangles [N, n (n + 1) / 2] of S with its rows and columns exchanged.

    Parameters
    ----------
    S : array [n, n]
    orders : array [N, n]
        Rows that come to each row.
    """
    lower = np.tri(len(S), dtype=np.bool_)
    found = np.empty((len(orders), int(lower.sum())), dtype=S.dtype)
    # Rows, then columns, then a mask: an index of every element costs four times as much.
    for one, order in zip(found, orders, strict=True):
        one[:] = S.take(order, 0).take(order, 1)[lower]
    return found
