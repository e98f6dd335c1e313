import numpy as np
import pytest
from himalaya.backend import set_backend
from himalaya.kernel_ridge import solve_multiple_kernel_ridge_random_search
from sklearn.metrics import r2_score
from sklearn.model_selection import PredefinedSplit

from brainlake.encoding.bands import band_weights, banded_ridge
from brainlake.encoding.decomposition import spectrum_of_kernel
from brainlake.encoding.folds import by_stimulus
from brainlake.encoding.kernel import centred_gram
from brainlake.encoding.predict import predict
from brainlake.encoding.targets import prepare
from brainlake.errors import BrainlakeError
from evaluator.encoding.reference import ridge

N = 120


def two_bands(seed: int = 0):
    """Wide noise beside a narrow band that matters: one penalty for both does badly."""
    rng = np.random.default_rng(seed)
    A, B = rng.standard_normal((N, 8)), rng.standard_normal((N, 400))
    Y = A @ rng.standard_normal((8, 5)) + rng.standard_normal((N, 5))
    return A, B, Y


def test_weights_sum_to_one_and_reach_every_corner() -> None:
    weights = band_weights(3)
    assert weights.shape == (15, 3)
    np.testing.assert_allclose(weights.sum(1), 1)
    np.testing.assert_allclose(np.sort(weights.max(1))[-3:], 1, atol=0.01)
    assert (weights > 0).all()
    np.testing.assert_array_equal(band_weights(1), [[1.0]])


def test_banded_ridge_leaves_out_a_band_that_only_adds_noise() -> None:
    A, B, Y = two_bands()
    targets = prepare(Y, by_stimulus(N, 6))
    kernels = [centred_gram(A), centred_gram(B)]
    choice = banded_ridge(kernels, [targets], [None])
    assert (band_weights(2)[choice.mixtures][:, 0] > 0.9).all()
    joint = ridge(spectrum_of_kernel(centred_gram(np.hstack([A, B]))), targets)
    banded, plain = (
        r2_score(Y[targets.folds.rows], P, multioutput="raw_values")
        for P in (choice.predictions[0], predict(joint.operator, targets))
    )
    assert (banded > plain + 0.1).all()


def test_mixture_and_penalty_are_those_of_himalaya() -> None:
    set_backend("numpy")
    A, B, Y = two_bands()
    Y = ((Y - Y.mean(0)) / Y.std(0))[:, :1]
    folds = by_stimulus(N, 6)
    targets = prepare(Y, folds)
    weights = np.array([[0.9, 0.1], [0.5, 0.5], [0.1, 0.9]])
    alphas = np.logspace(-2, 2, 5)
    choice = banded_ridge([centred_gram(A), centred_gram(B)], [targets], [None], weights, alphas)
    scaled = np.stack([K * N / np.trace(K) for K in (centred_gram(A), centred_gram(B))])
    fold_of_row = np.empty(N, dtype=int)
    for k, test in enumerate(folds.test):
        fold_of_row[test] = k
    for k, train in enumerate(folds.train):
        deltas, _, _ = solve_multiple_kernel_ridge_random_search(
            scaled[:, train][:, :, train],
            Y[train],
            n_iter=weights,
            alphas=alphas,
            cv=PredefinedSplit(fold_of_row[train]),
            fit_intercept=True,
            progress_bar=False,
            return_weights="dual",
            jitter_alphas=False,
            score_func=lambda y, p: -((y - p) ** 2).mean(-2),
        )[:3]
        gamma = np.exp(deltas[:, 0])
        np.testing.assert_allclose(gamma / gamma.sum(), weights[choice.mixtures[k]], rtol=1e-5)
        np.testing.assert_allclose(1 / gamma.sum(), choice.alphas[k], rtol=1e-5)


def test_weights_that_do_not_fit_are_refused() -> None:
    A, B, Y = two_bands()
    targets = prepare(Y, by_stimulus(N, 6))
    with pytest.raises(BrainlakeError, match="3 weights"):
        banded_ridge([centred_gram(A), centred_gram(B)], [targets], [None], [[1, 1, 1]])
    with pytest.raises(BrainlakeError, match="none negative"):
        banded_ridge([centred_gram(A), centred_gram(B)], [targets], [None], [[1, -1]])


def test_some_outer_folds_choose_as_they_do_among_all() -> None:
    A, B, Y = two_bands()
    targets = prepare(Y, by_stimulus(N, 6))
    kernels = [centred_gram(A), centred_gram(B)]
    every, some = (banded_ridge(kernels, [targets], [None], outer=outer) for outer in (None, (4, 1)))
    for k in (1, 4):
        assert some.mixtures[k] == every.mixtures[k]
        assert some.alphas[k] == every.alphas[k]
        s = targets.folds.slices[k]
        np.testing.assert_allclose(some.predictions[0][s], every.predictions[0][s], rtol=1e-9)
