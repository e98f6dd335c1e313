"""Gram matrices of few columns beside a multiple of the identity, against the matrices that they stand for."""

import numpy as np
import pytest

from brainlake.encoding.bands import band_weights, banded_ridge
from brainlake.encoding.decomposition import spectrum_of_factor, spectrum_of_kernel
from brainlake.encoding.folds import by_stimulus
from brainlake.encoding.kernel import centred_gram
from brainlake.encoding.ridge import joint_ridge
from brainlake.encoding.spectrum import Directions, Whole
from brainlake.encoding.targets import prepare
from brainlake.encoding.thin import Thin, of_trace_n, thin_features, thin_kernel
from brainlake.encoding.unpenalised import projection, unpenalised_basis

N = 80
P = np.eye(N) - 1 / N


def features(d, seed=0):
    return np.random.default_rng(seed).standard_normal((N, d)) * np.arange(1, d + 1) + 5


@pytest.mark.parametrize(("d", "share", "rank"), [(6, 0.0, 6), (6, 0.3, 6), (0, 1.0, 0), (6, 1e-3, 6)])
def test_a_kernel_that_is_flat_but_for_few_directions_is_thin(d, share, rank):
    K = of_trace_n(centred_gram(features(d)) if d else np.zeros((N, N))) * (1 - share) + share * P
    found = thin_kernel(K * 7)
    assert isinstance(found, Thin)
    assert found.factor.shape == (N, rank)
    np.testing.assert_allclose(found.kernel(), of_trace_n(K), atol=1e-12)
    assert found.floor == pytest.approx(share * N / np.trace(K), abs=1e-12)


def test_features_are_thin_where_they_are_few():
    X = features(6)
    found = thin_features(X)
    np.testing.assert_allclose(found.kernel(), of_trace_n(centred_gram(X)), atol=1e-12)
    assert thin_features(features(30)) is None
    assert not isinstance(thin_kernel(centred_gram(features(30))), Thin)
    assert not thin_features(np.ones((N, 2))).kernel().any()
    assert not thin_kernel(np.zeros((N, N))).kernel().any()


@pytest.mark.parametrize("with_nuisance", [False, True])
def test_a_spectrum_above_a_floor_is_that_of_the_whole_kernel(with_nuisance):
    rng = np.random.default_rng(1)
    Z = rng.standard_normal((N, 2)) if with_nuisance else None
    F, floor, penalty = features(5) - features(5).mean(0), 40.0, 3.0
    M = projection(unpenalised_basis(N, Z))
    K = M @ (F @ F.T + floor * P) @ M
    G = (penalty + floor) * M @ np.linalg.inv(K + penalty * np.eye(N)) @ M
    Y, some = rng.standard_normal((N, 2)), np.array([2, 3, 50])
    for spectrum in (spectrum_of_factor(F, Z, floor), spectrum_of_kernel(F @ F.T + floor * P, Z)):
        assert isinstance(spectrum, Directions)
        assert len(spectrum.values) == 5
        assert spectrum.floor == pytest.approx(floor)
        assert spectrum.scale == pytest.approx(np.trace(K) / N)
        np.testing.assert_allclose(spectrum.kernel(), K, atol=1e-9)
        np.testing.assert_allclose(spectrum.residual_maker(penalty), G, atol=1e-10)
        R, (square,) = spectrum.residuals(penalty, Y, [some])
        np.testing.assert_allclose(R, G @ Y, atol=1e-9)
        np.testing.assert_allclose(square, G[np.ix_(some, some)], atol=1e-10)
        targets = prepare(Y, by_stimulus(N, 5), nuisance=Z)
        B = spectrum.unpenalised
        whole = Whole(B, K + np.trace(K) / N * B @ B.T)
        (one,), (two,) = (joint_ridge([each], [targets]) for each in (spectrum, whole))
        np.testing.assert_allclose(one.errors, two.errors, rtol=1e-9)
        np.testing.assert_allclose(one.predictions(targets), two.predictions(targets), atol=1e-9)


def test_a_spectrum_of_many_directions_is_whole():
    spectrum = spectrum_of_kernel(centred_gram(features(30)) + P)
    assert isinstance(spectrum, Whole)


@pytest.mark.parametrize("n_targets", [3, 70])
def test_mixtures_of_thin_kernels_are_fitted_as_those_of_whole_ones(n_targets):
    rng = np.random.default_rng(2)
    X = features(12, 3)
    Y = X[:, :1] + rng.standard_normal((N, n_targets)) * 4
    flat = thin_kernel(of_trace_n(centred_gram(features(5, 4))) + 0.5 * P)
    bands, Z = [thin_features(X), flat], [None, rng.standard_normal((N, 1))]
    targets = [prepare(Y, by_stimulus(N, 6), nuisance=one) for one in Z]
    thin, mixed, whole = (
        banded_ridge(kernels, targets, Z, band_weights(2, 2))
        for kernels in (bands, [bands[0], flat.kernel()], [one.kernel() for one in bands])
    )
    for other in (mixed, whole):
        np.testing.assert_array_equal(thin.mixtures, other.mixtures)
        np.testing.assert_array_equal(thin.alphas, other.alphas)
        for a, b in zip(thin.predictions, other.predictions, strict=True):
            np.testing.assert_allclose(a, b, atol=1e-8)
