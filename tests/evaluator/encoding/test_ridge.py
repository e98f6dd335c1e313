import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge

from brainlake.encoding.decomposition import spectrum_of_features, spectrum_of_kernel
from brainlake.encoding.folds import Folds, by_stimulus
from brainlake.encoding.layer_errors import from_layers, least_error
from brainlake.encoding.predict import fold_scores, predict, target_scores
from brainlake.encoding.ridge import DEFAULT_ALPHAS, ridge_under_folds
from brainlake.encoding.targets import prepare
from brainlake.errors import BrainlakeError
from evaluator.encoding.reference import ALPHAS, FOLDS, N, fold_pearson, language_model_like, refitted, ridge


def responses(X: np.ndarray, v: int, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    Z = (X - X.mean(0)) / X.std(0)
    signal = Z @ rng.standard_normal((X.shape[1], v)) / np.sqrt(X.shape[1])
    return (signal + rng.standard_normal((len(X), v))) * rng.uniform(0.1, 9, v) + 5


def brute_force_errors(X: np.ndarray, Y: np.ndarray, folds: Folds, penalties: np.ndarray) -> np.ndarray:
    """Squared error of fold s predicted without s and t, summed over s, per outer fold t."""
    Y = (Y - Y.mean(0)) / Y.std(0)
    errors = np.zeros((len(penalties), len(folds)))
    for t in range(len(folds)):
        for s in range(len(folds)):
            if s == t:
                continue
            rest = np.intersect1d(folds.train[s], folds.train[t])
            test = np.setdiff1d(folds.test[s], folds.held_out[t])
            for i, penalty in enumerate(penalties):
                model = Ridge(alpha=penalty, solver="svd").fit(X[rest], Y[rest])
                errors[i, t] += ((Y[test] - model.predict(X[test])) ** 2).mean(1).sum()
    return errors


@pytest.mark.parametrize("folds", FOLDS, ids=lambda f: f.name)
@pytest.mark.parametrize("v", [3, 90])
@pytest.mark.parametrize("d", [8, 70])
def test_nested_errors_and_choices_are_those_of_brute_force(d: int, v: int, folds: Folds) -> None:
    X = language_model_like(N, d)
    Y = responses(X, v)
    fit = ridge(spectrum_of_features(X), prepare(Y, folds), ALPHAS)
    expected = brute_force_errors(X, Y, folds, ALPHAS * fit.scale)
    np.testing.assert_allclose(fit.errors, expected, rtol=1e-9)
    np.testing.assert_array_equal(fit.alphas, ALPHAS[expected.argmin(0)])
    np.testing.assert_array_equal(fit.at_edge, np.isin(expected.argmin(0), [0, len(ALPHAS) - 1]))


@pytest.mark.parametrize("folds", FOLDS, ids=lambda f: f.name)
@pytest.mark.parametrize("outliers", [0.0, 1e4])
@pytest.mark.parametrize("d", [8, 39, 70])
@pytest.mark.parametrize("alpha", [None, *DEFAULT_ALPHAS[::3]])
def test_predictions_are_those_of_ridge(alpha: float | None, d: int, outliers: float, folds: Folds) -> None:
    X = language_model_like(N, d, outliers=outliers)
    X[7] = X[8]
    Y = responses(X, 6)
    targets = prepare(Y, folds)
    fit = ridge(spectrum_of_features(X), targets, DEFAULT_ALPHAS if alpha is None else alpha)
    expected = refitted(lambda k: Ridge(alpha=fit.alphas[k] * fit.scale, solver="svd"), X, Y, folds)
    P = predict(fit.operator, targets)
    np.testing.assert_allclose(P, expected, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(fold_scores(fit.operator, targets), fold_pearson(expected, Y, folds), atol=1e-6)


@pytest.mark.parametrize("d", [8, 70])
def test_float32_products_cost_less_than_1e_3(d: int) -> None:
    X = language_model_like(N, d, outliers=300.0)
    Y = responses(X, 90)
    folds = FOLDS[1]
    exact = ridge(spectrum_of_features(X), prepare(Y, folds))
    targets = prepare(Y, folds, np.float32)
    fit = ridge(spectrum_of_features(X), targets)
    np.testing.assert_array_equal(fit.alphas, exact.alphas)
    np.testing.assert_allclose(
        fold_scores(fit.operator, targets), fold_scores(exact.operator, prepare(Y, folds)), atol=1e-5
    )
    np.testing.assert_allclose(
        predict(fit.operator, targets), predict(exact.operator, prepare(Y, folds)), rtol=1e-4, atol=1e-5
    )


def test_kernel_and_features_give_the_same_fit() -> None:
    X = language_model_like(N, 70)
    targets = prepare(responses(X, 5), FOLDS[1])
    a = ridge(spectrum_of_features(X), targets)
    b = ridge(spectrum_of_kernel(X @ X.T), targets)
    np.testing.assert_allclose(a.operator, b.operator, atol=1e-9)


def test_the_layer_is_chosen_by_errors_that_leave_the_fold_out() -> None:
    folds = FOLDS[1]
    layers = [language_model_like(N, 30, seed=s) for s in range(5)]
    Y = responses(layers[3], 4)
    targets = prepare(Y, folds)
    fits = [ridge(spectrum_of_features(X), targets, ALPHAS) for X in layers]
    layers_chosen = least_error(fits)
    operator = from_layers([fit.operator for fit in fits], layers_chosen, folds)
    table = np.stack([brute_force_errors(X, Y, folds, ALPHAS * f.scale) for X, f in zip(layers, fits, strict=True)])
    for k, s in enumerate(folds.slices):
        layer, penalty = np.unravel_index(table[:, :, k].argmin(), table.shape[:2])
        assert layers_chosen[k] == layer
        assert fits[layer].alphas[k] == ALPHAS[penalty]
        np.testing.assert_array_equal(operator[s], fits[layer].operator[s])


def test_responses_of_the_test_fold_cannot_tilt_the_choice() -> None:
    # Reflecting test responses about the mean of the others reverses their fold.s scores; the choice stays.
    folds = FOLDS[1]
    X = language_model_like(N, 70)
    Y = responses(X, 90)
    Y -= Y[folds.train[2]].mean(0)
    reflected = Y.copy()
    reflected[folds.test[2]] *= -1
    a, b = prepare(Y, folds), prepare(reflected, folds)
    fit, mirrored = ridge(spectrum_of_features(X), a), ridge(spectrum_of_features(X), b)
    np.testing.assert_allclose(fit.errors[:, 2], mirrored.errors[:, 2], rtol=1e-9)
    assert fit.alphas[2] == mirrored.alphas[2]
    np.testing.assert_allclose(fold_scores(fit.operator, a)[2], -fold_scores(mirrored.operator, b)[2], atol=1e-9)


def test_layers_chosen_strictly_do_not_score_on_noise() -> None:
    # Best of 20 noise layers: choosing by test scores shows r = .1 and more; the nested choice shows nothing.
    rng = np.random.default_rng(0)
    n, folds = 60, by_stimulus(60, 6)
    strict, naive = [], []
    for _ in range(40):
        targets = prepare(rng.standard_normal((n, 1)), folds)
        fits = [ridge(spectrum_of_features(rng.standard_normal((n, 10))), targets, [0.1, 10]) for _ in range(20)]
        naive.append(max(target_scores(fold_scores(f.operator, targets), folds)[0] for f in fits))
        operator = from_layers([f.operator for f in fits], least_error(fits), folds)
        strict.append(target_scores(fold_scores(operator, targets), folds)[0])
    assert np.mean(naive) > 0.15
    assert abs(np.mean(strict)) < 3 * np.std(strict) / np.sqrt(len(strict))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), d=st.sampled_from([6, 60]), v=st.sampled_from([2, 50]))
