import numpy as np
import pytest

from brainlake.encoding.decomposition import spectrum_of_features
from brainlake.encoding.folds import by_stimulus
from brainlake.encoding.predict import fold_scores, predict, prediction_scores
from brainlake.encoding.targets import prepare
from brainlake.errors import BrainlakeError
from evaluator.encoding.reference import fold_pearson, language_model_like, ridge

N = 40


def test_the_factor_stands_for_any_number_of_targets() -> None:
    rng = np.random.default_rng(0)
    for v in (3, 200):
        Y = rng.standard_normal((N, v)) * rng.uniform(0.1, 9, v) + 4
        L = prepare(Y, by_stimulus(N)).factor
        Z = (Y - Y.mean(0)) / Y.std(0)
        assert L.shape == (N, min(N, v))
        np.testing.assert_allclose(L @ L.T, Z @ Z.T, atol=1e-10)


def test_what_is_scored_has_mean_zero_and_unit_size_in_every_fold() -> None:
    Y = np.random.default_rng(0).standard_normal((N, 4)) + 100
    Y[:, 1] = 3.3
    targets = prepare(Y, by_stimulus(N, 5), np.float32)
    assert targets.dtype == np.float32
    assert targets.undefined[:, 1].all()
    for s in targets.folds.slices:
        np.testing.assert_allclose(targets.held_out[s].sum(0), 0, atol=1e-5)
        np.testing.assert_allclose(np.square(targets.held_out[s]).sum(0), [1, 0, 1, 1], atol=1e-5)


def test_nuisance_is_taken_off_both_sides() -> None:
    rng = np.random.default_rng(0)
    nuisance = rng.standard_normal((N, 2))
    X = language_model_like(N, 20)
    Y = rng.standard_normal((N, 3)) + 2
    folds = by_stimulus(N, 5)
    targets = prepare(Y, folds, nuisance=nuisance)
    P = predict(ridge(spectrum_of_features(X, nuisance=nuisance), targets).operator, targets)
    observed, explained = Y.copy(), np.empty_like(P)
    for s, train, test in zip(folds.slices, folds.train, folds.test, strict=True):
        Z = [np.column_stack([np.ones(len(rows)), nuisance[rows]]) for rows in (train, test)]
        explained[s] = Z[1] @ np.linalg.lstsq(Z[0], Y[train], rcond=None)[0]
    observed[folds.rows] -= explained
    np.testing.assert_allclose(fold_pearson(P - explained, observed, folds), prediction_scores(P, targets), atol=1e-9)


def test_columns_that_do_not_match_are_refused() -> None:
    targets = prepare(np.random.default_rng(0).standard_normal((N, 3)), by_stimulus(N))
    with pytest.raises(BrainlakeError, match="2 columns of predictions for 3"):
        prediction_scores(np.ones((N, 2)), targets)
    with pytest.raises(BrainlakeError, match="rows where"):
        fold_scores(np.ones((N - 1, N)), targets)
