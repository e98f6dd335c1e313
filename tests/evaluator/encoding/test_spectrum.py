"""One eigendecomposition against the formulas that it stands for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brainlake.encoding.spectrum import spectrum_of_features, spectrum_of_kernel
from brainlake.errors import BrainlakeError
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
    np.testing.assert_allclose(spectrum.residual_block(penalty, some), expected[np.ix_(some, some)], atol=1e-8)
    np.testing.assert_allclose(spectrum.residuals(penalty, Y), expected @ Y, atol=1e-8)
    np.testing.assert_allclose(spectrum.kernel(), M @ X @ X.T @ M, atol=1e-8 * np.abs(X @ X.T).max())


@pytest.mark.parametrize("d", [3, 60])
def test_the_scale_is_the_mean_eigenvalue(d):
    X = language_model_like(N, d)
    assert spectrum_of_features(X).scale == pytest.approx(np.square(X - X.mean(0)).sum() / N)
    assert spectrum_of_features(np.ones((N, d))).scale == 1.0


def test_a_subset_is_the_spectrum_of_its_rows():
    rng = np.random.default_rng(0)
    X, Z = language_model_like(N, 50), rng.standard_normal((N, 2))
    rows = np.sort(rng.choice(N, 20, replace=False))
    some = spectrum_of_features(X, nuisance=Z).subset(rows)
    again = spectrum_of_features(X[rows], nuisance=Z[rows])
    np.testing.assert_allclose(some.residual_maker(2.0), again.residual_maker(2.0), atol=1e-8)
    assert some.n == 20


def test_a_kernel_need_not_be_centred():
    X = language_model_like(N, 50)
    Xc = X - X.mean(0)
    a, b = spectrum_of_kernel(X @ X.T), spectrum_of_kernel(Xc @ Xc.T)
    np.testing.assert_allclose(a.residual_maker(1.0), b.residual_maker(1.0), atol=1e-8)


def test_what_is_no_gram_matrix_is_refused():
    with pytest.raises(BrainlakeError, match="symmetric"):
        spectrum_of_kernel(np.arange(16.0).reshape(4, 4))