def test_scores_do_not_depend_on_what_they_should_not(seed: int, d: int, v: int) -> None:
    rng = np.random.default_rng(seed)
    X = language_model_like(N, d, seed)
    Y = responses(X, v, seed)
    folds = FOLDS[1]
    targets = prepare(Y, folds)
    expected = fold_scores(ridge(spectrum_of_features(X), targets).operator, targets)

    rotation = np.linalg.qr(rng.standard_normal((d, d)))[0]
    rotated = ridge(spectrum_of_features(3 * X @ rotation + rng.standard_normal(d)), targets)
    np.testing.assert_allclose(fold_scores(rotated.operator, targets), expected, atol=1e-7)

    scaled = prepare(Y * rng.uniform(0.5, 2, v) + rng.standard_normal(v), folds)
    fit = ridge(spectrum_of_features(X), scaled)
    np.testing.assert_allclose(fold_scores(fit.operator, scaled), expected, atol=1e-7)

    order = rng.permutation(N)
    place = np.argsort(order)
    moved = Folds(
        folds.name,
        N,
        tuple(np.sort(place[t]) for t in folds.train),
        tuple(np.sort(place[t]) for t in folds.test),
        overlapping=False,
    )
    shuffled = prepare(Y[order], moved)
    fit = ridge(spectrum_of_features(X[order]), shuffled)
    np.testing.assert_allclose(fold_scores(fit.operator, shuffled), expected, atol=1e-7)


