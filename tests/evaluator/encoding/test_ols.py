import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression

from brainlake.encoding.folds import Folds, contiguous, grouped, shuffle_split
from brainlake.encoding.kernel import centred_gram
from brainlake.encoding.ols import kernel_ols_operator, ols_operator
from brainlake.errors import BrainlakeError
from evaluator.encoding.reference import fold_pearson, language_model_like, refitted

N = 60
FOLDS = [shuffle_split(N), grouped(np.arange(N) // 4), contiguous(N, 5, gap=2)]


def ols_predictions(X: np.ndarray, Y: np.ndarray, folds: Folds) -> np.ndarray:
    mean = Y.mean(0, dtype=np.float64)
    return ols_operator(X, folds) @ (Y - mean) + mean


def linear_regression(_: int) -> LinearRegression:
    return LinearRegression()


def minimum_norm(X: np.ndarray, Y: np.ndarray, folds: Folds) -> np.ndarray:
    """The pseudo-inverse with an unambiguous cut-off, where scikit-learn's depends on rounding."""
    parts = []
    for train, test in zip(folds.train, folds.test, strict=True):
        mx, my = X[train].mean(0), Y[train].mean(0)
        parts.append((X[test] - mx) @ np.linalg.pinv(X[train] - mx, rcond=1e-12) @ (Y[train] - my) + my)
    return np.concatenate(parts)


@pytest.mark.parametrize("folds", FOLDS, ids=lambda f: f.name)
@pytest.mark.parametrize("outliers", [0.0, 1e4])
@pytest.mark.parametrize("d", [5, 20, 200])
def test_predictions_are_those_of_linear_regression(d: int, outliers: float, folds: Folds) -> None:
    X = language_model_like(N, d, outliers=outliers)
    Y = np.random.default_rng(1).standard_normal((N, 7)) + 3
    expected = refitted(linear_regression, X, Y, folds)
    np.testing.assert_allclose(ols_predictions(X, Y, folds), expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("folds", FOLDS, ids=lambda f: f.name)
@pytest.mark.parametrize("d", [20, 47, 53, 54, 55, 58, 59, 60, 200])
@pytest.mark.parametrize("damage", ["none", "duplicated rows", "dependent columns", "constant column"])
def test_any_rank_gives_the_minimum_norm_solution(d: int, damage: str, folds: Folds) -> None:
    X = language_model_like(N, d)
    if damage == "duplicated rows":
        X[[10, 11, 40]] = X[3]
    elif damage == "dependent columns":
        X[:, 10:] = X[:, :10] @ np.random.default_rng(2).standard_normal((10, d - 10))
    elif damage == "constant column":
        X[:, 4] = 7.0
    Y = np.random.default_rng(1).standard_normal((N, 4))
    expected = minimum_norm(X, Y, folds)
    scale = np.abs(expected).max()
    np.testing.assert_allclose(ols_predictions(X, Y, folds), expected, rtol=1e-6, atol=1e-7 * scale)


def test_a_kernel_gives_the_same_where_it_determines_them() -> None:
    X = language_model_like(N, 200)
    for folds in FOLDS:
        np.testing.assert_allclose(kernel_ols_operator(X @ X.T, folds), ols_operator(X, folds), atol=1e-8)
    X[5] = X[6]
    with pytest.raises(BrainlakeError, match="rank deficient"):
        kernel_ols_operator(centred_gram(X), FOLDS[0])
    with pytest.raises(BrainlakeError, match="rank deficient"):
        kernel_ols_operator(np.zeros((N, N)), FOLDS[0])


def test_constant_features_predict_the_training_mean() -> None:
    Y = np.random.default_rng(1).standard_normal((N, 3))
    folds = FOLDS[1]
    predictions = ols_predictions(np.full((N, 8), 3.3), Y, folds)
    for s, train in zip(folds.slices, folds.train, strict=True):
        np.testing.assert_allclose(predictions[s], np.tile(Y[train].mean(0), (s.stop - s.start, 1)))


def test_the_brain_score_unit_case() -> None:
    # brain-score/language, metrics/linear_predictivity/test.py, test_mismatched_source_target
    rng = np.random.RandomState(1)
    source = (np.arange(30 * 25) + rng.standard_normal(30 * 25)).reshape(30, 25)
    target = rng.poisson(lam=1, size=30 * 25).reshape(30, 25).astype(float)
    folds = shuffle_split(30)
    scores = fold_pearson(ols_predictions(source, target, folds), target, folds)
    assert np.nanmedian(scores, axis=1).mean() == pytest.approx(0.02826294, abs=5e-9)


def test_features_predict_themselves() -> None:
    X = np.random.default_rng(0).standard_normal((30, 25))
    folds = shuffle_split(30)
    np.testing.assert_allclose(fold_pearson(ols_predictions(X, X, folds), X, folds), 1.0)


def test_float32_features_agree_with_scikit_learn_in_float32_where_rank_is_clear() -> None:
    X = language_model_like(N, 20).astype(np.float32)
    Y = np.random.default_rng(1).standard_normal((N, 5)).astype(np.float32)
    folds = FOLDS[0]
    expected = refitted(linear_regression, X, Y, folds)
    assert expected.dtype == np.float32
    np.testing.assert_allclose(ols_predictions(X, Y, folds), expected, atol=1e-3)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), d=st.sampled_from([10, 200]))
def test_scores_do_not_depend_on_what_they_should_not(seed: int, d: int) -> None:
    rng = np.random.default_rng(seed)
    X = language_model_like(N, d, seed)
    Y = X[:, :5] + rng.standard_normal((N, 5))
    folds = FOLDS[1]
    expected = fold_pearson(ols_predictions(X, Y, folds), Y, folds)
    rotated = 3 * X @ np.linalg.qr(rng.standard_normal((d, d)))[0] + rng.standard_normal(d)
    np.testing.assert_allclose(fold_pearson(ols_predictions(rotated, Y, folds), Y, folds), expected, atol=1e-6)
    scaled = Y * rng.uniform(0.5, 2, 5) + rng.standard_normal(5)
    np.testing.assert_allclose(fold_pearson(ols_predictions(X, scaled, folds), scaled, folds), expected, atol=1e-6)
    order = rng.permutation(N)
    place = np.argsort(order)
    moved = Folds(
        folds.name, N, tuple(place[t] for t in folds.train), tuple(np.sort(place[t]) for t in folds.test), False
    )
    found = fold_pearson(ols_predictions(X[order], Y[order], moved), Y[order], moved)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_rows_that_do_not_match_are_refused() -> None:
    with pytest.raises(BrainlakeError, match="59 rows where 60"):
        ols_operator(np.ones((59, 3)), FOLDS[0])
    bad = language_model_like(N, 6)
    bad[4, 2] = np.nan
    with pytest.raises(BrainlakeError, match="row 4, column 2"):
        ols_operator(bad, FOLDS[0])
