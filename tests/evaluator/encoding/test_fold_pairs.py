"""Two folds left out together: which rows, and what cannot be nested."""

import numpy as np
import pytest

from brainlake.encoding.fold_pairs import blocks, chains, pairs
from brainlake.encoding.folds import Folds, by_stimulus, contiguous, shuffle_split
from brainlake.errors import BrainlakeError

N = 40


@pytest.mark.parametrize("folds", [by_stimulus(N, 6), shuffle_split(N, 4), contiguous(N, 5, gap=2)])
def test_a_pair_tests_rows_that_neither_fold_trains_on(folds):
    found = pairs(folds)
    assert [(p.a, p.b) for p in found] == [(a, b) for a in range(len(folds)) for b in range(a + 1, len(folds))]
    matrix = np.arange(N * N).reshape(N, N)
    for p in found:
        out = set(folds.held_out[p.a]) | set(folds.held_out[p.b])
        assert set(p.rows) == out
        assert len(p.rows) == len(out)
        assert set(p.rows[p.in_a]) == set(folds.test[p.a]) - set(folds.held_out[p.b])
        assert set(p.rows[p.in_b]) == set(folds.test[p.b]) - set(folds.held_out[p.a])
        np.testing.assert_array_equal(matrix.take(p.block), matrix[np.ix_(p.rows, p.rows)])


@pytest.mark.parametrize("outer", [None, (3, 0)])
@pytest.mark.parametrize("folds", [by_stimulus(N, 6), shuffle_split(N, 4), contiguous(N, 5, gap=2)])
def test_a_chain_has_each_two_folds_once_where_one_of_them_asks(folds, outer):
    asking = range(len(folds)) if outer is None else outer
    matrix, found = np.arange(N * N).reshape(N, N), []
    for link in chains(folds, outer):
        np.testing.assert_array_equal(matrix.take(link.across), matrix[np.ix_(link.rows, link.later)])
        for j, one in enumerate(link.others):
            found.append(frozenset((link.a, one.b)))
            rows = link.later[one.place]
            assert set(rows) == set(folds.held_out[one.b]) - set(link.rows)
            own = matrix.take(blocks(folds)[one.b])
            np.testing.assert_array_equal(own if one.block is None else own.take(one.block), matrix[np.ix_(rows, rows)])
            assert set(rows[link.tested[one.place] == 1]) == set(folds.test[one.b]) - set(link.rows)
            if j < len(link.asking):
                assert link.asking[j] == one.b
                tested = link.rows[link.tested_before[j] == 1]
                assert set(tested) == set(folds.test[link.a]) - set(folds.held_out[one.b])
    pair_up = {frozenset((p.a, p.b)) for p in pairs(folds) if p.a in asking or p.b in asking}
    assert set(found) == pair_up
    assert len(found) == len(pair_up)


def test_what_cannot_be_nested_is_refused():
    whole = by_stimulus(N, 4)
    two = Folds("disjoint", N, whole.train[:2], whole.test[:2], overlapping=False)
    with pytest.raises(BrainlakeError, match="2 folds: strictly nested choices leave two out, so 3 are needed"):
        pairs(two)
    halves = np.arange(4), np.arange(4, 8), np.arange(3, 7)
    tests = tuple(np.setdiff1d(np.arange(8), half) for half in halves)
    with pytest.raises(BrainlakeError, match="leaving out two leaves nothing to train on"):
        pairs(Folds("shuffled", 8, halves, tests, overlapping=True))
