"""Both forms of a spectrum against the formulas that they stand for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brainlake.encoding.decomposition import spectrum_of_features, spectrum_of_kernel
from brainlake.encoding.spectrum import Whole
from evaluator.encoding.reference import language_model_like

N = 30


def annihilator(design):
    return np.eye(len(design)) - design @ np.linalg.pinv(design)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000), d=st.sampled_from([2, 14, 15, 50]), q=st.integers(0, 3), penalty=st.floats(1e-3, 1e3))
def test_the_residual_maker_is_that_of_penalised_least_squares(seed, d, q, penalty):
    X = language_model_like(N, d, seed)
    Z = np.random.default_rng(seed).standard_normal((N, q)) + 4
    spectrum = spectrum_of_features(X, nuisance=Z if q else None)
    M = annihilator(np.column_stack([np.ones(N), Z]))
    expected = M - M @ X @ np.linalg.solve(X.T @ M @ X + penalty * np.eye(d), X.T @ M)
    np.testing.assert_allclose(spectrum.residual_maker(penalty), expected, atol=1e-8)
    some, Y = np.array([3, 4, 9]), np.random.default_rng(seed).standard_normal((N, 2))
    R, (square,) = spectrum.residuals(penalty, Y, [some])
    np.testing.assert_allclose(square, expected[np.ix_(some, some)], atol=1e-8)
    np.testing.assert_allclose(R, expected @ Y, atol=1e-8)
    np.testing.assert_allclose(spectrum.kernel(), M @ X @ X.T @ M, atol=1e-8 * np.abs(X @ X.T).max())


@pytest.mark.parametrize("d", [3, 60])
def test_the_scale_is_the_mean_eigenvalue(d):
    X = language_model_like(N, d)
    assert spectrum_of_features(X).scale == pytest.approx(np.square(X - X.mean(0)).sum() / N)
    assert spectrum_of_features(np.ones((N, d))).scale == 1.0


@pytest.mark.parametrize("lost", ["by its size", "in float32", "in features that are explained"])
def test_a_penalty_that_is_lost_in_rounding_leaves_no_more_than_the_responses(lost):
    rng = np.random.default_rng(0)
    X, z, penalty = rng.standard_normal((60, 90)), rng.standard_normal((60, 1)), 1e-9
    if lost == "by its size":
        spectrum, penalty = spectrum_of_features(np.hstack([X[:, :30], 1e6 * X[:, :3]])), 1e-20
    elif lost == "in float32":
        spectrum = spectrum_of_kernel((X[:, :30] @ X[:, :30].T).astype(np.float32))
    else:
        spectrum = spectrum_of_features(np.hstack([1e8 * z, X]), z)
    assert isinstance(spectrum, Whole)
    shares = np.linalg.eigvalsh(spectrum.residual_maker(penalty * spectrum.scale))
    assert shares.min() > -1e-5
    assert shares.max() < 1 + 1e-5
