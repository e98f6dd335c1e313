"""Natural cubic splines against SciPy's, and straight where they have to be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import CubicSpline

from brainlake import BrainlakeError
from brainlake.encoding.spline import KNOT_QUANTILES, knots_of, natural_spline

KNOTS = np.array([0.0, 1.0, 2.5, 4.0, 7.0])


def test_basis_spans_the_natural_cubic_splines():
    x = np.linspace(0, 7, 200)
    curve = CubicSpline(KNOTS, [1.0, -2.0, 3.0, 0.5, 4.0], bc_type="natural")
    A = np.column_stack([np.ones(len(x)), natural_spline(x, KNOTS)])
    fitted = A @ np.linalg.lstsq(A, curve(x), rcond=None)[0]
    np.testing.assert_allclose(fitted, curve(x), atol=1e-9)


def test_basis_is_straight_beyond_the_knots():
    beyond = natural_spline(np.array([8.0, 9.0, 10.0, -3.0, -2.0, -1.0]), KNOTS)
    np.testing.assert_allclose(np.diff(beyond[:3], 2, axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(np.diff(beyond[3:], 2, axis=0), 0, atol=1e-9)


@given(st.lists(st.floats(-50, 50), min_size=3, max_size=8, unique_by=lambda x: round(x, 1)), st.floats(0.1, 10))
def test_first_column_is_the_line_and_curvature_knows_no_unit(knots, unit):
    """In other units, from another origin, every column is as many times larger, and the line alone is moved."""
    knots = np.sort(knots)
    x = np.linspace(knots[0] - 5, knots[-1] + 5, 40)
    basis = natural_spline(x, knots)
    assert basis.shape == (40, len(knots) - 1)
    np.testing.assert_array_equal(basis[:, 0], x)
    moved = natural_spline(unit * x + 3, unit * knots + 3)
    np.testing.assert_allclose(moved[:, 1:], unit * basis[:, 1:], rtol=1e-6, atol=1e-6 * np.abs(basis).max() * unit)


def test_knots_are_quantiles():
    x = np.random.default_rng(0).permutation(1001)
    np.testing.assert_allclose(knots_of(x), 1000 * np.array(KNOT_QUANTILES))


def test_too_few_different_values_are_refused():
    with pytest.raises(BrainlakeError, match="too few different values for a spline: of its 5 knots 2 would differ"):
        knots_of([0.0] * 60 + [1.0] * 40)


@pytest.mark.parametrize("knots", [[0.0, 1.0], [0.0, 2.0, 1.0], [0.0, 1.0, 1.0]])
def test_knots_that_make_no_spline_are_refused(knots):
    with pytest.raises(BrainlakeError, match="three knots or more, ascending"):
        natural_spline([0.5], knots)
