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
    """A fold left out first: its m rows, and the folds after it.

    `later` are the rows of those folds, `block` counts the elements of `rows` x `rows` in an n x n matrix, `across`
    those of `rows` x `later`. What a fold tests and the other does not hold out is 1, the rest 0: in `tested` of
    `later`, in `tested_before` [m, number of others] of `rows`.
    """

    rows: IntArray
    later: IntArray
    block: IntArray
    across: IntArray
    others: list[Other]
    tested: FloatArray
    tested_before: FloatArray


@lru_cache(maxsize=4)
def chains(folds: Folds) -> list[Link]:
    """Return every fold with those after it: each two folds once, as `pairs`, which refuses what it refuses."""
    pairs(folds)
    held, links = folds.held_out, []
    for a, rows in enumerate(held):
        kept = [np.setdiff1d(h, rows) for h in held[a + 1 :]]
        ends = np.cumsum([0, *map(len, kept)]).tolist()
        others = [
            Other(b, slice(start, end), None if len(one) == len(held[b]) else _square(held[b], one))
            for b, (one, (start, end)) in enumerate(zip(kept, pairwise(ends), strict=True), a + 1)
        ]
        later = np.concatenate([*kept, np.empty(0, np.intp)])
        tested = [np.isin(one, test) for one, test in zip(kept, folds.test[a + 1 :], strict=True)]
        before = [np.isin(rows, np.setdiff1d(folds.test[a], h)) for h in held[a + 1 :]]
        links.append(
            Link(
                rows,
                later,
                rows[:, None] * folds.n + rows,
                rows[:, None] * folds.n + later,
                others,
                np.concatenate([*tested, np.empty(0, np.bool_)]).astype(np.float64),
                np.array(before, np.float64).reshape(-1, len(rows)).T,
            )
        )
    return links


def _square(rows: IntArray, some: IntArray) -> IntArray:
    """Count the elements of `some` x `some` in a matrix whose lines and columns are `rows`."""
    inside = np.searchsorted(rows, some)
    return np.asarray(inside[:, None] * len(rows) + inside)
