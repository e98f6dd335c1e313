"""Partial residuals and what curvature adds, on curves that are known."""

import numpy as np
import pytest

from brainlake.encoding.shape import bins, curvature_gains, partial_residuals

N, GROUPS = 4000, 8


@pytest.fixture(scope="module")
def data():
    """A predictor, and controls that correlate with it."""
    rng = np.random.default_rng(0)
    x = rng.gamma(2, 2, N)
    controls = np.column_stack([0.5 * x + rng.standard_normal(N), rng.standard_normal(N)])
    return x, controls, np.arange(N) * GROUPS // N, rng.standard_normal(N)


def test_partial_residuals_follow_the_curve_and_plain_residuals_do_not(data):
    x, controls, groups, noise = data
    truth = 3 * x
    y = truth + controls @ [4.0, 1.0] + noise
    found = bins(x, partial_residuals(controls, x, y, groups), groups)
    expected = [truth[(b.low <= x) & (x <= b.high)].mean() - truth.mean() for b in found]
    np.testing.assert_allclose([b.value for b in found], expected, atol=0.3)
    A = np.column_stack([np.ones(N), controls])
    plain = bins(x, y - A @ np.linalg.lstsq(A, y, rcond=None)[0], groups)
    assert plain[-1].value - plain[0].value < 0.7 * (expected[-1] - expected[0])


def test_bins_hold_equal_counts_and_all_values(data):
    x, _, groups, noise = data
    found = bins(x, noise, groups)
    assert [b.n for b in found] == [N // 10] * 10
    assert all(b.low <= b.mean <= b.high and b.ci_low < b.value < b.ci_high for b in found)
    assert sum(b.n * b.value for b in found) == pytest.approx(0, abs=1e-9)


def test_few_groups_have_means_without_intervals(data):
    x, _, groups, noise = data
    assert all(np.isnan(b.ci_low) for b in bins(x, noise, groups // 2))


def test_curvature_adds_to_a_curve_and_nothing_to_a_line(data):
    x, controls, groups, noise = data
    line = curvature_gains(controls, x, 2 * x + noise, groups)
    curve = curvature_gains(controls, x, 5 * np.sqrt(x) + noise, groups)
    assert {k: v.mean() < 1e-3 for k, v in line.items()} == {"quadratic": True, "spline": True}
    assert curve["spline"].mean() > curve["quadratic"].mean() > 0.02
