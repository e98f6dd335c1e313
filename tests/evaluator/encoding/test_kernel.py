import numpy as np
import pytest

from brainlake.encoding.decomposition import spectrum_of_features, spectrum_of_kernel
from brainlake.encoding.kernel import centre_kernel, centred, centred_gram
from brainlake.errors import BrainlakeError
from evaluator.encoding.reference import language_model_like


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_gram_is_the_float64_product_of_centred_columns(dtype: type) -> None:
    X = language_model_like(50, 2500, outliers=1000.0).astype(dtype)
    exact = X.astype(np.longdouble)
    exact -= exact.mean(0)
    expected = (exact @ exact.T).astype(float)
    np.testing.assert_allclose(centred_gram(X), expected, atol=1e-12 * np.abs(expected).max())


def test_standardised_features_count_equally() -> None:
    X = language_model_like(50, 30, outliers=1000.0)
    X[:, 7] = 0.1
    Z = (X - X.mean(0)) / np.where(np.arange(30) == 7, 1, X.std(0))
    Z[:, 7] = 0
    np.testing.assert_allclose(centred(X, standardise=True), Z, atol=1e-10)


def test_constant_features_contribute_exactly_nothing() -> None:
    assert not centred_gram(np.full((7, 5), 0.1)).any()
    assert not centred_gram(np.full((7, 5), np.float32(1e6 / 3))).any()
    assert spectrum_of_features(np.full((7, 3), 0.1)).scale == 1.0


def test_centring_a_kernel_is_centring_its_features() -> None:
    X = np.random.default_rng(0).standard_normal((20, 40)) + 3
    np.testing.assert_allclose(centre_kernel(X @ X.T), centred_gram(X), atol=1e-10)


@pytest.mark.parametrize("d", [4, 19, 20, 60])
def test_residual_makers_agree_on_either_side(d: int) -> None:
    X = np.random.default_rng(d).standard_normal((20, d))
    Xc = X - X.mean(0)
    sides = spectrum_of_features(X), spectrum_of_kernel(X @ X.T)
    for penalty in (1e-3, 1.0, 1e3):
        hat = Xc @ np.linalg.solve(Xc.T @ Xc + penalty * np.eye(d), Xc.T) + 1 / 20
        for side in sides:
            assert side.scale == pytest.approx((Xc**2).sum() / 20)
            np.testing.assert_allclose(side.residual_maker(penalty), np.eye(20) - hat, atol=1e-10)


def test_values_that_are_not_finite_are_located() -> None:
    X = np.ones((5, 4))
    X[3, 1] = np.inf
    with pytest.raises(BrainlakeError, match="features: 1 values are not finite, the first at row 3, column 1"):
        centred_gram(X)
    with pytest.raises(BrainlakeError, match="2 rows; at least 3"):
        centred_gram(np.ones((2, 4)))
    with pytest.raises(BrainlakeError, match="shape"):
        centred_gram(np.ones((5, 0)))
