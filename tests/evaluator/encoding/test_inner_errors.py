"""Penalties per target, and every way of choosing them, against scikit-learn, himalaya and refits."""

import numpy as np
import pytest
from himalaya.backend import set_backend
from himalaya.kernel_ridge import KernelRidgeCV
from scipy.stats import pearsonr
from sklearn.linear_model import Ridge, RidgeCV
from sklearn.model_selection import PredefinedSplit

from brainlake.encoding.decomposition import spectrum_of_features
from brainlake.encoding.few_targets import ErrorsOfFew, errors_of_weights
from brainlake.encoding.folds import Folds, by_stimulus, contiguous
from brainlake.encoding.gcv import generalised_errors
from brainlake.encoding.layer_errors import from_layers, least_error
from brainlake.encoding.leave_one_out import leave_one_out_errors
from brainlake.encoding.nested import errors_by_training_rows, errors_of_many, target_errors
from brainlake.encoding.predict import fold_scores, predict, prediction_scores
from brainlake.encoding.target_ridge import ridge_per_target
from brainlake.encoding.targets import prepare
from brainlake.errors import BrainlakeError
from evaluator.encoding.reference import ALPHAS, FOLDS, N, errors_of, fold_pearson, language_model_like, refitted, ridge


def responses(X: np.ndarray, v: int) -> np.ndarray:
    """Targets of very different signal, so that they want different penalties."""
    rng = np.random.default_rng(1)
    Z = (X - X.mean(0)) / X.std(0)
    signal = Z @ rng.standard_normal((X.shape[1], v)) / np.sqrt(X.shape[1])
    return signal * np.logspace(-2, 1, v) + rng.standard_normal((len(X), v)) + 5


def brute_force(X: np.ndarray, Y: np.ndarray, folds: Folds, penalties: np.ndarray, criterion: str) -> np.ndarray:
    errors = np.zeros((len(penalties), len(folds), Y.shape[1]))
    for t in range(len(folds)):
        for s in range(len(folds)):
            if s == t:
                continue
            rest = np.intersect1d(folds.train[s], folds.train[t])
            test = np.setdiff1d(folds.test[s], folds.held_out[t])
            for i, penalty in enumerate(penalties):
                P = Ridge(alpha=penalty, solver="svd").fit(X[rest], Y[rest]).predict(X[test])
                if criterion == "squared_error":
                    errors[i, t] += ((Y[test] - P) ** 2).sum(0)
                elif len(test) == 1:
                    errors[i, t] += 1
                else:
                    r = [pearsonr(P[:, j], Y[test, j]).statistic for j in range(Y.shape[1])]
                    errors[i, t] += len(test) * (1 - np.array(r))
    return errors


@pytest.mark.parametrize("folds", FOLDS, ids=lambda f: f.name)
@pytest.mark.parametrize("criterion", ["squared_error", "correlation"])
@pytest.mark.parametrize("d", [8, 70])
def test_target_errors_are_those_of_refits(d: int, criterion: str, folds: Folds) -> None:
    X = language_model_like(N, d)
    Y = responses(X, 6)
    spectrum = spectrum_of_features(X)
    expected = brute_force(X, Y, folds, ALPHAS * spectrum.scale, criterion)
    found = target_errors(spectrum, folds, Y - Y.mean(0), ALPHAS, criterion)
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-8)
    if criterion == "squared_error":
        few = errors_by_training_rows(spectrum, folds, Y - Y.mean(0), ALPHAS)
        np.testing.assert_allclose(few, expected.sum(2), rtol=1e-8)
        for ask in (
            ErrorsOfFew(folds, Y - Y.mean(0)),
            errors_of_many(folds, np.hstack([Y - Y.mean(0), np.zeros((N, N))])),
        ):
            np.testing.assert_allclose(errors_of(ask, spectrum, ALPHAS), expected.sum(2), rtol=1e-8)
        if d < N:
            found = errors_of_weights(spectrum, folds, Y - Y.mean(0), ALPHAS)
            np.testing.assert_allclose(found, expected.sum(2), rtol=1e-8)


@pytest.mark.parametrize("folds", FOLDS, ids=lambda f: f.name)
@pytest.mark.parametrize("d", [8, 70])
def test_leave_one_out_chooses_as_ridge_cv(d: int, folds: Folds) -> None:
    X = language_model_like(N, d)
    Y = responses(X, 9)
    targets = prepare(Y, folds)
    spectrum = spectrum_of_features(X)
    penalties = ALPHAS * spectrum.scale
    errors = leave_one_out_errors(spectrum, folds, targets.responses, ALPHAS)
    fit = ridge_per_target(spectrum, targets, ALPHAS, "leave_one_out")
    for k, train in enumerate(folds.train):
        reference = RidgeCV(penalties, alpha_per_target=True, store_cv_results=True).fit(X[train], Y[train])
        expected = reference.cv_results_.sum(0).T
        np.testing.assert_allclose(errors[:, k], expected, rtol=1e-6)
        np.testing.assert_allclose(fit.alphas[k] * fit.scale, reference.alpha_)
    expected = refitted(lambda _: RidgeCV(penalties, alpha_per_target=True), X, Y, folds)
    np.testing.assert_allclose(fit.predictions, expected, rtol=1e-6, atol=1e-7)
    scores = prediction_scores(fit.predictions, targets)
    np.testing.assert_allclose(scores, fold_pearson(expected, Y, folds), atol=1e-6)


