"""A penalty a target: what one target gets does not depend on its neighbours."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from brainlake.encoding.decomposition import spectrum_of_features
from brainlake.encoding.folds import by_stimulus, grouped
from brainlake.encoding.target_ridge import ridge_per_target
from brainlake.encoding.targets import prepare
from brainlake.errors import BrainlakeError
from evaluator.encoding.reference import language_model_like

N = 40
FOLDS = grouped(np.arange(N) // 3, 6)
ALPHAS = np.logspace(-3, 3, 7)


def responses(X, v=8):
    rng = np.random.default_rng(1)
    signal = (X - X.mean(0)) / X.std(0) @ rng.standard_normal((X.shape[1], v)) / np.sqrt(X.shape[1])
    return signal * np.logspace(-2, 1, v) + rng.standard_normal((N, v)) + 5


def gapped(Y, share=0.15):
    return np.where(np.random.default_rng(2).random(Y.shape) > share, Y, np.nan)


@pytest.mark.parametrize("inner", ["folds", "leave_one_out", "gcv"])
@pytest.mark.parametrize("d", [8, 70])
def test_a_target_is_fitted_as_if_it_were_alone(d, inner):
    X = language_model_like(N, d)
    Y, spectrum = responses(X), spectrum_of_features(X)
    together = ridge_per_target(spectrum, prepare(Y, FOLDS), ALPHAS, inner)
    assert len(np.unique(together.alphas)) > 1
    for j in range(Y.shape[1]):
        alone = ridge_per_target(spectrum, prepare(Y[:, [j]], FOLDS), ALPHAS, inner)
        np.testing.assert_array_equal(alone.alphas[:, 0], together.alphas[:, j])
        np.testing.assert_allclose(alone.predictions[:, 0], together.predictions[:, j], atol=1e-8)
        np.testing.assert_allclose(alone.inner_errors[:, 0], together.inner_errors[:, j], rtol=1e-6)


def test_with_gaps_predictions_are_those_of_a_fit_to_what_a_target_has():
    X = language_model_like(N, 8)
    Y = gapped(responses(X))
    fit = ridge_per_target(spectrum_of_features(X), prepare(Y, FOLDS), ALPHAS)
    for k, (train, test) in enumerate(zip(FOLDS.train, FOLDS.test, strict=True)):
        for j in range(Y.shape[1]):
            rows = train[~np.isnan(Y[train, j])]
            model = Ridge(fit.alphas[k, j] * fit.scale, solver="svd").fit(X[rows], Y[rows, j])
            np.testing.assert_allclose(fit.predictions[FOLDS.slices[k], j], model.predict(X[test]), atol=1e-7)


def test_penalties_are_relative_to_the_scale_that_is_given():
    X = language_model_like(N, 8)
    targets, spectrum = prepare(responses(X), FOLDS), spectrum_of_features(X)
    plain = ridge_per_target(spectrum, targets, ALPHAS)
    halved = ridge_per_target(spectrum, targets, ALPHAS * 2, scale=spectrum.scale / 2)
    np.testing.assert_allclose(halved.alphas, plain.alphas * 2)
    np.testing.assert_allclose(halved.predictions, plain.predictions, atol=1e-9)


def test_errors_are_in_units_of_a_targets_variance_and_ends_of_the_grid_are_marked():
    X = language_model_like(N, 8)
    Y, spectrum = responses(X), spectrum_of_features(X)
    fit = ridge_per_target(spectrum, prepare(Y, FOLDS), ALPHAS)
    scaled = ridge_per_target(spectrum, prepare(Y * np.logspace(-2, 2, Y.shape[1]), FOLDS), ALPHAS)
    np.testing.assert_allclose(scaled.inner_errors, fit.inner_errors, rtol=1e-6)
    np.testing.assert_allclose(fit.inner_error, fit.inner_errors.mean(1))
    np.testing.assert_array_equal(fit.at_edge, np.isin(fit.alphas, ALPHAS[[0, -1]]))


def test_what_cannot_be_chosen_is_refused():
    X = language_model_like(N, 8)
    spectrum = spectrum_of_features(X)
    with pytest.raises(BrainlakeError, match="must be positive"):
        ridge_per_target(spectrum, prepare(responses(X), FOLDS), [-1.0])
    with pytest.raises(BrainlakeError, match="so 3 are needed"):
        ridge_per_target(spectrum, prepare(responses(X), by_stimulus(N, 2)), ALPHAS)
