"""Which rows are tested and left out where two folds are left out together."""

from functools import lru_cache
from itertools import combinations, pairwise
from typing import NamedTuple

import numpy as np

from brainlake.encoding.arrays import FloatArray, IntArray
from brainlake.encoding.folds import Folds
from brainlake.errors import BrainlakeError


class Pair(NamedTuple):
    """Two folds left out together.

    `rows` begins with the test rows of fold a (`in_a`), then those of fold b (`in_b`), then their gaps. Test
    rows of one that the other holds out too (overlapping folds, gaps) are scored for neither. `block` counts
    the elements of `rows` x `rows` in an n x n matrix: taking them so costs a third of indexing.
    """

    a: int
    b: int
    rows: IntArray
    in_a: slice
    in_b: slice
    block: IntArray


# Every subject with regressors of its own asks for the pairs of the same folds, in every layer.
@lru_cache(maxsize=4)
def pairs(folds: Folds) -> list[Pair]:
    """Return every two folds.

    Raises
    ------
    BrainlakeError
        Fewer than 3 folds, or two folds that leave fewer than 2 rows.
    """
    if len(folds) < 3:
        raise BrainlakeError(f"{len(folds)} folds: strictly nested choices leave two out, so 3 are needed")
    found = []
    for a, b in combinations(range(len(folds)), 2):
        test_a = np.setdiff1d(folds.test[a], folds.held_out[b])
        test_b = np.setdiff1d(folds.test[b], folds.held_out[a])
        both = np.union1d(folds.held_out[a], folds.held_out[b])
        if len(both) > folds.n - 2:
            raise BrainlakeError(f"{folds.name} folds: leaving out two leaves nothing to train on")
        rows = np.concatenate([test_a, test_b, np.setdiff1d(both, [*test_a, *test_b])])
        end = len(test_a) + len(test_b)
        block = rows[:, None] * folds.n + rows
        found.append(Pair(a, b, rows, slice(0, len(test_a)), slice(len(test_a), end), block))
    return found


class Other(NamedTuple):
    """A later fold left out beside one.

    `place` is where the rows that it holds out and the first does not are among those of all later folds; `block` where
    their square is among the elements of its own, None if it is all of it.
    """

    b: int
    place: slice
    block: IntArray | None


class Link(NamedTuple):
    """A fold `a` left out first: its m rows, and the folds that are left out beside it.

    `later` are the rows of those folds, `across` counts the elements of `rows` x `later` in an n x n matrix. `others`
    begin with the folds, `asking`, that need the errors of fold `a`. What a fold tests and the other does not hold out
    is 1, the rest 0: in `tested` of `later`, in `tested_before` [number asking, m] of `rows`.
    """

    a: int
    rows: IntArray
    later: IntArray
    across: IntArray
    others: list[Other]
    asking: IntArray
    tested: FloatArray
    tested_before: FloatArray


@lru_cache(maxsize=16)
def chains(folds: Folds, outer: tuple[int, ...] | None = None) -> list[Link]:
    """Return every fold that asks, with those before which it is left out: each two folds once, as in `pairs`.

    Parameters
    ----------
    folds : Folds
    outer : tuple of int, optional
        Outer folds that ask for the errors of all others; by default every one.

    Raises
    ------
    BrainlakeError
        As `pairs`.
    """
    pairs(folds)
    held, links = folds.held_out, []
    asking = list(range(len(folds))) if outer is None else sorted(set(outer))
    silent = [b for b in range(len(folds)) if b not in asking]
    for number, a in enumerate(asking):
        rows, beside = held[a], asking[number + 1 :] + silent
        if not beside:
            break
        kept = [np.setdiff1d(held[b], rows) for b in beside]
        ends = np.cumsum([0, *map(len, kept)]).tolist()
        others = [
            Other(b, slice(start, end), None if len(one) == len(held[b]) else _square(held[b], one))
            for b, one, (start, end) in zip(beside, kept, pairwise(ends), strict=True)
        ]
        later, answering = np.concatenate(kept), asking[number + 1 :]
        tested = [np.isin(one, folds.test[b]) for b, one in zip(beside, kept, strict=True)]
        before = [np.isin(rows, np.setdiff1d(folds.test[a], held[b])) for b in answering]
        links.append(
            Link(
                a,
                rows,
                later,
                rows[:, None] * folds.n + later,
                others,
                np.array(answering, dtype=np.intp),
                np.concatenate(tested).astype(np.float64),
                np.array(before, np.float64).reshape(-1, len(rows)),
            )
        )
    return links


@lru_cache(maxsize=4)
def blocks(folds: Folds) -> list[IntArray]:
    """Count the elements of the rows held out by each fold, by themselves, in an n x n matrix."""
    return [rows[:, None] * folds.n + rows for rows in folds.held_out]


def _square(rows: IntArray, some: IntArray) -> IntArray:
    """Count the elements of `some` x `some` in a matrix whose lines and columns are `rows`."""
    inside = np.searchsorted(rows, some)
    return np.asarray(inside[:, None] * len(rows) + inside)
