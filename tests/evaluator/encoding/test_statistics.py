import numpy as np
import pytest
from scipy.stats import pearsonr

from brainlake.encoding.statistics import bootstrap_correlation
from brainlake.errors import BrainlakeError


def test_intervals_of_groups_are_wider_when_groups_share_noise() -> None:
    rng = np.random.default_rng(0)
    shared = np.repeat(rng.standard_normal((2, 40)), 10, axis=1)
    x, y = shared + 0.1 * rng.standard_normal((2, 400))
    groups = np.repeat(np.arange(40), 10)
    single, whole = bootstrap_correlation(x, y), bootstrap_correlation(x, y, groups)
    assert whole.high - whole.low > 2 * (single.high - single.low)


def test_correlation_replicates_are_weighted_correlations() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal(30) + 100
    y = x + rng.standard_normal(30)
    groups = np.repeat([4, 9, 2, 7, 1], 6)
    interval = bootstrap_correlation(x, y, groups, n_boot=20, seed=5)
    draws = np.random.default_rng(5).multinomial(5, np.full(5, 0.2), size=20)
    member = np.unique(groups, return_inverse=True)[1]
    for w, r in zip(draws, interval.replicates, strict=True):
        rows = np.repeat(np.arange(30), w[member])
        assert r == pytest.approx(pearsonr(x[rows], y[rows]).statistic)


def test_the_interval_covers_at_about_its_level() -> None:
    rng = np.random.default_rng(1)
    rho, covered = 0.5, 0
    for seed in range(200):
        x = rng.standard_normal(80)
        y = rho * x + np.sqrt(1 - rho**2) * rng.standard_normal(80)
        interval = bootstrap_correlation(x, y, n_boot=300, seed=seed)
        covered += interval.low < rho < interval.high
    assert 0.88 < covered / 200 < 0.99


def test_what_has_no_interval_is_refused() -> None:
    x = np.arange(12.0)
    with pytest.raises(BrainlakeError, match=r"2 group\(s\)"):
        bootstrap_correlation(x, x, x > 7)
    with pytest.raises(BrainlakeError, match="group labels"):
        bootstrap_correlation(x, x, x[1:])
    with pytest.raises(BrainlakeError, match="level"):
        bootstrap_correlation(x, x, level=95)
