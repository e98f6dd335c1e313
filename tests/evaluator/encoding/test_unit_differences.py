"""Paired differences over groups: against the paired t test, and against correlations drawn by hand."""

import numpy as np
import pytest
from scipy import stats

from brainlake import BrainlakeError
from brainlake.encoding.unit_differences import correlation_differences, mean_differences

GROUPS = np.repeat(np.arange(12), 30)
RNG = np.random.default_rng(0)
VALUES = RNG.normal(size=(12, 3))[GROUPS] + RNG.normal(size=(360, 3)) + [0.4, 0.0, 0.0]
PAIRS = [(0, 1), (0, 2), (1, 2)]


def test_means_of_equal_groups_are_a_paired_t_test():
    found = mean_differences(VALUES, GROUPS, PAIRS, n_boot=20_000)
    means = VALUES.reshape(12, 30, 3).mean(1)
    for k, (a, b) in enumerate(PAIRS):
        expected = stats.ttest_rel(means[:, a], means[:, b])
        assert found.values[k] == pytest.approx((means[:, a] - means[:, b]).mean(), abs=1e-12)
        assert found.p_values[k] == pytest.approx(expected.pvalue, abs=0.01)
        assert (found.low[k], found.high[k]) == pytest.approx(tuple(expected.confidence_interval()), abs=0.02)
    assert (found.p_adjusted >= found.p_values).all()


def test_of_a_single_pair_there_is_nothing_to_adjust():
    found = mean_differences(VALUES, GROUPS, [(0, 1)], n_boot=100)
    assert found.p_adjusted[0] == pytest.approx(found.p_values[0], abs=0.05)
    assert found.p_adjusted[0] >= found.p_values[0]


def test_groups_count_by_their_size():
    sizes = GROUPS < 11
    found = mean_differences(VALUES[sizes], np.minimum(GROUPS[sizes], 9), PAIRS, n_boot=200)
    assert found.values[0] == pytest.approx(VALUES[sizes, 0].mean() - VALUES[sizes, 1].mean())


def test_correlations_share_their_draws():
    y = VALUES[:, 0] + RNG.normal(size=360)
    found = correlation_differences(VALUES, y, GROUPS, PAIRS, n_boot=4000)
    r = [np.corrcoef(column, y)[0, 1] for column in VALUES.T]
    rng, drawn = np.random.default_rng(1), []
    for _ in range(2000):
        rows = np.concatenate([np.flatnonzero(g == GROUPS) for g in rng.integers(12, size=12)])
        drawn.append([np.corrcoef(column[rows], y[rows])[0, 1] for column in VALUES.T])
    for k, (a, b) in enumerate(PAIRS):
        error = (np.array(drawn)[:, a] - np.array(drawn)[:, b]).std() * np.sqrt(12 / 11)
        assert found.values[k] == pytest.approx(r[a] - r[b], abs=1e-12)
        assert found.high[k] - found.values[k] == pytest.approx(stats.t.ppf(0.975, 11) * error, rel=0.05)


def test_twins_have_no_difference():
    twins = VALUES[:, [0, 0]]
    for found in (
        mean_differences(twins, GROUPS, [(0, 1)]),
        correlation_differences(twins, VALUES[:, 1], GROUPS, [(0, 1)]),
    ):
        assert (found.values[0], found.p_values[0], found.p_adjusted[0]) == (0, 1, 1)


def test_too_few_groups_are_refused():
    few = GROUPS < 5
    with pytest.raises(BrainlakeError, match="at least 6"):
        mean_differences(VALUES[few], GROUPS[few], PAIRS)
    with pytest.raises(BrainlakeError, match="at least 6"):
        correlation_differences(VALUES[few], VALUES[few, 0], GROUPS[few], PAIRS)
