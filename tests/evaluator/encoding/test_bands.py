import numpy as np
import pytest
from himalaya.backend import set_backend
from himalaya.kernel_ridge import solve_multiple_kernel_ridge_random_search
from sklearn.metrics import r2_score
from sklearn.model_selection import PredefinedSplit

from brainlake.encoding.bands import band_weights, banded_ridge, explained_variance, variance_partition
from brainlake.encoding.folds import by_stimulus, contiguous
from brainlake.encoding.kernel import centred_gram
from brainlake.encoding.predict import predict
from brainlake.encoding.ridge import ridge
from brainlake.encoding.spectrum import spectrum_of_kernel
from brainlake.encoding.targets import prepare
from brainlake.errors import BrainlakeError

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
    choice = banded_ridge(kernels, targets)
    assert (band_weights(2)[choice.layers][:, 0] > 0.9).all()
    joint = ridge(spectrum_of_kernel(centred_gram(np.hstack([A, B]))), targets)
    banded = explained_variance(choice.operator, targets)
    assert (banded > explained_variance(joint.operator, targets) + 0.1).all()


def test_mixture_and_penalty_are_those_of_himalaya() -> None:
    set_backend("numpy")
    A, B, Y = two_bands()
    Y = ((Y - Y.mean(0)) / Y.std(0))[:, :1]
    folds = by_stimulus(N, 6)
    targets = prepare(Y, folds)
    weights = np.array([[0.9, 0.1], [0.5, 0.5], [0.1, 0.9]])
    alphas = np.logspace(-2, 2, 5)
    choice = banded_ridge([centred_gram(A), centred_gram(B)], targets, weights, alphas)
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
        np.testing.assert_allclose(gamma / gamma.sum(), weights[choice.layers[k]], rtol=1e-5)
        np.testing.assert_allclose(1 / gamma.sum(), choice.alphas[k], rtol=1e-5)


def test_variance_is_split_between_the_sets_that_have_it() -> None:
    rng = np.random.default_rng(1)
    shared, own_a, own_b = rng.standard_normal((3, 400, 3))
    A, B = np.hstack([shared, own_a]), np.hstack([shared, own_b])
    mix = rng.standard_normal((3, 4))
    Y = np.column_stack([shared @ mix, own_a @ mix, own_b @ mix]) + 0.1 * rng.standard_normal((400, 12))
    targets = prepare(Y, by_stimulus(400, 5))
    explained = variance_partition({"a": centred_gram(A), "b": centred_gram(B)}, targets)
    assert set(explained) == {("a",), ("b",), ("a", "b")}
    only_a = explained["a", "b"] - explained[("b",)]
    common = explained[("a",)] + explained[("b",)] - explained["a", "b"]
    assert (explained["a", "b"] > 0.95).all()
    np.testing.assert_allclose(only_a, np.repeat([0, 1, 0], 4), atol=0.1)
    np.testing.assert_allclose(common, np.repeat([1, 0, 0], 4), atol=0.1)


def test_explained_variance_is_against_the_training_mean() -> None:
    A, _, Y = two_bands()
    Y[:, 4] = 1.0
    folds = contiguous(N, 4)
    targets = prepare(Y, folds)
    operator = ridge(spectrum_of_kernel(centred_gram(A)), targets).operator
    found = explained_variance(operator, targets)
    P = predict(operator, targets)
    means = np.concatenate([np.tile(Y[a].mean(0), (len(b), 1)) for a, b in zip(folds.train, folds.test, strict=True)])
    expected = 1 - ((Y - P) ** 2).sum(0)[:4] / ((Y - means) ** 2).sum(0)[:4]
    np.testing.assert_allclose(found[:4], expected)
    assert np.isnan(found[4])
    assert found[0] == pytest.approx(r2_score(Y[:, 0], P[:, 0]), abs=0.02)


def test_weights_that_do_not_fit_are_refused() -> None:
    A, B, Y = two_bands()
    targets = prepare(Y, by_stimulus(N, 6))
    with pytest.raises(BrainlakeError, match="3 weights"):
        banded_ridge([centred_gram(A), centred_gram(B)], targets, [[1, 1, 1]])
    with pytest.raises(BrainlakeError, match="none negative"):
        banded_ridge([centred_gram(A), centred_gram(B)], targets, [[1, -1]])
