"""One layer fitted to all targets, against scikit-learn fold by fold; fits that are pieced together."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy.stats import pearsonr
from sklearn.linear_model import LinearRegression, Ridge

from brainlake.alignment.design.features import Layer, LayerFits
from brainlake.alignment.design.fitting import Fit, Scheme, Scores, fit_layer, score
from brainlake.alignment.design.protocols import PROTOCOLS
from brainlake.encoding.decomposition import spectrum_of_features
from brainlake.encoding.folds import FoldPlan
from brainlake.encoding.ridge import joint_ridge
from brainlake.errors import BrainlakeError
from brainlake.recordings.recording import Recording

N, V = 60, 4
PLAN = FoldPlan("disjoint", number=5)
GROUPED = PROTOCOLS["grouped"]
RIDGE, PER_TARGET, OLS = GROUPED, replace(GROUPED, penalty="target"), PROTOCOLS["aw2024"]


def recording(gaps=False):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((N, 6))
    Y = X[:, :V] * [0.1, 0.5, 1, 3] + rng.standard_normal((N, V)) + 9
    if gaps:
        Y[:7, 1] = Y[30:33, 2] = np.nan
    labels = np.full(V, "s"), np.full(V, ""), np.arange(V).astype(str)
    return X, Recording("b", pl.DataFrame(), Y, *labels, "groups", np.array([f"g{i // 4:02}" for i in range(N)]))


def fitted(protocol, gaps=False):
    X, found = recording(gaps)
    scheme = Scheme.of(found, PLAN, with_nuisance=True)
    return X, fit_layer(LayerFits(Layer(X), found), [scheme], protocol)[0], scheme


def alpha_of(fit, k, j):
    return fit.alphas[k] if fit.alphas.ndim == 1 else fit.alphas[k, j]


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("protocol", [RIDGE, PER_TARGET, OLS], ids=["a layer", "a target", "least squares"])
def test_predictions_and_scores_are_those_of_scikit_learn(protocol, gaps):
    X, fit, scheme = fitted(protocol, gaps)
    Y, folds = scheme.recording.responses, scheme.folds
    scores = score(fit, scheme)
    scale = np.square(X - X.mean(0)).sum() / N
    for k, (train, test) in enumerate(zip(folds.train, folds.test, strict=True)):
        for j in range(V):
            rows = train[~np.isnan(Y[train, j])]
            model = LinearRegression() if protocol is OLS else Ridge(alpha_of(fit, k, j) * scale)
            P = model.fit(X[rows], Y[rows, j]).predict(X[test])
            there = ~np.isnan(Y[test, j])
            assert scores.tested[k, j] == there.sum()
            np.testing.assert_allclose(scores.folds[k, j], pearsonr(P[there], Y[test, j][there]).statistic, atol=1e-6)


def test_penalties_are_chosen_by_the_criterion_that_the_protocol_names():
    by_correlation = replace(GROUPED, criterion="correlation")
    X, fit, scheme = fitted(by_correlation)
    targets = scheme.parts[0].targets
    (expected,) = joint_ridge([spectrum_of_features(X)], [targets], criterion="correlation")
    np.testing.assert_array_equal(fit.alphas, expected.alphas)
    np.testing.assert_allclose(fit.errors, expected.inner_error)
    assert not np.allclose(fit.errors, fitted(GROUPED)[1].errors)
    _, single, _ = fitted(replace(by_correlation, penalty="target"))
    assert (single.errors <= fit.errors * V).all()
    with pytest.raises(BrainlakeError, match="gaps are not chosen by correlation"):
        fitted(by_correlation, gaps=True)


def test_errors_by_which_layers_are_compared_prefer_the_one_that_drives_the_responses():
    X, found = recording()
    scheme = Scheme.of(found, PLAN, with_nuisance=True)
    noise = np.random.default_rng(9).standard_normal((N, 6))
    for protocol in (RIDGE, PER_TARGET):
        good, bad = (fit_layer(LayerFits(Layer(x), found), [scheme], protocol)[0] for x in (X, noise))
        assert (good.errors < bad.errors).all()


def test_a_copy_takes_over_single_folds_and_leaves_the_original():
    _, fit, scheme = fitted(PER_TARGET)
    other = fit.copy()
    other.predictions[0] += 1
    other.errors[:] = -1
    other.alphas[:] *= 10
    mine = fit.copy()
    mine.take(other, 2, scheme.folds.slices[2])
    changed = np.zeros(N, bool)
    changed[scheme.folds.slices[2]] = True
    np.testing.assert_array_equal(mine.predictions[0] != fit.predictions[0], np.repeat(changed[:, None], V, 1))
    np.testing.assert_array_equal(mine.errors == -1, np.arange(5) == 2)
    np.testing.assert_array_equal(mine.alphas[2], other.alphas[2])
    np.testing.assert_array_equal(np.delete(mine.alphas, 2, 0), np.delete(fit.alphas, 2, 0))


def test_the_penalty_of_a_fit_is_a_geometric_mean():
    assert Fit([], [], np.array([1.0, 100.0]), np.zeros(2)).alpha == pytest.approx(10)
    assert Fit([], [], None, np.zeros(2)).alpha is None


def test_scores_become_one_number_in_the_order_that_the_protocol_names():
    folds = np.array([[0.1, 0.9, 0.2], [0.5, 0.0, np.nan]])
    scores = Scores(folds, np.full((2, 3), 10), np.array([0.3, 0.45, np.nan]))
    every = np.arange(3)
    assert scores.aggregate(every, GROUPED) == pytest.approx(np.median([0.3, 0.45]))
    assert scores.aggregate(every, OLS) == pytest.approx(np.mean([0.5, 0.25]))
    assert np.isnan(scores.aggregate(np.array([2]), GROUPED))


def test_a_prediction_that_is_constant_up_to_rounding_scores_nothing():
    _, found = recording()
    scheme = Scheme.of(found, PLAN, with_nuisance=True)
    (fit,) = fit_layer(LayerFits(Layer(np.full((N, 2), 0.1)), found), [scheme], RIDGE)
    assert not score(fit, scheme).targets.any()


def test_many_targets_are_fitted_in_single_precision():
    _, found = recording()
    many = replace(found, responses=np.tile(found.responses, 300), subjects=np.full(1200, "s"), rois=np.full(1200, ""))
    assert Scheme.of(many, PLAN, True).parts[0].targets.dtype == np.float32
    assert Scheme.of(found, PLAN, True).parts[0].targets.dtype == np.float64
