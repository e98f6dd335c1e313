"""p values against refits of permuted responses by scikit-learn, and on noise."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy.stats import false_discovery_control, pearsonr
from sklearn.linear_model import Ridge

from brainlake.alignment.design.features import Layer, LayerFits
from brainlake.alignment.design.fitting import Scheme, fit_layer, score
from brainlake.alignment.design.protocols import PROTOCOLS
from brainlake.alignment.design.setting import Setting, TargetGroup
from brainlake.alignment.uncertainty.permutations import fdr, null_scores, p_values, share_above
from brainlake.encoding.exchange import Blocks, Turns
from brainlake.recordings.recording import Recording
from brainlake.recordings.volumes import Volumes

GROUPS = np.repeat([f"g{i:02}" for i in range(14)], [5] * 10 + [4] * 3 + [6])


def setting_of(Y, n_permutations, threads=1, **facts):
    v = Y.shape[1]
    labels = np.full(v, "s"), np.full(v, ""), np.arange(v).astype(str)
    recording = Recording("null", pl.DataFrame(), Y, *labels, "groups", **facts)
    groups = [TargetGroup(np.arange(v)), *(TargetGroup(np.array([i]), target_id=str(i)) for i in range(v))]
    return Setting(recording, PROTOCOLS["grouped"], groups, 0, n_permutations, pl.DataFrame(), threads)


def fitted(X, setting):
    scheme = Scheme.of(setting.recording, setting.protocol.folds, with_nuisance=True)
    return fit_layer(LayerFits(Layer(X), setting.recording), scheme, setting.protocol), scheme


def refitted(X, Y, folds, alphas):
    """Mean over folds, weighted by their size, of the correlations of ridge with a penalty a fold."""
    scores = []
    for train, test, alpha in zip(folds.train, folds.test, alphas, strict=True):
        P = Ridge(alpha).fit(X[train], Y[train]).predict(X[test])
        scores.append([pearsonr(p, y).statistic for p, y in zip(P.T, Y[test].T, strict=True)])
    return np.average(scores, axis=0, weights=[len(t) for t in folds.test])


@pytest.mark.parametrize("threads", [1, 3])
def test_replicates_are_refits_of_exchanged_responses(threads):
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((68, 9)), rng.standard_normal((68, 4)) + 3
    Y[:, 1] += X[:, 0]
    setting = setting_of(Y, 23, threads, groups=GROUPS)
    fit, scheme = fitted(X, setting)
    null = null_scores(fit, scheme, setting)
    # Penalties are relative to the mean eigenvalue of the kernel.
    alphas = fit.alphas * np.square(X - X.mean(0)).sum() / len(X)
    observed = refitted(X, Y, scheme.folds, alphas)
    np.testing.assert_allclose(observed, score(fit, scheme).targets, atol=1e-9)
    np.testing.assert_allclose(null.observed, [np.median(observed), *observed], atol=1e-9)
    blocks, orders = Blocks.of(GROUPS), []
    for first in range(0, 23, 10):
        orders += list(Turns.draw(blocks, min(10, 23 - first), np.random.default_rng([0, first])).orders())
    expected = np.array([refitted(X, Y[order], scheme.folds, alphas) for order in orders])
    np.testing.assert_allclose(null.replicates, np.column_stack([np.median(expected, 1), expected]), atol=1e-9)
    above = (expected >= observed).sum(0)
    np.testing.assert_allclose(null.p_of_targets, (1 + above) / 24)
    assert null.p_of_targets[1] == 1 / 24


def test_targets_with_other_rows_are_exchanged_on_their_own():
    rng = np.random.default_rng(1)
    X, Y = rng.standard_normal((68, 9)), rng.standard_normal((68, 4))
    gaps = Y.copy()
    gaps[:8, 2] = np.nan
    Y[:, 3] = gaps[:, 3] = 1.0
    whole, parts = (setting_of(y, 50, groups=GROUPS) for y in (Y, gaps))
    a, b = (null_scores(*fitted(X, setting), setting) for setting in (whole, parts))
    np.testing.assert_allclose(a.p_of_targets[[0, 1]], b.p_of_targets[[0, 1]], atol=0.2)
    np.testing.assert_allclose(a.observed[[1, 2]], b.observed[[1, 2]], atol=0.05)
    assert np.isnan(a.p_of_targets[3])
    assert np.isnan(b.observed[4])
    assert np.isfinite(b.replicates[:, 3]).all()


def test_nuisance_is_taken_off_before_anything_is_exchanged():
    rng = np.random.default_rng(2)
    times = 2.0 * np.arange(240)
    volumes = Volumes(times + 1, times, np.full(240, "1"), np.arange(240), 2.0)
    motion = np.cumsum(rng.standard_normal((240, 2)), axis=0)
    Y, X = rng.standard_normal((240, 3)), rng.standard_normal((240, 5))
    facts = {"groups": (np.arange(240) // 30).astype(str), "volumes": volumes}
    still = setting_of(Y, 30, nuisance={"s": motion}, **facts)
    moving = setting_of(Y + motion @ rng.standard_normal((2, 3)) * 100, 30, nuisance={"s": motion}, **facts)
    # Responses are z-scored, motion included: without it a target keeps its shape, not its size.
    fits = [fitted(X, setting) for setting in (still, moving)]
    a, b = (null_scores(fit, scheme, setting) for (fit, scheme), setting in zip(fits, (still, moving), strict=True))
    np.testing.assert_allclose(a.observed[1:], score(*fits[0]).targets, atol=1e-9)
    np.testing.assert_allclose(a.replicates[:, 1:], b.replicates[:, 1:], atol=0.05)


def test_noise_that_remembers_is_rarely_significant():
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((2, 340, 60))
    for i in range(1, 340):
        noise[:, i] = 0.8 * noise[:, i - 1] + 0.6 * noise[:, i]
    times = 2.0 * np.arange(300)
    volumes = Volumes(times + 1, times, np.full(300, "1"), np.arange(300), 2.0)
    setting = setting_of(noise[0, 40:], 200, groups=(np.arange(300) // 30).astype(str), volumes=volumes)
    null = null_scores(*fitted(noise[1, 40:, :10], setting), setting)
    assert (null.p_of_targets < 0.05).mean() <= 0.12
    rows = p_values(setting, null)
    np.testing.assert_allclose([row.value for row in rows[1:]], fdr(null.p_of_targets))
    assert rows[0].value == share_above(null.replicates[:, 0], null.observed[0])
    assert "blocks of 30 TRs" in rows[0].method
    assert "60 targets" in rows[1].method


def test_many_targets_lose_no_more_than_single_precision():
    rng = np.random.default_rng(3)
    X, Y = rng.standard_normal((68, 9)), rng.standard_normal((68, 1200))
    many, few = setting_of(Y, 20, groups=GROUPS), setting_of(Y[:, :50], 20, groups=GROUPS)
    fit, scheme = fitted(X, many)
    one = fitted(X, few)[1]
    a, b = null_scores(fit, scheme, many), null_scores(replace(fit), one, few)
    np.testing.assert_allclose(a.replicates[:, 1:51], b.replicates[:, 1:], atol=2e-6)


def test_the_false_discovery_rate_leaves_out_what_has_no_p_value():
    p = np.array([0.01, np.nan, 0.04, 0.5])
    np.testing.assert_allclose(fdr(p)[[0, 2, 3]], false_discovery_control(p[[0, 2, 3]]))
    assert np.isnan(fdr(p)[1])
    assert np.isnan(fdr(np.array([np.nan]))).all()
