"""From an operator to predictions and scores, against the products and correlations that they are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import pearsonr

from brainlake.encoding.decomposition import spectrum_of_features
from brainlake.encoding.folds import by_stimulus, grouped, shuffle_split
from brainlake.encoding.holdout import fold_operator
from brainlake.encoding.predict import (
    FoldOperator,
    fold_scores,
    gap_predictions,
    predict,
    prediction_scores,
    target_scores,
)
from brainlake.encoding.targets import prepare
from brainlake.errors import BrainlakeError
from evaluator.encoding.reference import scipy_fold_scores

N = 30
FOLDS = grouped(np.arange(N) // 4, 5)


def operator_of(folds, penalty=2.0, seed=0):
    X = np.random.default_rng(seed).standard_normal((N, 5))
    G = spectrum_of_features(X).residual_maker(penalty)
    return np.concatenate([fold_operator(G, folds, k) for k in range(len(folds))])


def responses(v=4):
    return np.random.default_rng(1).standard_normal((N, v)) + 50


@pytest.mark.parametrize("folds", [FOLDS, shuffle_split(N, 4)], ids=lambda f: f.name)
def test_predictions_are_the_product_and_scores_its_correlations(folds):
    S, Y = operator_of(folds), responses()
    targets = prepare(Y, folds)
    P = predict(S, targets)
    np.testing.assert_allclose(P, S @ Y, atol=1e-9)
    expected = scipy_fold_scores(S @ Y, Y, folds)
    np.testing.assert_allclose(fold_scores(S, targets), expected, atol=1e-9)
    np.testing.assert_allclose(prediction_scores(P, targets), expected, atol=1e-9)


def test_a_shrunken_prediction_keeps_its_digits_in_single_precision():
    S, Y = operator_of(FOLDS, penalty=1e6), responses()
    P = predict(S, prepare(Y, FOLDS, np.float32))
    for s in FOLDS.slices:
        varying = (S[s] - S[s].mean(0)) @ (Y - Y.mean(0))
        np.testing.assert_allclose(P[s] - P[s].mean(0), varying, atol=1e-5 * np.abs(varying).max())


@given(seed=st.integers(0, 100))
def test_an_operator_in_two_pieces_is_the_same(seed):
    rng = np.random.default_rng(seed)
    S, Y = rng.standard_normal((4, 9)), rng.standard_normal((9, 3))
    np.testing.assert_allclose(FoldOperator.of(S, np.float64).apply(Y), S @ Y, atol=1e-12)


def test_with_gaps_every_target_is_fitted_to_what_it_has():
    X, Y = np.random.default_rng(0).standard_normal((N, 5)), responses()
    present = np.random.default_rng(2).random(Y.shape) > 0.2
    targets = prepare(np.where(present, Y, np.nan), FOLDS)
    G = spectrum_of_features(X).residual_maker(2.0)
    P = gap_predictions(G, targets, np.array([1, 3])) + targets.mean
    for k in (1, 3):
        for j in range(Y.shape[1]):
            rows = FOLDS.train[k][present[FOLDS.train[k], j]]
            x, y = X[rows] - X[rows].mean(0), Y[rows, j] - Y[rows, j].mean()
            weights = np.linalg.solve(x.T @ x + 2.0 * np.eye(5), x.T @ y)
            expected = (X[FOLDS.test[k]] - X[rows].mean(0)) @ weights + Y[rows, j].mean()
            np.testing.assert_allclose(P[FOLDS.slices[k], j], expected, atol=1e-8)


def test_with_gaps_scores_are_over_the_rows_that_a_target_has():
    Y, P = responses(), np.random.default_rng(5).standard_normal((N, 4))
    present = np.random.default_rng(2).random(Y.shape) > 0.2
    found = prediction_scores(P[FOLDS.rows], prepare(np.where(present, Y, np.nan), FOLDS))
    for k, test in enumerate(FOLDS.test):
        for j in range(4):
            there = test[present[test, j]]
            expected = pearsonr(P[there, j], Y[there, j]).statistic if len(there) > 1 else np.nan
            np.testing.assert_allclose(found[k, j], expected, atol=1e-9)


def test_a_score_is_a_mean_weighted_by_what_was_tested():
    r = np.array([[0.1, 0.5, np.nan], [0.3, np.nan, 0.2], [0.8, np.nan, 0.2]])
    folds = by_stimulus(7, 3)
    sizes = [len(t) for t in folds.test]
    np.testing.assert_allclose(target_scores(r, folds), [np.average(r[:, 0], weights=sizes), np.nan, np.nan])
    tested = np.array([[2, 3, 0], [1, 0, 4], [0, 0, 1]])
    np.testing.assert_allclose(target_scores(r, folds, tested), [(0.2 + 0.3) / 3, 0.5, 0.2])
    assert np.isnan(target_scores(r, folds, np.zeros((3, 3), int))).all()


def test_what_does_not_fit_is_refused():
    targets = prepare(responses(), FOLDS)
    with pytest.raises(BrainlakeError, match="operator: 29 rows where 30"):
        predict(np.ones((29, N)), targets)
    with pytest.raises(BrainlakeError, match="3 columns of predictions for 4 targets"):
        prediction_scores(np.ones((N, 3)), targets)
