"""Inner errors of targets many of which share a gap: what a pattern of gaps adds to the cost of whole responses.

Let h be the rows of two folds, o the missing rows outside them, J = (G_hh)^-1 and R = G L, L being 0 where responses
are missing. All rows left out together, u, have the errors (G_uu)^-1 R_u. Written by blocks, those of h are

    J R_h - Q (R_o - P' R_h),   P = J G_ho,   Q = P (G_oo - G_oh P)^-1

The first term is that of whole responses, computed once for all patterns; what follows has as many columns as rows are
missing. Squared errors are sums over the columns of L, so either needs no more than M = R R'.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from brainlake.encoding.arrays import FloatArray, IntArray
from brainlake.encoding.fold_pairs import Pair, pairs
from brainlake.encoding.folds import Folds
from brainlake.encoding.gaps import without_rows
from brainlake.encoding.nested import add_errors
from brainlake.encoding.positive_definite import inverse

# A pattern that misses more than this share of the rows costs less when it is fitted to the rows left by itself.
_MANY = 0.2


class _Gap(NamedTuple):
    """A pattern of gaps beside a pair of folds.

    `inside` are the places of missing rows among `pair.rows`, `outside` the other missing rows; `across` counts the
    elements of `pair.rows` x `outside` in an n x n matrix, `block` those of `outside` x `outside`.
    """

    inside: IntArray
    outside: IntArray
    across: IntArray
    block: IntArray

    @classmethod
    def of(cls, pair: Pair, missing: IntArray, n: int) -> "_Gap":
        outside = np.setdiff1d(missing, pair.rows)
        inside = np.flatnonzero(np.isin(pair.rows, missing))
        return cls(inside, outside, pair.rows[:, None] * n + outside, outside[:, None] * n + outside)


def errors_of_patterns(
    folds: Folds, patterns: Sequence[tuple[IntArray, FloatArray]]
) -> Callable[[FloatArray], FloatArray]:
    """Return what makes of a residual maker the squared errors of every outer fold [F], summed over patterns of gaps.

    Parameters
    ----------
    folds : Folds
    patterns : sequence of (rows, L)
        Rows that are missing, and columns L [n, k] that are 0 there.
    """
    couples = pairs(folds)
    few = [(missing, L) for missing, L in patterns if len(missing) <= _MANY * folds.n]
    many = [(missing, L) for missing, L in patterns if len(missing) > _MANY * folds.n]
    gaps = [[_Gap.of(pair, missing, folds.n) for pair in couples] for missing, _ in few]
    left = [np.setdiff1d(np.arange(folds.n), missing) for missing, _ in many]
    left_couples = [_left(couples, rows, folds.n) for rows in left]

    def errors(G: FloatArray) -> FloatArray:
        found = np.zeros(len(folds))
        if few:
            _add_errors_of_few(found, G, couples, few, gaps)
        for (missing, L), rows, some in zip(many, left, left_couples, strict=True):
            add_errors(found, without_rows(G, missing)[np.ix_(rows, rows)], some, L[rows])
        return found

    return errors


def _left(couples: list[Pair], rows: IntArray, n: int) -> list[Pair]:
    """The same pairs among some of the rows, numbered anew; those without any are dropped."""
    number = np.full(n, -1, dtype=np.intp)
    number[rows] = np.arange(len(rows))
    found = []
    for pair in couples:
        in_a, in_b, rest = (
            place[place >= 0] for place in np.split(number[pair.rows], [pair.in_a.stop, pair.in_b.stop])
        )
        end = len(in_a) + len(in_b)
        places = np.concatenate([in_a, in_b, rest])
        block = places[:, None] * len(rows) + places
        if len(places):
            found.append(Pair(pair.a, pair.b, places, slice(0, len(in_a)), slice(len(in_a), end), block))
    return found


def _add_errors_of_few(
    errors: FloatArray,
    G: FloatArray,
    couples: list[Pair],
    patterns: Sequence[tuple[IntArray, FloatArray]],
    gaps: list[list[_Gap]],
) -> None:
    """Add the squared errors of every outer fold [F], summed over patterns that miss few rows."""
    dtype = patterns[0][1].dtype
    exact = [inverse(G.take(pair.block)) for pair in couples]
    rounded, inverses = G.astype(dtype), [J.astype(dtype) for J in exact]
    total = np.zeros(G.shape, dtype)
    # One pattern at a time: its M stays in cache for all pairs.
    for (missing, L), some in zip(patterns, gaps, strict=True):
        R = rounded @ L
        M = R @ R.T
        total += M
        for pair, gap, J, j in zip(couples, some, exact, inverses, strict=True) if len(missing) else ():
            _add(errors, pair, _change(G, M, J, j, pair, gap))
    for pair, j in zip(couples, inverses, strict=True):
        _add(errors, pair, np.einsum("ij,ij->i", j @ total.take(pair.block), j))


def _add(errors: FloatArray, pair: Pair, squared: FloatArray) -> None:
    errors[pair.b] += squared[pair.in_a].sum()
    errors[pair.a] += squared[pair.in_b].sum()


def _change(G: FloatArray, M: FloatArray, J: FloatArray, j: FloatArray, pair: Pair, gap: _Gap) -> FloatArray:
    """What missing rows change in the squared errors of the rows left out, summed over the columns of a pattern.

    `j` is J in the precision of M.
    """
    M_hh, change = M.take(pair.block), np.zeros(len(pair.rows), M.dtype)
    if len(gap.outside):
        G_ho, M_ho = G.take(gap.across), M.take(gap.across)
        P = J @ G_ho
        p = P.astype(M.dtype)
        Q = (P @ inverse(G.take(gap.block) - G_ho.T @ P)).astype(M.dtype)
        F = M_ho - M_hh @ p
        # R_o - P' R_h, times its transpose.
        square = M.take(gap.block) - M_ho.T @ p - p.T @ F
        change = np.einsum("ij,ij->i", Q @ square - 2 * (j @ F), Q)
    lines = j[gap.inside]
    change[gap.inside] = -np.einsum("ij,ij->i", lines @ M_hh, lines)
    return change
