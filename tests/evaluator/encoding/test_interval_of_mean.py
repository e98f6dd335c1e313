import numpy as np
import pytest
from scipy import stats

from brainlake.encoding.interval_of_mean import interval_of_mean

NORMAL = np.full(2, np.inf)
NOBODY = [{}, {}]
# Two independent means of known deviations .3 and .4: that of their mean is .25.
PARTS = np.array([1.0, 3.0]), np.array([0.7, 2.6]), np.array([1.3, 3.4])


def test_the_mean_of_parts_has_an_interval_from_theirs():
    of_mean = interval_of_mean(*PARTS, [{}, {"a": 1.0}], NORMAL)
    assert (of_mean.low, of_mean.high) == pytest.approx((1.75, 2.25))
    # What all of both comes of is the same person: .35, or nothing if it moves them apart.
    together, apart = (interval_of_mean(*PARTS, [{"a": 1.0}, {"a": sign}], NORMAL) for sign in (1.0, -1.0))
    assert (together.low, together.high) == pytest.approx((1.65, 2.35))
    assert (apart.low, apart.high) == pytest.approx((1.95, 2.05))


def test_ends_that_differ_are_made_each_from_its_own_side():
    found = interval_of_mean(np.zeros(2), np.array([-0.3, -0.4]), np.array([0.6, 0.8]), NOBODY, NORMAL)
    assert (found.low, found.high) == pytest.approx((-0.25, 0.5))


def test_a_mean_of_parts_of_few_folds_knows_its_variance_better_than_they():
    t5, t10 = (stats.t.ppf(0.975, n) for n in (5, 10))
    found = interval_of_mean(np.zeros(2), np.full(2, -t5), np.full(2, t5), NOBODY, np.full(2, 5.0))
    assert found.freedom == pytest.approx(10)
    assert (found.low, found.high) == pytest.approx((-t10 / np.sqrt(2), t10 / np.sqrt(2)))


def test_parts_that_are_the_same_people_know_nothing_more():
    t5 = stats.t.ppf(0.975, 5)
    found = interval_of_mean(np.zeros(2), np.full(2, -t5), np.full(2, t5), [{"a": 1.0}] * 2, np.full(2, 5.0))
    assert found == pytest.approx((-t5, t5, 5))


def test_of_parts_that_do_not_vary_there_is_one_point():
    found = interval_of_mean(np.ones(2), np.ones(2), np.ones(2), NOBODY, np.full(2, 5.0))
    assert (found.low, found.high) == (1, 1)
