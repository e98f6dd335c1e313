"""Intervals of reading measures: the numbers of ``encoding``, how they came about, and why there are none."""

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from brainlake.alignment.design.score_row import Interval
from brainlake.alignment.reading.intervals import of_correlation, of_mean, over_people
from brainlake.encoding.small_samples import correlation_interval, mean_interval

N = 240
UNITS = np.arange(N) // 30
RNG = np.random.default_rng(0)
X = RNG.standard_normal(N)
Y = X + RNG.standard_normal(N)


def test_numbers_are_those_of_whole_units_drawn():
    found = of_correlation(X, Y, UNITS, "texts", 200)
    assert found == Interval("Fisher's z, t over 8 texts", *correlation_interval(X, Y, UNITS, n_boot=200))
    assert found.low < np.corrcoef(X, Y)[0, 1] < found.high
    found = of_mean(Y, UNITS, "groups", 200)
    assert found == Interval("t over 8 groups", *mean_interval(Y, UNITS, n_boot=200))
    assert found.low < Y.mean() < found.high


def test_people_are_the_t_test():
    values = np.random.default_rng(1).normal(0.3, 0.1, 30)
    expected = ttest_1samp(values, 0).confidence_interval()
    found = over_people(values, "plain", 20_000)
    assert (found.low, found.high) == pytest.approx(tuple(expected), abs=0.002)
    assert found.method == "t over 30 people"


def test_correlations_of_people_stay_inside_the_scale():
    values = np.array([0.99, 0.98, -0.5, 0.999, 0.97])
    found = over_people(values, "fisher_z", 500)
    assert -1 <= found.low < found.high <= 1
    assert over_people(values, "plain", 500).high > 1
    assert found.method == "Fisher's z, t over 5 people"


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (lambda n: of_correlation(X[:150], Y[:150], UNITS[:150], "texts", n), "5 texts, fewer than 6"),
        (lambda n: of_mean(Y[:150], UNITS[:150], "groups", n), "5 groups, fewer than 6"),
        (lambda n: over_people(Y[:4], "plain", n), "4 people, fewer than 5"),
        (lambda n: over_people(Y[:1], "plain", n), "1 person, fewer than 5"),
        (lambda n: of_mean(Y[:30], np.zeros(30), "groups", n), "1 group, fewer than 6"),
    ],
)
def test_without_an_interval_the_reason_stands_there(found, why):
    assert found(100) == Interval(f"none: {why}")
    assert found(0) == Interval("none: not asked for")


def test_a_perfect_correlation_has_no_interval():
    for scale in (1.0, -0.1):
        found = of_correlation(X, 300 + scale * X, UNITS, "texts", 200)
        assert (found.method.startswith("none: the correlation is perfect"), found.low, found.high) == (
            True,
            None,
            None,
        )
    assert over_people(np.ones(6), "fisher_z", 200) == found
    assert over_people(np.ones(6), "plain", 200).method == "t over 6 people"
