"""p values against refits of exchanged responses, layer and penalty chosen again in each, and on noise."""

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from brainlake.alignment.design.features import Layer, LayerFits
from brainlake.alignment.design.fitting import Scheme, fit_layer, score
from brainlake.alignment.design.protocols import PROTOCOLS
from brainlake.alignment.scorers.layer_choice import NestedChoice
from brainlake.alignment.uncertainty.exchanges import Exchanges
from brainlake.alignment.uncertainty.permutations import fdr, null_of_operators, p_values, share_above
from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.ridge import DEFAULT_ALPHAS
from nulls import GROUPS, null_of, scans, series, setting_of


def scored(layers, setting):
    """Scores of the targets under the nested choice over layers, by the path that `brain` takes."""
    scheme = Scheme.of(setting.recording, PROTOCOLS["grouped"].folds, with_nuisance=True)
    choice = NestedChoice(scheme)
    for number, X in enumerate(layers):
        choice.offer(number, fit_layer(LayerFits(Layer(X), setting.recording), [scheme], setting.protocol)[0])
    return score(choice.fit, scheme).targets


@pytest.mark.parametrize("threads", [1, 3])
def test_every_exchange_is_scored_as_if_its_responses_were_the_true_ones(threads):
    rng = np.random.default_rng(0)
    layers, Y = [rng.standard_normal((68, d)) for d in (9, 40, 3)], rng.standard_normal((68, 4)) + 3
    Y[:, 1] += layers[0][:, 0]
    setting = setting_of(Y, 23, threads, groups=GROUPS)
    null, exchanges = null_of(layers, setting)
    expected = np.array([scored(layers, setting_of(Y[order], 0, groups=GROUPS)) for order in exchanges.orders])
    np.testing.assert_allclose(null.scores, np.column_stack([np.median(expected, 1), expected]), atol=1e-9)
    np.testing.assert_allclose(null.p_of_targets, (expected >= expected[0] - 1e-5).sum(0) / 24)
    assert null.p_of_targets[1] == exchanges.smallest_p == 1 / 24


def test_least_squares_is_predicted_anew_in_every_exchange():
    rng = np.random.default_rng(6)
    X, Y = rng.standard_normal((68, 9)), rng.standard_normal((68, 3))
    setting = setting_of(Y, 9, protocol="aw2024", groups=GROUPS)
    scheme = Scheme.of(setting.recording, PROTOCOLS["grouped"].folds, with_nuisance=False)
    layer, exchanges = LayerFits(Layer(X), setting.recording), Exchanges.of(setting)
    null = null_of_operators(fit_layer(layer, [scheme], setting.protocol)[0], scheme, setting, exchanges)
    for order, found in zip(exchanges.orders, null.scores, strict=True):
        one = setting_of(Y[order], 0, protocol="aw2024", groups=GROUPS)
        other = Scheme.of(one.recording, PROTOCOLS["grouped"].folds, with_nuisance=False)
        np.testing.assert_allclose(
            found[1:], score(fit_layer(layer, [other], one.protocol)[0], other).targets, atol=1e-9
        )


def naive(X, Y, folds):
    """Scores [v] of ridge regression by plain refits; a missing response of a training row counts as the mean."""
    present, n = ~np.isnan(Y), len(Y)
    mean = np.nanmean(Y, 0)
    Z = np.where(present, Y - mean, 0.0)
    variance = (Z**2).sum(0) / present.sum(0)
    scale = np.square(X - X.mean(0)).sum() / n

    def predicted(out, alpha):
        train = np.setdiff1d(np.arange(n), out)
        A, B = X[train] - X[train].mean(0), Z[train] - Z[train].mean(0)
        weights = np.linalg.solve(A.T @ A + alpha * scale * np.eye(X.shape[1]), A.T @ B)
        return (X - X[train].mean(0)) @ weights + Z[train].mean(0)

    total = np.zeros(Y.shape[1])
    for t in folds.test:
        errors = np.zeros(len(DEFAULT_ALPHAS))
        for a, alpha in enumerate(DEFAULT_ALPHAS):
            for s in (s for s in folds.test if s is not t):
                errors[a] += (np.square(Z - predicted(np.union1d(s, t), alpha))[s] / variance).sum()
        P = predicted(t, DEFAULT_ALPHAS[errors.argmin()])
        for v in range(Y.shape[1]):
            rows = t[present[t, v]]
            total[v] += len(rows) * np.corrcoef(P[rows, v], Z[rows, v])[0, 1]
    return total / present.sum(0)


