"""Left-out log-likelihood against scikit-learn and scipy, a fit a group."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn.linear_model import LinearRegression

from brainlake import BrainlakeError
from brainlake.encoding.left_out import left_out_coefficients, left_out_log_likelihood


def data(seed, n=120, p=3, groups=4):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p)) * rng.uniform(0.1, 100, p) + rng.uniform(-500, 500, p)
    return X, 300 + X @ rng.standard_normal(p) + rng.standard_normal(n), rng.integers(groups, size=n)


def one_fit_a_group(X, y, groups):
    found = np.empty(len(y))
    for k in np.unique(groups):
        train = groups != k
        fit = LinearRegression().fit(X[train], y[train])
        sd = np.sqrt(np.sum((y[train] - fit.predict(X[train])) ** 2) / (train.sum() - X.shape[1] - 1))
        found[~train] = norm.logpdf(y[~train], fit.predict(X[~train]), sd)
    return found


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(2, 9))
def test_equals_one_fit_a_group(seed, p, n_groups):
    X, y, groups = data(seed, p=p, groups=n_groups)
    np.testing.assert_allclose(left_out_log_likelihood(X, y, groups), one_fit_a_group(X, y, groups), atol=1e-8)


def test_slopes_are_of_the_same_fits():
    X, y, groups = data(1)
    slopes = left_out_coefficients(X, y, groups)
    for k in range(4):
        fit = LinearRegression().fit(X[groups != k], y[groups != k])
        np.testing.assert_allclose(slopes[k], fit.coef_, rtol=1e-8)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(1e-3, 1e3), st.floats(-1e3, 1e3))
def test_units_of_predictors_and_dependent_columns_change_nothing(seed, scale, shift):
    X, y, groups = data(seed)
    other = np.column_stack([X * scale + shift, X[:, 0] + X[:, 1], np.full(len(X), 7.0)])
    np.testing.assert_allclose(
        left_out_log_likelihood(other, y, groups), left_out_log_likelihood(X, y, groups), atol=1e-6
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda X, y, g: (X, y, np.zeros(len(y))), "at least two texts"),
        (lambda X, y, g: (np.column_stack([X, g == 0]), y, g), "varies in one group alone"),
        (lambda X, y, g: (X, X[:, 0], g), "without error"),
        (lambda X, y, g: (X[:6], y[:6], np.array([0, 1] * 3)), "too few values to fit"),
        (lambda X, y, g: (X, np.where(g == 1, np.nan, y), g), "not finite"),
        (lambda X, y, g: (X, y, g[:-1]), "group labels"),
    ],
)
def test_what_cannot_be_fitted_is_refused(change, message):
    with pytest.raises(BrainlakeError, match=message):
        left_out_log_likelihood(*change(*data(0)))


def test_degrees_of_freedom_to_spare_can_be_asked_for():
    X, y, _ = data(0, n=24)
    groups = np.arange(24) % 2
    # Outside a group are 12 values, and there are 4 coefficients: 8 degrees of freedom.
    plain = left_out_log_likelihood(X, y, groups)
    np.testing.assert_array_equal(left_out_log_likelihood(X, y, groups, spare=2.0), plain)
    with pytest.raises(BrainlakeError, match="too few values to fit 4 coefficients: 12 outside a group"):
        left_out_log_likelihood(X, y, groups, spare=2.1)
