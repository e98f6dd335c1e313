"""Which rows are tested and left out where two folds are left out together."""

from functools import lru_cache
from itertools import combinations
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