@pytest.mark.parametrize("v", [4, 90])
def test_a_shared_penalty_by_leave_one_out_is_that_of_ridge_cv(v: int) -> None:
    X = language_model_like(N, 70)
    Y = responses(X, v)
    Y = (Y - Y.mean(0)) / Y.std(0)
    targets = prepare(Y, FOLDS[0])
    spectrum = spectrum_of_features(X)
    fit = ridge(spectrum, targets, ALPHAS, "leave_one_out")
    expected = refitted(lambda _: RidgeCV(ALPHAS * spectrum.scale), X, Y, FOLDS[0])
    np.testing.assert_allclose(predict(fit.operator, targets), expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("folds", FOLDS, ids=lambda f: f.name)
@pytest.mark.parametrize("d", [8, 70])
def test_generalised_errors_are_those_of_the_hat_matrix(d: int, folds: Folds) -> None:
    X = language_model_like(N, d)
    Y = responses(X, 4)
    spectrum = spectrum_of_features(X)
    found = generalised_errors(spectrum, folds, Y - Y.mean(0), ALPHAS)
    for k, train in enumerate(folds.train):
        Xc = X[train] - X[train].mean(0)
        for i, penalty in enumerate(ALPHAS * spectrum.scale):
            H = Xc @ np.linalg.solve(Xc.T @ Xc + penalty * np.eye(d), Xc.T) + 1 / len(train)
            left = np.eye(len(train)) - H
            expected = ((left @ Y[train]) ** 2).sum(0) / np.trace(left) ** 2
            np.testing.assert_allclose(found[i, k], expected, rtol=1e-8)


@pytest.mark.parametrize("folds", FOLDS, ids=lambda f: f.name)
@pytest.mark.parametrize("d", [8, 70])
@pytest.mark.parametrize("q", [0, 2])
def test_gcv_predicts_as_ridge_with_the_penalties_it_chose(q: int, d: int, folds: Folds) -> None:
    X = language_model_like(N, d)
    Y = responses(X, 9)
    nuisance = np.random.default_rng(3).standard_normal((N, q)) if q else None
    spectrum = spectrum_of_features(X, nuisance=nuisance)
    targets = prepare(Y, folds, nuisance=nuisance)
    fit = ridge_per_target(spectrum, targets, ALPHAS, "gcv")
    errors = generalised_errors(spectrum, folds, targets.responses, ALPHAS)
    np.testing.assert_array_equal(fit.alphas, ALPHAS[errors.argmin(0)])
    np.testing.assert_allclose(fit.inner_errors, errors.min(0) / Y.var(0))
    for alpha in np.unique(fit.alphas):
        fixed = predict(ridge(spectrum, targets, alpha).operator, targets)
        for k, s in enumerate(folds.slices):
            columns = fit.alphas[k] == alpha
            np.testing.assert_allclose(fit.predictions[s][:, columns], fixed[s][:, columns], atol=1e-9)


@pytest.mark.parametrize("d", [8, 70])
def test_nested_folds_choose_as_himalaya(d: int) -> None:
    set_backend("numpy")
    folds = by_stimulus(N, 8)  # equal folds: himalaya averages errors over the rows of a fold
    X = language_model_like(N, d)
    Y = responses(X, 20)
    targets = prepare(Y, folds)
    fit = ridge_per_target(spectrum_of_features(X), targets, ALPHAS)
    fold_of_row = np.empty(N, dtype=int)
    for k, test in enumerate(folds.test):
        fold_of_row[test] = k
    for k, (train, test) in enumerate(zip(folds.train, folds.test, strict=True)):
        model = KernelRidgeCV(alphas=ALPHAS * fit.scale, cv=PredefinedSplit(fold_of_row[train]), fit_intercept=True)
        model.fit(X[train], Y[train])
        np.testing.assert_allclose(fit.alphas[k] * fit.scale, model.best_alphas_)
        np.testing.assert_allclose(fit.predictions[folds.slices[k]], model.predict(X[test]), atol=1e-6)


@pytest.mark.parametrize("inner", ["folds", "leave_one_out", "gcv"])
def test_float32_chooses_the_same_and_scores_the_same(inner: str) -> None:
    X = language_model_like(N, 70, outliers=300.0)
    Y = responses(X, 30)
    folds = FOLDS[3]
    spectrum = spectrum_of_features(X)
    exact, single = prepare(Y, folds), prepare(Y, folds, np.float32)
    a, b = ridge_per_target(spectrum, exact, inner=inner), ridge_per_target(spectrum, single, inner=inner)
    np.testing.assert_array_equal(a.alphas, b.alphas)
    np.testing.assert_array_equal(a.at_edge, b.at_edge)
    np.testing.assert_allclose(
        prediction_scores(a.predictions, exact), prediction_scores(b.predictions, single), atol=1e-5
    )


@pytest.mark.parametrize("inner", ["folds", "leave_one_out", "gcv"])
def test_one_target_has_the_same_penalty_either_way(inner: str) -> None:
    X = language_model_like(N, 70)
    targets = prepare(responses(X, 1), FOLDS[1])
    spectrum = spectrum_of_features(X)
    shared = ridge(spectrum, targets, ALPHAS, inner)
    own = ridge_per_target(spectrum, targets, ALPHAS, inner)
    np.testing.assert_array_equal(shared.alphas, own.alphas[:, 0])
    np.testing.assert_allclose(predict(shared.operator, targets), own.predictions)
    np.testing.assert_allclose(shared.inner_error, own.inner_error)


def test_a_penalty_can_be_chosen_by_correlation() -> None:
    X = language_model_like(N, 70)
    Y = responses(X, 5)
    folds = FOLDS[1]
    targets, spectrum = prepare(Y, folds), spectrum_of_features(X)
    expected = brute_force(X, Y, folds, ALPHAS * spectrum.scale, "correlation")
    own = ridge_per_target(spectrum, targets, ALPHAS, criterion="correlation")
    np.testing.assert_array_equal(own.alphas, ALPHAS[expected.argmin(0)])
    shared = ridge(spectrum, targets, ALPHAS, criterion="correlation")
    np.testing.assert_array_equal(shared.alphas, ALPHAS[expected.mean(2).argmin(0)])
    with pytest.raises(BrainlakeError, match="gcv has no correlation"):
        ridge(spectrum, targets, ALPHAS, "gcv", "correlation")


def test_layers_of_penalties_per_target_are_chosen_the_same_way() -> None:
    folds = FOLDS[1]
    layers = [language_model_like(N, 20, seed=s) for s in range(4)]
    targets = prepare(responses(layers[2], 1), folds)
    spectra = [spectrum_of_features(X) for X in layers]
    shared = [ridge(s, targets, ALPHAS) for s in spectra]
    fits = [ridge_per_target(s, targets, ALPHAS) for s in spectra]
    layers_chosen = least_error(shared)
    np.testing.assert_array_equal(least_error(fits), layers_chosen)
    chosen = from_layers([f.predictions for f in fits], layers_chosen, folds)
    operator = from_layers([f.operator for f in shared], layers_chosen, folds)
    np.testing.assert_allclose(chosen, predict(operator, targets))


def test_nuisance_is_fitted_inside_the_folds() -> None:
    rng = np.random.default_rng(0)
    folds = FOLDS[2]
    nuisance = rng.standard_normal((N, 2)) + 3
    X = language_model_like(N, 20) + nuisance @ rng.standard_normal((2, 20))
    Y = responses(X, 5) + 4 * nuisance @ rng.standard_normal((2, 5))
    for dtype in (np.float64, np.float32):
        targets = prepare(Y, folds, dtype, nuisance=nuisance)
        fit = ridge(spectrum_of_features(X, nuisance=nuisance), targets, 1.0)
        own = ridge_per_target(spectrum_of_features(X, nuisance=nuisance), targets, 1.0)
        expected = []
        for train, test in zip(folds.train, folds.test, strict=True):
            design = np.column_stack([np.ones(N), nuisance])
            solve = np.linalg.pinv(design[train])
            x, y = X - design @ solve @ X[train], Y - design @ solve @ Y[train]
            model = Ridge(alpha=fit.scale, fit_intercept=False, solver="svd").fit(x[train], y[train])
            p = model.predict(x[test])
            expected.append([pearsonr(p[:, j], y[test, j]).statistic for j in range(5)])
        np.testing.assert_allclose(fold_scores(fit.operator, targets), expected, atol=2e-6)
        np.testing.assert_allclose(prediction_scores(own.predictions, targets), expected, atol=2e-5)


def test_nuisance_that_the_training_rows_cannot_determine_is_refused() -> None:
    runs = np.repeat(np.arange(4), 10)
    folds = contiguous(N, 4)
    with pytest.raises(BrainlakeError, match="does not vary in the training rows of fold 1"):
        prepare(np.ones((N, 1)), folds, nuisance=(runs == 1).astype(float))
    regressor = np.where(runs == 1, 1.0, np.where(runs == 2, -1.0, 0.0))
    X = language_model_like(N, 20)
    targets = prepare(X[:, :2], folds, nuisance=regressor)
    for fit in (ridge, ridge_per_target):
        with pytest.raises(BrainlakeError, match="leaving two folds out"):
            fit(spectrum_of_features(X, nuisance=regressor), targets)
    with pytest.raises(BrainlakeError, match="leave nothing"):
        prepare(np.ones((N, 1)), folds, nuisance=np.random.default_rng(0).standard_normal((N, N)))
