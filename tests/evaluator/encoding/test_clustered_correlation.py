"""Correlations by scipy and by residuals, their intervals by a loop that leaves out clusters."""

import numpy as np
import pytest
from scipy import stats

from brainlake import BrainlakeError
from brainlake.encoding.clustered_correlation import clustered_correlation

GROUPS = np.repeat(np.arange(8), [1, 2, 2, 5, 2, 2, 2, 1])
X, Y, Z = np.random.default_rng(0).normal(size=(3, 17)) + np.random.default_rng(1).normal(size=(3, 8))[:, GROUPS]
Y = Y + 0.5 * X + 0.3 * Z


def residuals(a, b):
    return a - np.polyval(np.polyfit(b, a, 1), b)


def by_loop(correlate):
    """Jackknife over clusters of Fisher's z."""
    z = [np.arctanh(correlate(g != GROUPS)) for g in range(8)]
    error = np.sqrt(7 / 8 * sum((one - np.mean(z)) ** 2 for one in z))
    centre = np.arctanh(correlate(GROUPS >= 0))
    half = stats.t.ppf(0.975, 7) * error
    return np.tanh(centre - half), np.tanh(centre + half), 2 * stats.t.sf(abs(centre) / error, 7)


@pytest.mark.parametrize(("ranks", "scipys"), [(False, stats.pearsonr), (True, stats.spearmanr)])
def test_plain_correlations_are_scipys(ranks, scipys):
    found = clustered_correlation(X, Y, GROUPS, ranks=ranks)
    expected = scipys(X, Y)
    assert (found.r, found.p_independent) == pytest.approx((expected.statistic, expected.pvalue), rel=1e-9)
    assert (found.low, found.high, found.p) == pytest.approx(by_loop(lambda m: scipys(X[m], Y[m]).statistic))


@pytest.mark.parametrize("ranks", [False, True])
def test_partial_correlations_are_those_of_residuals(ranks):
    def correlate(m):
        x, y, z = (stats.rankdata(a[m]) if ranks else a[m] for a in (X, Y, Z))
        return stats.pearsonr(residuals(x, z), residuals(y, z)).statistic

    found = clustered_correlation(X, Y, GROUPS, Z, ranks=ranks)
    assert found.r == pytest.approx(correlate(GROUPS >= 0))
    assert (found.low, found.high, found.p) == pytest.approx(by_loop(correlate))
    # Student's t of a regression coefficient is that of the partial correlation.
    x, y, z = (stats.rankdata(a) if ranks else a for a in (X, Y, Z))
    design = np.column_stack([np.ones(17), x, z])
    beta, rss, *_ = np.linalg.lstsq(design, y)
    t = beta[1] / np.sqrt(rss[0] / 14 * np.linalg.inv(design.T @ design)[1, 1])
    assert found.p_independent == pytest.approx(2 * stats.t.sf(abs(t), 14))


def test_four_clusters_have_a_correlation_and_no_interval():
    few = clustered_correlation(X[:10], Y[:10], GROUPS[:10])
    assert few.r == pytest.approx(stats.pearsonr(X[:10], Y[:10]).statistic)
    assert np.isnan([few.low, few.high, few.p]).all()
    assert 0 < few.p_independent < 1


def test_what_one_cluster_alone_shows_has_no_interval():
    found = clustered_correlation(np.where(GROUPS == 3, X, 0.0), Y, GROUPS)
    assert np.isfinite(found.r)
    assert np.isnan([found.low, found.high, found.p]).all()


@pytest.mark.parametrize(("x", "given"), [(np.ones(17), None), (Z, Z), (X, np.ones(17))])
def test_what_does_not_vary_has_no_correlation(x, given):
    found = clustered_correlation(x, Y, GROUPS, given)
    assert np.isnan([found.r, found.low, found.p, found.p_independent]).all()


@pytest.mark.parametrize("ranks", [False, True])
def test_what_is_in_line_has_a_correlation_of_1_and_no_interval(ranks):
    found = clustered_correlation(X, X, GROUPS, ranks=ranks)
    assert found.r == pytest.approx(1)
    assert np.isnan([found.low, found.high, found.p]).all()


def test_what_is_in_line_without_one_cluster_has_no_interval():
    found = clustered_correlation(X, np.where(GROUPS == 3, Y, X), GROUPS, ranks=True)
    assert abs(found.r) < 1
    assert np.isnan([found.low, found.high, found.p]).all()


@pytest.mark.parametrize(("n", "given"), [(3, None), (4, Z[:4])])
def test_too_few_are_refused(n, given):
    with pytest.raises(BrainlakeError, match=f"{n} items: at least {n + 1}"):
        clustered_correlation(X[:n], Y[:n], GROUPS[:n], given)
