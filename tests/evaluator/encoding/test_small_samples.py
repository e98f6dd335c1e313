"""Intervals over few groups: textbook where there is a textbook, and equivariant."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_1samp

from brainlake import BrainlakeError
from brainlake.encoding.small_samples import correlation_interval, mean_interval


def test_the_interval_of_a_mean_of_independent_values_is_students():
    values = np.random.default_rng(0).normal(3, 2, 12)
    found = mean_interval(values, n_boot=200_000)
    assert found == pytest.approx(tuple(ttest_1samp(values, 0).confidence_interval()), abs=0.01)


def test_equal_groups_are_worth_their_means():
    values, groups = np.random.default_rng(1).normal(size=60), np.repeat(np.arange(10), 6)
    means = values.reshape(10, 6).mean(1)
    assert mean_interval(values, groups) == pytest.approx(mean_interval(means), abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 100), st.floats(-100, 100))
def test_correlation_is_unmoved_by_units_and_means_follow_them(seed, scale, shift):
    rng = np.random.default_rng(seed)
    x, y, groups = rng.normal(size=80), rng.normal(size=80), rng.integers(8, size=80)
    groups[:8] = np.arange(8)
    plain = correlation_interval(x, x + y, groups, n_boot=100)
    assert correlation_interval(x * scale + shift, x + y, groups, n_boot=100) == pytest.approx(plain, abs=1e-6)
    assert -1 <= plain.low < plain.high <= 1
    low, high = mean_interval(x, groups, n_boot=100)
    moved = mean_interval(x * scale + shift, groups, n_boot=100)
    assert moved == pytest.approx((low * scale + shift, high * scale + shift), rel=1e-6, abs=1e-6)


def test_correlations_of_people_stay_below_one():
    found = mean_interval([0.999, 0.99, 0.9, 0.95, 0.4], scale="fisher_z", least=5)
    assert -1 < found.low < 0.5 < 0.9 < found.high < 1


@pytest.mark.parametrize("groups", [np.repeat(np.arange(5), 12), np.zeros(60)])
def test_fewer_than_six_groups_are_refused(groups):
    values = np.random.default_rng(0).normal(size=60)
    with pytest.raises(BrainlakeError, match="at least 6 are needed"):
        mean_interval(values, groups)
    with pytest.raises(BrainlakeError, match="at least 6 are needed"):
        correlation_interval(values, values**2, groups)


def test_inflation_is_of_the_variance():
    values = np.random.default_rng(0).standard_normal(12)
    low, high = mean_interval(values)
    wide = mean_interval(values, inflation=1.44)
    assert wide.high - wide.low == pytest.approx(1.2 * (high - low))
