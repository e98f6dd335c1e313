"""Exchanges of blocks keep blocks whole and favour no place; shifts keep neighbours."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brainlake.encoding.exchange import Blocks, block_orders, contiguous_blocks, shift_orders
from brainlake.errors import BrainlakeError

LENGTHS = st.lists(st.integers(1, 4), min_size=5, max_size=9)


@given(LENGTHS, st.integers(1, 20), st.integers(0, 2**32 - 1))
def test_an_exchange_moves_whole_blocks_to_places_of_their_length(lengths, n, seed):
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.repeat(np.arange(len(lengths)), lengths))
    for order in block_orders(Blocks.of(labels), n, rng):
        np.testing.assert_array_equal(np.sort(order), np.arange(len(labels)))
        for block in np.unique(labels):
            moved = order[labels == block]
            assert len(np.unique(labels[moved])) == 1
            assert (np.diff(moved) > 0).all()


def test_every_block_comes_to_every_place_equally_often():
    orders = block_orders(Blocks.of(np.arange(5)), 20_000, np.random.default_rng(0))
    pairs = np.zeros((5, 5))
    np.add.at(pairs, (orders[:, 0], orders[:, 3]), 1)
    # Expected: 1,000 of each two.
    assert np.abs(pairs[~np.eye(5, dtype=bool)] - 1000).max() < 130


@given(st.integers(3, 40), st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_shifts_are_different_and_keep_neighbours(n_rows, n, seed):
    orders = shift_orders(n_rows, n, np.random.default_rng(seed))
    assert len(orders) == min(n, n_rows - 1) == len(set(orders[:, 0].tolist()))
    assert (orders[:, 0] > 0).all()
    np.testing.assert_array_equal(np.diff(orders, axis=1) % n_rows, 1)


def test_blocks_that_no_other_is_as_long_as_stay():
    blocks = Blocks.of(np.repeat([3, 1, 2], [2, 5, 2]))
    orders = block_orders(blocks, 20, np.random.default_rng(0))
    np.testing.assert_array_equal(orders[:, 2:7], np.tile(np.arange(2, 7), (20, 1)))
    assert {tuple(order) for order in orders[:, [0, 1, 7, 8]].tolist()} == {(0, 1, 7, 8), (7, 8, 0, 1)}
    with pytest.raises(BrainlakeError, match="same number of rows"):
        Blocks.of(np.repeat([0, 1, 2], [7, 8, 9]))


def test_contiguous_blocks_do_not_cross_runs():
    blocks = contiguous_blocks(11, 3, [5] * 7 + [2] * 4)
    np.testing.assert_array_equal(blocks[:7], blocks[0] + np.array([0, 0, 0, 1, 1, 1, 2]))
    np.testing.assert_array_equal(blocks[7:], blocks[7] + np.array([0, 0, 0, 1]))
    np.testing.assert_array_equal(contiguous_blocks(5, 2), [0, 0, 1, 1, 2])
    with pytest.raises(BrainlakeError, match="at least 1"):
        contiguous_blocks(24, 0)
