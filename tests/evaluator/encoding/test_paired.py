"""Differences of shared draws: by hand, adjusted p values by a loop, and groups that are alike."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from brainlake.encoding.paired import alike, of_replicates, step_down

RNG = np.random.default_rng(0)


def test_a_pair_has_the_t_of_its_draws():
    drawn = RNG.normal(0.3, 0.05, (2, 4000))
    found = of_replicates([0.5, 0.3], drawn, [(0, 1)], 8, inflation=1.5)
    error = (drawn[0] - drawn[1]).std() * np.sqrt(1.5)
    assert found.values[0] == pytest.approx(0.2)
    np.testing.assert_allclose(found.high - found.low, 2 * stats.t.ppf(0.975, 7) * error)
    assert found.p_values[0] == pytest.approx(2 * stats.t.sf(0.2 / error, 7))
    # With one pair there is nothing to adjust for but the draws.
    assert found.p_adjusted[0] == pytest.approx(found.p_values[0], abs=0.02)


@given(st.integers(1, 8), st.integers(0, 2**32 - 1))
def test_adjusted_p_values_are_those_of_a_loop(m, seed):
    rng = np.random.default_rng(seed)
    t, null = np.abs(rng.standard_normal(m)) * 2, np.abs(rng.standard_normal((m, 50)))
    left, expected, before = list(range(m)), np.empty(m), 0.0
    while left:
        first = max(left, key=lambda i: t[i])
        before = max(before, (1 + (null[left].max(0) >= t[first]).sum()) / 51)
        expected[first] = before
        left.remove(first)
    np.testing.assert_allclose(step_down(t, null), expected)


def test_groups_are_the_largest_in_which_no_two_differ():
    different = np.zeros((4, 4), dtype=bool)
    assert alike(different) == [[0, 1, 2, 3]]
    different[0, 2:] = different[2:, 0] = True
    assert alike(different) == [[0, 1], [1, 2, 3]]
    different[:] = ~np.eye(4, dtype=bool)
    assert alike(different) == [[0], [1], [2], [3]]
