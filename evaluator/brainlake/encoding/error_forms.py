"""Inner errors as quadratic forms of the responses: what chooses layer and penalty anew for any number of exchanges.

The squared errors of inner folds (`nested`) are linear in S = sum over targets of y y' / var(y): for each penalty and
outer fold there is a matrix Q with error = sum(Q * S). An exchange of rows permutes S and leaves Q.

Both are symmetric, and kept in stripes: some rows at a time, with the columns up to the last of them. That is little
more than a triangle, and is cut from a matrix by slices instead of element by element.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from brainlake.encoding.arrays import FloatArray, IntArray
from brainlake.encoding.fold_pairs import pairs
from brainlake.encoding.folds import Folds
from brainlake.encoding.positive_definite import inverse
from brainlake.encoding.spectrum import Directions, Spectrum

_ROWS = 64
"""Rows of a stripe."""


def error_forms(
    spectrum: Spectrum, folds: Folds, alpha: float, dtype: DTypeLike = np.float64, less: FloatArray | None = None
) -> FloatArray:
    """Return Q of every outer fold under a relative penalty, [F, size of all stripes].

    A stripe ends in a square on the diagonal; what is left of that stands above the diagonal as well and is doubled, so
    that a product with stripes of S is the sum over all of it.

    Parameters
    ----------
    spectrum : Spectrum
    folds : Folds
    alpha : float
    dtype : float64 or float32
        Of the result.
    less : array [F, size of all stripes], optional
        Taken off, in float64: with `forms_of_nothing` the result is small where little is predicted, and keeps its
        digits in float32.
    """
    G = spectrum.residual_maker(alpha * spectrum.scale)
    maps: list[list[FloatArray]] = [[] for _ in folds.test]
    for pair in pairs(folds):
        E = inverse(G.take(pair.block)) @ G[pair.rows]
        maps[pair.b].append(E[pair.in_a])
        maps[pair.a].append(E[pair.in_b])
    stripes = _stripes(folds.n)
    forms = np.empty((len(folds), stripes[-1].place.stop), dtype=dtype)
    for k, parts in enumerate(maps):
        stacked = np.concatenate(parts)
        form = stacked.T @ stacked
        for stripe in stripes:
            part = form[stripe.rows, : stripe.rows.stop].copy()
            part[:, : stripe.rows.start] *= 2
            forms[k, stripe.place] = part.ravel() if less is None else part.ravel() - less[k, stripe.place]
    return forms


def forms_of_nothing(spectrum: Spectrum, folds: Folds) -> FloatArray:
    """Return `error_forms` of no features: the constant and nuisance regressors alone."""
    nothing = Directions(spectrum.unpenalised, np.empty(0), np.empty((spectrum.n, 0)))
    return error_forms(nothing, folds, 1.0)


def exchanged(S: FloatArray, orders: IntArray) -> FloatArray:
    """Return stripes [N, size of all] of S with its rows and columns exchanged.

    Parameters
    ----------
    S : array [n, n]
    orders : array [N, n]
        Rows that come to each row.
    """
    stripes = _stripes(len(S))
    found = np.empty((len(orders), stripes[-1].place.stop), dtype=S.dtype)
    for one, order in zip(found, orders, strict=True):
        for rows, place in stripes:
            some = S.take(order[rows], 0)
            # Every index is a row: clipping only spares a copy.
            np.take(some, order[: rows.stop], axis=1, out=one[place].reshape(len(some), -1), mode="clip")
    return found


class _Stripe(NamedTuple):
    """Rows, and where they lie among all."""

    rows: slice
    place: slice


def _stripes(n: int) -> list[_Stripe]:
    found, place = [], 0
    for start in range(0, n, _ROWS):
        stop = min(start + _ROWS, n)
        size = (stop - start) * stop
        found.append(_Stripe(slice(start, stop), slice(place, place + size)))
        place += size
    return found
