import numpy as np
import pytest

from brainlake.encoding.interval_of_mean import interval_of_mean

# Two independent means of known deviations .3 and .4: that of their mean is .25.
PARTS = np.array([1.0, 3.0]), np.array([0.7, 2.6]), np.array([1.3, 3.4])


def test_the_mean_of_parts_has_an_interval_from_theirs():
    of_mean = interval_of_mean(*PARTS, [{}, {"a": 1.0}])
    assert (of_mean.low, of_mean.high) == pytest.approx((1.75, 2.25))
    # What all of both comes of is the same person: .35, or nothing if it moves them apart.
    together, apart = (interval_of_mean(*PARTS, [{"a": 1.0}, {"a": sign}]) for sign in (1.0, -1.0))
    assert (together.low, together.high) == pytest.approx((1.65, 2.35))
    assert (apart.low, apart.high) == pytest.approx((1.95, 2.05))


def test_ends_that_differ_are_made_each_from_its_own_side():
    found = interval_of_mean(np.zeros(2), np.array([-0.3, -0.4]), np.array([0.6, 0.8]), [{}, {}])
    assert (found.low, found.high) == pytest.approx((-0.25, 0.5))


def test_no_two_parts_vary_together_more_than_as_one():
    wild = interval_of_mean(*PARTS, [{"a": 1.5}, {"a": 1.5}])
    same = interval_of_mean(*PARTS, [{"a": 1.0}, {"a": 1.0}])
    assert (wild.low, wild.high) == (same.low, same.high)
