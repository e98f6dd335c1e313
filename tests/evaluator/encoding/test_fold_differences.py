"""Paired differences of scores on the same folds: of one target by hand, and what many targets share."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from brainlake.encoding.fold_differences import Compared, differences
from brainlake.encoding.learnt_alike import LAYERS_IN_COMMON, SHARED_BY_CHANCE, SHARED_CHOICE

RNG = np.random.default_rng(0)


def compared(a, b, subjects=None):
    return Compared([float(np.median(x.mean(0))) for x in (a, b)], [a, b], np.ones(a.shape), subjects)


def correction(n_folds, own, mean, score, told_back):
    """What is shared where scores of such variances have such a mean, and which share of them is noise."""
    alike = SHARED_BY_CHANCE + told_back / (n_folds - 1)
    nothing = (n_folds - 1) * alike / (1 - alike)
    of_nothing = own + nothing * n_folds / (n_folds - 1) * mean
    noise = of_nothing / (of_nothing + max(score, 0) ** 2)
    return nothing * noise + SHARED_CHOICE * np.sqrt(noise * (1 - noise)), noise


@pytest.mark.parametrize("shift", [-0.6, -0.3, 0.0])
def test_one_target_has_the_paired_t_of_its_folds(shift):
    a, b = RNG.uniform(0.2, 0.6, (2, 9, 1)) + shift
    whole = np.ones((9, 1))
    of_chosen = [np.where(np.arange(9) < 2, 0.1, 0.0), np.zeros(9)]
    one = Compared([a.mean(), b.mean()], [a, b], whole, None, [0.2, 0.6], of_chosen)
    found = differences([one], [(0, 1)], n_boot=20_000)
    d = (a - b).ravel()
    spread = (a.var(ddof=1) + b.var(ddof=1)) / 18
    c, noise = correction(9, spread, spread, (a.mean() + b.mean()) / 2, 0.4)
    between = (1 - noise) * LAYERS_IN_COMMON * of_chosen[0].var()
    se = np.sqrt(d.var(ddof=1) * (1 / 9 + c / 8) + between)
    assert found.values[0] == pytest.approx(d.mean())
    # The bootstrap has 20,000 draws: 0.5 % of a standard deviation.
    np.testing.assert_allclose(found.high - found.low, 2 * stats.t.ppf(0.975, 8) * se, rtol=0.03)
    expected = 2 * stats.t.sf(abs(d.mean()) / se, 8)
    assert found.p_values[0] == pytest.approx(expected, abs=0.02)
    # With one pair there is nothing to adjust for but the draws.
    assert found.p_adjusted[0] == pytest.approx(expected, abs=0.02)


def test_what_the_folds_share_is_no_uncertainty_of_a_difference():
    folds = RNG.uniform(-0.5, 0.5, (8, 1))
    a, b = folds + 0.1 + RNG.normal(0, 0.001, (8, 5)), folds + RNG.normal(0, 0.001, (8, 5))
    found = differences([compared(a, b)], [(0, 1)], n_boot=500)
    assert found.high[0] - found.low[0] < 0.01
    assert found.p_values[0] < 1e-6


def test_the_correction_is_that_of_what_targets_share():
    """Many targets, each with noise of its own: medians vary as they do, and their mean has the correction."""
    simulated = np.random.default_rng(1).normal(0.3, 0.2, (2000, 2, 6, 100))
    of_data = np.subtract(*np.median(simulated.mean(2), axis=2).T).var()
    shared = np.subtract(*simulated.mean((2, 3)).T).var()
    widths = []
    for a, b in simulated[:60]:
        found = differences([compared(a, b)], [(0, 1)], n_boot=300)
        widths.append(found.high[0] - found.low[0])
    c, _ = correction(6, of_data / 2, shared / 2, 0.3, 1.0)
    expected = of_data + c * 6 / 5 * shared
    # The mean has 5 degrees of freedom, the rest 495.
    corrected = expected - of_data + shared
    freedom = expected**2 / (corrected**2 / 5 + (expected - corrected) ** 2 / 495)
    reach = 2 * stats.t.ppf(0.975, freedom)
    assert np.mean(np.square(widths)) == pytest.approx(reach**2 * expected, rel=0.15)


def test_people_who_differ_widen_a_difference():
    a = np.full((8, 12), 0.3) + RNG.normal(0, 0.01, (8, 12))
    b = a - np.repeat(np.linspace(-0.2, 0.2, 6), 2)
    subjects = np.repeat([f"s{i}" for i in range(6)], 2)
    fixed, drawn = (differences([compared(a, b, subjects=s)], [(0, 1)]) for s in (None, subjects))
    assert drawn.high[0] - drawn.low[0] > 2 * (fixed.high[0] - fixed.low[0])


def test_benchmarks_are_averaged_and_the_people_of_both_drawn_together():
    a = np.full((8, 12), 0.3) + RNG.normal(0, 0.01, (2, 8, 12))
    effects = np.repeat(np.linspace(-0.2, 0.2, 6), 2)
    names = [np.repeat([f"{part}{i}" for i in range(6)], 2) for part in "ab"]
    one = differences([compared(a[0], a[0] - effects, names[0])], [(0, 1)])
    two = [compared(x, x - effects, s) for x, s in zip(a, names, strict=True)]
    same = [compared(x, x - effects, names[0]) for x in a]
    width = {name: np.ptp([d.low[0], d.high[0]]) for name, d in (("one", one), ("same", differences(same, [(0, 1)])))}
    others = differences(two, [(0, 1)])
    # Two sets of people are twice the people, the same ones are not.
    assert width["same"] == pytest.approx(width["one"], rel=0.05)
    assert others.high[0] - others.low[0] < 0.75 * width["one"]
    assert others.values[0] == pytest.approx(np.mean([x.scores[0] - x.scores[1] for x in two]))


def test_two_that_are_the_same_have_no_difference():
    a = RNG.uniform(0, 1, (8, 3))
    found = differences([compared(a, a)], [(0, 1)])
    assert found.values[0] == found.low[0] == found.high[0] == 0
    assert found.p_values[0] == found.p_adjusted[0] == 1


def test_noise_of_folds_counts_once_where_people_are_drawn():
    a, b = 0.3 + 0.2 * np.random.default_rng(4).standard_normal((2, 12, 48))
    who = np.repeat([f"s{i}" for i in range(12)], 4)
    fixed, drawn = (differences([compared(a, b, people)], [(0, 1)]) for people in (None, who))
    assert np.ptp([drawn.low, drawn.high]) < 1.05 * np.ptp([fixed.low, fixed.high])


@pytest.mark.parametrize("n_known", [0, 6])
def test_layers_without_a_score_do_not_count(n_known):
    a, b = RNG.uniform(0.2, 0.6, (2, 9, 3))
    scored = RNG.uniform(0.2, 0.6, (2, 9))
    scored[0, n_known:] = np.nan
    expected = None if n_known == 0 else [one[:n_known] for one in scored]
    with_nan, without = (
        differences([replace(compared(a, b), of_chosen=one)], [(0, 1)], n_boot=100) for one in (scored, expected)
    )
    assert with_nan.low[0] == without.low[0]
    assert with_nan.p_values[0] == without.p_values[0]
