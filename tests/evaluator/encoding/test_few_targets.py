"""Errors and predictions of few targets, fold by fold, against scikit-learn."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from brainlake.encoding.decomposition import spectrum_of_features
from brainlake.encoding.few_targets import ErrorsOfFew, errors_of_weights, few, few_predictions
from brainlake.encoding.ridge import joint_ridge
from brainlake.encoding.targets import prepare
from evaluator.encoding.reference import ALPHAS, FOLDS, N, errors_of, language_model_like, refitted


def test_few_are_at_most_half_as_many_as_rows():
    assert few(np.zeros((10, 5)))
    assert not few(np.zeros((10, 6)))


@pytest.mark.parametrize("folds", FOLDS, ids=lambda f: f.name)
@pytest.mark.parametrize("d", [8, 70])
def test_predictions_are_those_of_a_fit_a_fold(d, folds):
    X, rng = language_model_like(N, d), np.random.default_rng(2)
    Y = X[:, :3] + rng.standard_normal((N, 3)) + 4
    spectrum = spectrum_of_features(X)
    penalties = np.resize(ALPHAS[2:5], len(folds)) * spectrum.scale  # not the same in every fold
    found = few_predictions(spectrum, prepare(Y, folds), penalties)
    expected = refitted(lambda k: Ridge(alpha=penalties[k], solver="svd"), X, Y, folds)
    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("folds", FOLDS, ids=lambda f: f.name)
def test_errors_from_weights_are_those_from_residual_makers(folds):
    X, Y = language_model_like(N, 8), np.random.default_rng(3).standard_normal((N, 4))
    spectrum = spectrum_of_features(X)
    by_residuals = errors_of(ErrorsOfFew(folds, Y - Y.mean(0)), spectrum, ALPHAS)
    np.testing.assert_allclose(errors_of_weights(spectrum, folds, Y - Y.mean(0), ALPHAS), by_residuals, rtol=1e-9)


def test_features_that_are_constant_predict_the_mean():
    rng = np.random.default_rng(0)
    Y, folds = rng.standard_normal((N, 2)), FOLDS[0]
    constant, one = (spectrum_of_features(np.full((N, 3), x)) for x in (1.0, 5.0))
    found = errors_of_weights(constant, folds, Y - Y.mean(0), ALPHAS)
    np.testing.assert_allclose(found, errors_of(ErrorsOfFew(folds, Y - Y.mean(0)), one, ALPHAS))


@pytest.mark.parametrize("folds", FOLDS, ids=lambda f: f.name)
@pytest.mark.parametrize("outer", [(0,), (2, 1), (0, 1, 2)])
def test_errors_of_some_outer_folds_are_those_among_all(folds, outer):
    X, Y = language_model_like(N, 8), np.random.default_rng(3).standard_normal((N, 4))
    spectrum, Y = spectrum_of_features(X), Y - Y.mean(0)
    others = [k for k in range(len(folds)) if k not in outer]
    for found, every in (
        (
            errors_of(ErrorsOfFew(folds, Y, outer), spectrum, ALPHAS),
            errors_of(ErrorsOfFew(folds, Y), spectrum, ALPHAS),
        ),
        (errors_of_weights(spectrum, folds, Y, ALPHAS, outer), errors_of_weights(spectrum, folds, Y, ALPHAS)),
    ):
        np.testing.assert_allclose(found[:, list(outer)], every[:, list(outer)], rtol=1e-9)
        assert np.isinf(found[:, others]).all()


@pytest.mark.parametrize("folds", FOLDS, ids=lambda f: f.name)
def test_residuals_that_come_along_with_errors_are_those_of_predictions(folds):
    X, Y = language_model_like(N, 70), np.random.default_rng(3).standard_normal((N, 3)) + 7
    Y[:, 2] = 4  # constant: predicted as it is
    spectrum, targets = spectrum_of_features(X), prepare(Y, folds)
    fit = joint_ridge([spectrum], [targets], ALPHAS)[0]
    expected = few_predictions(spectrum, targets, fit.alphas * fit.scale)
    np.testing.assert_allclose(fit.predictions(targets), expected, rtol=1e-9, atol=1e-9)
    of_few = ErrorsOfFew(folds, targets.factor, outer=(2, 0), n_kept=1)
    of_few(spectrum.residual_maker(spectrum.scale))
    of_few(spectrum.residual_maker(spectrum.scale))
    (left,) = of_few.residuals
    some = few_predictions(spectrum, targets, np.full(len(folds), spectrum.scale))
    for k, s in enumerate(folds.slices):
        found = Y[folds.test[k]] - left[s] * targets.deviation
        if k in (0, 2):
            np.testing.assert_allclose(found, some[s], rtol=1e-9, atol=1e-9)
        else:
            assert np.isnan(left[s]).all()