def test_constant_targets_score_nan_and_constant_features_0() -> None:
    folds = FOLDS[1]
    X = language_model_like(N, 12)
    Y = responses(X, 4)
    Y[:, 2] = 0.1
    Y[folds.test[3], 1] = 2.0
    for dtype in (np.float64, np.float32):
        targets = prepare(Y, folds, dtype)
        scores = fold_scores(ridge(spectrum_of_features(X), targets).operator, targets)
        assert np.isnan(scores[:, 2]).all()
        np.testing.assert_array_equal(np.isnan(scores[:, 1]), np.arange(len(folds)) == 3)
        assert np.isfinite(scores[:, [0, 3]]).all()
        np.testing.assert_array_equal(np.isnan(target_scores(scores, folds)), [False, True, True, False])
        for constant in (spectrum_of_features(np.full((N, 12), 0.1)), spectrum_of_kernel(np.zeros((N, N)))):
            fit = ridge(constant, targets)
            r = fold_scores(fit.operator, targets)
            np.testing.assert_array_equal(r, np.where(np.isnan(scores), np.nan, 0.0))
            means = np.concatenate(
                [np.tile(Y[a].mean(0), (len(b), 1)) for a, b in zip(folds.train, folds.test, strict=True)]
            )
            np.testing.assert_allclose(predict(fit.operator, targets), means, rtol=1e-5)


def test_what_makes_no_sense_is_refused() -> None:
    X = language_model_like(N, 12)
    targets = prepare(responses(X, 2), FOLDS[1])
    spectrum = spectrum_of_features(X)
    for alphas in ([0.0, 1.0], [-1.0], [np.nan], []):
        with pytest.raises(BrainlakeError, match="must be positive"):
            ridge(spectrum, targets, alphas)
    with pytest.raises(BrainlakeError, match="features of 39 rows"):
        ridge(spectrum_of_features(X[:39]), targets)
    with pytest.raises(BrainlakeError, match="symmetric"):
        spectrum_of_kernel(X)
    with pytest.raises(BrainlakeError, match="not finite"):
        prepare(np.full((N, 2), np.nan), FOLDS[1])


@pytest.mark.parametrize("v", [3, 50])
def test_several_folds_at_once_are_fitted_as_each_alone(v):
    X, Y = language_model_like(N, 70), np.random.default_rng(1).standard_normal((N, v))
    spectrum, several = spectrum_of_features(X), [prepare(Y, folds) for folds in FOLDS]
    found = ridge_under_folds([spectrum], [[targets] for targets in several], ALPHAS)
    for (fit,), targets in zip(found, several, strict=True):
        alone = ridge(spectrum, targets, ALPHAS)
        np.testing.assert_array_equal(fit.errors, alone.errors)
        whole = predict(alone.operator, targets)
        P = fit.predictions(targets)
        assert (P is None) == (v == 50)
        np.testing.assert_allclose(predict(fit.operator, targets) if P is None else P, whole, atol=1e-9)