def test_with_gaps_every_exchange_is_what_plain_refits_give():
    rng = np.random.default_rng(11)
    X, Y = rng.standard_normal((40, 6)), rng.standard_normal((40, 3))
    Y[:, 0] += X[:, 0]
    Y[rng.random(Y.shape) < 0.15] = np.nan
    setting = setting_of(Y, 12, groups=np.repeat(list("abcdefgh"), 5))
    null, exchanges = null_of([X], setting)
    folds = Scheme.of(setting.recording, PROTOCOLS["grouped"].folds, with_nuisance=True).folds
    expected = np.array([naive(X, Y[order], folds) for order in exchanges.orders])
    np.testing.assert_allclose(null.scores, np.column_stack([np.median(expected, 1), expected]), atol=1e-9)
    np.testing.assert_allclose(null.p_of_targets, (expected >= expected[0] - 1e-5).mean(0))


def test_gaps_travel_with_the_rows_that_are_exchanged():
    rng = np.random.default_rng(1)
    X, Y = rng.standard_normal((68, 9)), rng.standard_normal((68, 4))
    gaps = Y.copy()
    gaps[:8, 2] = np.nan
    Y[:, 3] = gaps[:, 3] = 1.0
    whole, parts = (null_of([X], setting_of(y, 50, groups=GROUPS))[0] for y in (Y, gaps))
    np.testing.assert_allclose(whole.p_of_targets[[0, 1]], parts.p_of_targets[[0, 1]], atol=0.2)
    assert np.isnan(whole.p_of_targets[3])
    assert np.isnan(parts.scores[:, 4]).all()
    assert np.isfinite(parts.scores[:, 3]).all()


def test_nuisance_is_taken_off_before_anything_is_exchanged():
    rng = np.random.default_rng(2)
    motion = np.cumsum(rng.standard_normal((240, 2)), axis=0)
    Y, X = rng.standard_normal((240, 3)), rng.standard_normal((240, 5))
    facts = {"groups": (np.arange(240) // 30).astype(str), "volumes": scans(240), "nuisance": {"s": motion}}
    # Responses are z-scored, motion included: without it a target keeps its shape, not its size.
    still, moving = (setting_of(y, 30, **facts) for y in (Y, Y + motion @ rng.standard_normal((2, 3)) * 100))
    a, b = (null_of([X], setting)[0] for setting in (still, moving))
    np.testing.assert_allclose(a.scores[0, 1:], scored([X], still), atol=1e-9)
    np.testing.assert_allclose(a.scores[:, 1:], b.scores[:, 1:], atol=0.05)


def test_noise_with_groups_is_significant_as_often_as_the_level_says():
    found = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        groups = np.repeat(np.arange(8), 5)
        draw = rng.standard_normal((4, 8, 6))[:, groups] + rng.standard_normal((4, 40, 6))
        setting = setting_of(draw[3, :, :2], 19, groups=groups.astype(str))
        null, exchanges = null_of(list(draw[:3]), setting, seed)
        found.append(p_values(setting, null, exchanges)[0].value)
    # Of 60 draws from a level of .2, fewer than 2 or more than 23 in one of 10,000 runs.
    assert 2 <= (np.array(found) <= 0.2).sum() <= 23


def test_series_are_shifted_and_their_targets_adjusted():
    rng = np.random.default_rng(0)
    Y, X = series(0.8, 300, 60, rng), series(0.8, 300, 10, rng)
    setting = setting_of(Y, 200, groups=(np.arange(300) // 30).astype(str), volumes=scans(300))
    null, exchanges = null_of([X], setting)
    assert (null.p_of_targets < 0.05).mean() <= 0.15
    rows = p_values(setting, null, exchanges)
    np.testing.assert_allclose([row.value for row in rows[1:]], fdr(null.p_of_targets))
    assert rows[0].value == share_above(null.scores[1:, 0], null.scores[0, 0])
    assert rows[0].method == "200 shifts of the series, layer and penalty chosen again in each: median over targets"
    assert "false discovery rate over the 60 targets" in rows[1].method
    assert len(Exchanges.of(setting_of(Y, 1000, groups=None, volumes=scans(300))).orders) == 300


def test_many_targets_lose_no_more_than_single_precision():
    rng = np.random.default_rng(3)
    X, Y = rng.standard_normal((68, 9)), rng.standard_normal((68, 1200))
    many, few = setting_of(Y, 20, groups=GROUPS), setting_of(Y.astype(np.float64)[:, :900], 20, groups=GROUPS)
    found = null_of([X], many)[0].scores[0, 1:]
    np.testing.assert_allclose(found, scored([X], many), atol=2e-6)
    assert null_of([X], few)[0].scores.shape == (21, 901)


def test_the_false_discovery_rate_leaves_out_what_has_no_p_value():
    p: FloatArray = np.array([0.01, np.nan, 0.04, 0.5])
    np.testing.assert_allclose(fdr(p)[[0, 2, 3]], false_discovery_control(p[[0, 2, 3]]))
    assert np.isnan(fdr(p)[1])
    assert np.isnan(fdr(np.array([np.nan]))).all()
