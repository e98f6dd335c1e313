"""Which rows are tested and left out where two folds are left out together."""

from functools import lru_cache
from itertools import combinations, pairwise
from typing import NamedTuple

import numpy as np

from brainlake.encoding.arrays import IntArray
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

    `rows` are those that it holds out and the first does not, `place` where they are among those of all later folds,
    `block` where among the elements of its own square; `tested` are places in `rows`, `tested_before` places in the
    rows of the first fold, of rows that one tests and the other does not hold out.
    """

    b: int
    rows: IntArray
    place: slice
    block: IntArray
    tested: IntArray
    tested_before: IntArray


class Link(NamedTuple):
    """A fold left out first: its rows, and the folds after it.

    `block` counts the elements of `rows` x `rows` in an n x n matrix, `across` those of the others' rows x `rows`.
    """

    rows: IntArray
    block: IntArray
    across: IntArray
    others: list[Other]


@lru_cache(maxsize=4)
def chains(folds: Folds) -> list[Link]:
    """Return every fold with those after it: each two folds once, as `pairs`, which refuses what it refuses."""
    pairs(folds)
    held, links = folds.held_out, []
    for a, rows in enumerate(held):
        later = [np.setdiff1d(h, rows) for h in held[a + 1 :]]
        others = []
        ends = np.cumsum([0, *map(len, later)]).tolist()
        for b, (kept, (start, end)) in enumerate(zip(later, pairwise(ends), strict=True), a + 1):
            inside = np.searchsorted(held[b], kept)
            before = np.searchsorted(rows, np.setdiff1d(folds.test[a], held[b]))
            block = inside[:, None] * len(held[b]) + inside
            tested = np.flatnonzero(np.isin(kept, folds.test[b]))
            others.append(Other(b, kept, slice(start, end), block, tested, before))
        across = np.concatenate([*later, np.empty(0, np.intp)])[:, None] * folds.n + rows
        links.append(Link(rows, rows[:, None] * folds.n + rows, across, others))
    return links
