"""What is fed in one pass: prefixes merged and cut, by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brainlake_builder.text.passes import Pass, Reading, cut, merge_prefix


def a_pass(n, first_item=0):
    """A causal pass in which every token is an item, and each but the first is scored."""
    k = np.arange(n)
    return Pass(k + 10, k + first_item, k, k, k[1:], k[:-1], k[1:] + 10)


@given(n=st.integers(1, 12), data=st.data())
def test_a_cut_pass_reads_what_lies_before_the_cut_and_nothing_else(n, data):
    m = data.draw(st.integers(1, n))
    found, expected = cut(a_pass(n), m), a_pass(m)
    for field in ("ids", "items", "pooled", "pooled_item"):
        np.testing.assert_array_equal(getattr(found, field), getattr(expected, field))
    assert found.before.max(initial=-1) < m
    assert len(found.before) == len(found.slots) == len(found.targets) == min(m, n - 1)


def test_an_item_that_the_cut_splits_is_not_read():
    whole = Pass(
        np.arange(5), np.array([7, 8]), np.array([0, 1, 2, 3]), np.array([0, 0, 1, 1]), *[np.array([], int)] * 3
    )
    found = cut(whole, 3)
    assert (found.items.tolist(), found.pooled.tolist(), found.pooled_item.tolist()) == ([7], [0, 1], [0, 0])


@given(m=st.integers(1, 8), more=st.integers(0, 5))
def test_a_prefix_is_read_from_the_longer_pass(m, more):
    shorter, longer = a_pass(m), a_pass(m + more, first_item=100)
    found = merge_prefix(shorter, longer)
    np.testing.assert_array_equal(found.ids, longer.ids)
    np.testing.assert_array_equal(found.items, [*shorter.items, *longer.items])
    np.testing.assert_array_equal(found.ids[found.pooled], [*shorter.ids, *longer.ids])
    np.testing.assert_array_equal(found.items[found.pooled_item], found.items)


@pytest.mark.parametrize("other", [a_pass(3), Pass(np.array([10, 99, 12, 13]), *[np.array([], int)] * 6)])
def test_what_is_no_prefix_is_not_merged(other):
    assert merge_prefix(a_pass(4), other) is None


def test_tokens_fed_are_counted():
    assert Reading([a_pass(3), a_pass(5)], None, {}).n_tokens == 8
