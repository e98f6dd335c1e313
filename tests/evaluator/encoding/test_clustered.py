"""Means and ratios of clusters: CR2 by its matrices, the sign-flip test by trying values one by one."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from brainlake import BrainlakeError
from brainlake.encoding.clustered import Clusters, bootstrap, robust, sign_flip

PAPER = np.repeat(np.arange(8), [1, 2, 2, 5, 2, 2, 2, 1])


def drawn(seed, groups=PAPER):
    rng = np.random.default_rng(seed)
    weights = rng.uniform(0.1, 0.5, len(groups))
    return 0.05 * weights + rng.normal(0, 0.03, len(groups)) + rng.normal(0, 0.02, groups.max() + 1)[groups], weights


def cr2_by_matrices(values, weights, groups):
    """CR2 of values / sqrt(weight) on sqrt(weight), whose errors vary alike (Bell and McCaffrey, 2002)."""
    y, x = values / np.sqrt(weights), np.sqrt(weights)
    rest = np.eye(len(x)) - np.outer(x, x) / (x @ x)
    rows = []
    for g in np.unique(groups):
        m = groups == g
        lengths, vectors = np.linalg.eigh(rest[np.ix_(m, m)])
        rows.append(x[m] / (x @ x) @ (vectors / np.sqrt(lengths)) @ vectors.T @ rest[m])
    gram = np.array(rows) @ np.array(rows).T
    return np.linalg.norm(rows @ y), np.trace(gram) ** 2 / (gram**2).sum()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("plain", [True, False])
def test_the_robust_error_is_cr2_with_satterthwaites_degrees_of_freedom(seed, plain):
    values, weights = drawn(seed)
    weights = np.ones(len(values)) if plain else weights
    found = robust(Clusters.of(values, weights, PAPER))
    error, df = cr2_by_matrices(values, weights, PAPER)
    assert (found.error, found.df) == pytest.approx((error, df), rel=1e-10)
    estimate = values.sum() / weights.sum()
    assert found.low == pytest.approx(estimate - stats.t.ppf(0.975, df) * error)
    assert found.p == pytest.approx(2 * stats.t.sf(abs(estimate / error), df))


def test_clusters_of_one_have_students_t():
    values = np.random.default_rng(0).normal(1, 1, 9)
    found = robust(Clusters.of(values, np.ones(9), np.arange(9)))
    expected = stats.ttest_1samp(values, 0)
    assert (found.low, found.high) == pytest.approx(tuple(expected.confidence_interval()))
    assert (found.p, found.df) == pytest.approx((expected.pvalue, 8))


def p_by_trying(clusters, null, signs):
    centred = clusters.values - null * clusters.weights
    return np.mean([abs(s @ centred) >= abs(centred.sum()) * (1 - 1e-12) for s in signs])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_the_interval_holds_the_values_that_the_sign_flip_test_does_not_reject(seed):
    values, weights = drawn(seed)
    clusters = Clusters.of(values, weights, PAPER)
    found = sign_flip(clusters)
    signs = np.array(list(product((1, -1), repeat=8)))
    assert found.p == pytest.approx(p_by_trying(clusters, 0.0, signs))
    assert found.floor == 2 / 256
    step = 1e-6 * (found.high - found.low)
    for inside, outside in ((found.low + step, found.low - step), (found.high - step, found.high + step)):
        assert p_by_trying(clusters, inside, signs) > 0.05 >= p_by_trying(clusters, outside, signs)


def test_many_clusters_are_flipped_at_random():
    values = np.random.default_rng(1).normal(0.4, 1, 40)
    clusters = Clusters.of(values, np.ones(40), np.arange(40))
    found, again = sign_flip(clusters, seed=1), sign_flip(clusters, seed=1)
    t = stats.ttest_1samp(values, 0)
    assert found == again
    assert found.floor == pytest.approx(1 / 5000)
    assert (found.low, found.high) == pytest.approx(tuple(t.confidence_interval()), abs=0.05)
    assert found.p == pytest.approx(t.pvalue, abs=0.01)


@pytest.mark.parametrize(("n", "ends"), [(1, np.inf), (5, np.inf), (6, 10.0)])
def test_five_clusters_are_too_few_for_an_interval_by_sign_flip(n, ends):
    found = sign_flip(Clusters.of(np.arange(n) + 1.0, np.ones(n), np.arange(n)))
    assert found.p == found.floor == 2 / 2**n
    assert -ends <= found.low
    assert found.high <= ends
    assert np.isinf([found.low, found.high]).all() == np.isinf(ends)


def test_the_bootstrap_draws_clusters():
    values, weights = drawn(4)
    low, high = bootstrap(Clusters.of(values, weights, PAPER), 4000)
    rng, members = np.random.default_rng(9), [np.flatnonzero(g == PAPER) for g in range(8)]
    draws = [np.concatenate([members[g] for g in rng.integers(8, size=8)]) for _ in range(4000)]
    expected = np.percentile([values[d].sum() / weights[d].sum() for d in draws], [2.5, 97.5])
    np.testing.assert_allclose((low, high), expected, atol=0.01)


@pytest.mark.parametrize(("values", "weights"), [([1, np.nan], [1, 1]), ([1, 2], [1, 0]), ([1, 2], [1, np.inf])])
def test_what_cannot_be_averaged_is_refused(values, weights):
    with pytest.raises(BrainlakeError, match="finite numbers"):
        Clusters.of(values, weights, [0, 1])


def test_one_cluster_has_no_spread():
    with pytest.raises(BrainlakeError, match="at least 2 are needed"):
        robust(Clusters.of([1, 2], [1, 1], ["a", "a"]))
