"""Variances over folds, and which share of a score they are."""

import numpy as np
import pytest
from scipy import stats

from brainlake.encoding.fold_draws import draw_folds
from brainlake.encoding.fold_spread import Spread, spread_of
from brainlake.encoding.learnt_alike import Shared, correlations_alike


@pytest.mark.parametrize("correlation", [False, True])
def test_one_target_varies_as_the_mean_of_its_folds(correlation):
    r = 0.8 + np.random.default_rng(0).uniform(-0.02, 0.02, (9, 1))
    found = spread_of(draw_folds(r, np.ones(r.shape), 20_000, 0), 9, float(r.mean()), correlation)
    expected = r.var(ddof=1) / 9 * (1 / (1 - r.mean() ** 2) ** 2 if correlation else 1)
    assert found.own == pytest.approx(expected, rel=0.05)
    assert found.mean == pytest.approx(expected, rel=0.05)


def test_the_mean_over_targets_has_what_they_share_and_the_median_noise_of_its_own():
    rng = np.random.default_rng(1)
    shared, own = rng.normal(0, 0.1, (30, 1)), rng.normal(0, 0.1, (30, 40))
    found = spread_of(draw_folds(shared + own, np.ones(own.shape), 5_000, 0), 30)
    assert found.mean == pytest.approx((shared + own).mean(1).var(ddof=1) / 30, rel=0.1)
    assert found.own > found.mean


def test_noise_is_all_of_a_score_that_is_not_above_zero():
    spread, alike = Spread(8, 0.01, 0.01), correlations_alike(8, 0.5)
    of_nothing = spread.over_folds(alike.shared(1.0))
    assert spread.noise(-0.3, alike) == spread.noise(0.0, alike) == 1
    assert spread.noise(0.4, alike) == pytest.approx(of_nothing / (of_nothing + 0.16))
    assert Spread(8, 0.0, 0.0).noise(0.4, alike) == 0


def test_people_bring_their_own_degrees_of_freedom():
    alone = Spread(8, 0.02, 0.0)
    assert alone.reach(Shared(0.0), 0.95) == pytest.approx(stats.t.ppf(0.975, 7) * np.sqrt(0.02))
    both = alone._replace(people=0.03, n_people=6)
    freedom = 0.05**2 / (0.02**2 / 7 + 0.03**2 / 5)
    assert both.reach(Shared(0.0), 0.95) == pytest.approx(stats.t.ppf(0.975, freedom) * np.sqrt(0.05))
    assert both.reach(Shared(0.0, between_layers=0.01), 0.95) > both.reach(Shared(0.0), 0.95)
