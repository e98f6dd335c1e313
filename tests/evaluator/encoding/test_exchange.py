"""Exchanges of blocks keep blocks whole, favour no place, and are what a product with permuted responses gives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brainlake.encoding.exchange import Blocks, Turns, contiguous_blocks
from brainlake.errors import BrainlakeError

LENGTHS = st.lists(st.integers(1, 4), min_size=5, max_size=9)


@given(LENGTHS, st.integers(1, 20), st.integers(0, 2**32 - 1))
def test_an_exchange_moves_whole_blocks_to_places_of_their_length(lengths, n, seed):
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.repeat(np.arange(len(lengths)), lengths))
    for order in Turns.draw(Blocks.of(labels), n, rng).orders():
        np.testing.assert_array_equal(np.sort(order), np.arange(len(labels)))
        for block in np.unique(labels):
            moved = order[labels == block]
            assert len(np.unique(labels[moved])) == 1
            assert (np.diff(moved) > 0).all()


@given(LENGTHS, st.integers(1, 20), st.integers(0, 2**32 - 1))
def test_products_are_those_with_permuted_responses(lengths, n, seed):
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.repeat(np.arange(len(lengths)), lengths))
    turns = Turns.draw(Blocks.of(labels), n, rng)
    operator, Y = rng.standard_normal((7, len(labels))), rng.standard_normal((len(labels), 3))
    expected = operator @ Y[turns.orders()]
    np.testing.assert_allclose(turns.products(operator)(Y), expected, atol=1e-12)


def test_every_block_comes_to_every_place_equally_often():
    blocks, rng = Blocks.of(np.arange(5)), np.random.default_rng(0)
    counts = np.zeros((5, 5))
    pairs = np.zeros((5, 5))
    for _ in range(4000):
        orders = Turns.draw(blocks, 5, rng).orders()
        np.add.at(counts, (np.tile(np.arange(5), 5), orders.ravel()), 1)
        np.add.at(pairs, (orders[2, 0], orders[2, 1]), 1)
    # Exactly once a place and circle; two neighbours in one exchange are any two blocks (expected: 200 of each).
    np.testing.assert_array_equal(counts, 4000)
    assert np.abs(pairs[~np.eye(5, dtype=bool)] - 200).max() < 60


def test_blocks_that_no_other_is_as_long_as_stay():
    blocks = Blocks.of(np.repeat([3, 1, 2], [2, 5, 2]))
    np.testing.assert_array_equal(blocks.fixed, [2, 3, 4, 5, 6])
    with pytest.raises(BrainlakeError, match="same number of rows"):
        Blocks.of(np.repeat([0, 1, 2], [7, 8, 9]))


def test_contiguous_blocks_do_not_cross_runs():
    blocks = contiguous_blocks(11, 3, [5] * 7 + [2] * 4)
    np.testing.assert_array_equal(blocks[:7], blocks[0] + np.array([0, 0, 0, 1, 1, 1, 2]))
    np.testing.assert_array_equal(blocks[7:], blocks[7] + np.array([0, 0, 0, 1]))
    np.testing.assert_array_equal(contiguous_blocks(5, 2), [0, 0, 1, 1, 2])
    with pytest.raises(BrainlakeError, match="at least 1"):
        contiguous_blocks(24, 0)
