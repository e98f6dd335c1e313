"""Intervals from folds: their spread, the correction for shared training data, and what subjects add."""

import numpy as np
import pytest
from scipy import stats

from brainlake.encoding.fold_interval import fold_interval
from brainlake.encoding.learnt_alike import LAYERS_IN_COMMON, OF_GAINS, SHARED_BY_CHANCE, SHARED_CHOICE
from brainlake.errors import BrainlakeError

RNG = np.random.default_rng(0)
R = RNG.uniform(-0.2, 0.6, (8, 1))
ROWS = np.full((8, 1), 10.0)


def half_width(limits):
    return (np.arctanh(limits.high) - np.arctanh(limits.low)) / 2


@pytest.mark.parametrize("score", [-0.4, 0.02, 0.2, 3.0])
def test_each_end_of_a_gain_is_a_mean_that_it_could_just_come_from(score):
    gained, total = R - R.mean() + score, np.ones((8, 1))
    found = fold_interval(score, gained, total, correlation=False, n_boot=20_000)
    of_nothing = R.var(ddof=1) * (1 / 8 + OF_GAINS[0] / 7)
    means = np.linspace(score - 1, score + 1, 20_001)
    noise = np.where(means > 0, of_nothing / (of_nothing + means**2), 1.0)
    c = OF_GAINS[0] * noise + OF_GAINS[1] * (1 - noise) + SHARED_CHOICE * np.sqrt(noise * (1 - noise))
    variance = R.var(ddof=1) * (1 / 8 + c / 7)
    could = means[np.abs(means - score) <= stats.t.ppf(0.975, 7) * np.sqrt(variance)]
    # The bootstrap has 20,000 draws: 0.5 % of a standard deviation.
    below_zero = score + stats.t.ppf(0.975, 7) * np.sqrt(of_nothing) < 0
    np.testing.assert_allclose(
        [found.low, found.high], [could.min(), min(could.max(), 0) if below_zero else could.max()], atol=0.02
    )


def test_correlations_are_bounded_and_nearly_symmetric_on_the_scale_of_fisher():
    r = 0.9 + R / 10
    found = fold_interval(float(r.mean()), ROWS * r, ROWS, correlation=True)
    assert -1 < found.low < r.mean() < found.high < 1
    assert np.arctanh(found.low) + np.arctanh(found.high) == pytest.approx(2 * np.arctanh(r.mean()), rel=1e-2)


@pytest.mark.parametrize("score", [-0.3, 0.05, 0.2, 0.5, 0.9])
def test_each_end_is_a_mean_that_the_score_could_just_come_from(score):
    """An independent search: the means whose own variance reaches the score, on a fine grid."""
    r = score + (R - R.mean()) / 4
    of_chosen = score + np.where(np.arange(8) < 2, -0.02, 0.01)
    found = fold_interval(score, ROWS * r, ROWS, correlation=True, told_back=0.5, of_chosen=of_chosen, n_boot=20_000)
    z, scale = np.arctanh(score), 1 / (1 - score**2)
    one_fold = r.var(ddof=1) / 8 * scale**2
    alike = SHARED_BY_CHANCE + 0.5 / 7
    nothing = 7 * alike / (1 - alike)
    means = np.linspace(z - 1, z + 1, 20_001)
    of_nothing = one_fold * (1 + nothing * 8 / 7)
    noise = np.where(means > 0, of_nothing / (of_nothing + means**2), 1.0)
    c = nothing * noise + SHARED_CHOICE * np.sqrt(noise * (1 - noise))
    between = LAYERS_IN_COMMON * np.arctanh(of_chosen).var() * (1 - noise)
    variance = one_fold * (1 + c * 8 / 7) + between
    could = means[np.abs(means - z) <= stats.t.ppf(0.975, 7) * np.sqrt(variance)]
    expected = np.tanh([could.min(), could.max() if could.max() > 0 or z < 0 else 0.0])
    assert [found.low, found.high] == pytest.approx(expected, abs=0.02)
    assert found.low < score < found.high


def test_layers_that_folds_disagree_on_widen_an_interval_only_as_far_as_their_scores_differ():
    r = 0.4 + (R - R.mean()) / 4
    alike, apart = (np.where(np.arange(8) < 3, 0.4 - gap, 0.4) for gap in (0.0, 0.3))
    one, same, differing = (
        half_width(fold_interval(0.4, ROWS * r, ROWS, correlation=True, of_chosen=of_chosen))
        for of_chosen in (None, alike, apart)
    )
    assert same == one
    assert differing > 1.5 * one


@pytest.mark.parametrize("told_back", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("c", [0.4, 0.95, 1.05, 1.3, 3.0])
def test_nothing_is_left_out_exactly_where_folds_that_train_on_each_other_rule_it_out(c, told_back):
    """Folds that predict nothing are correlated by one in F - 1 of the products that they tell each other."""
    r = (R - R.mean()) / 20  # so small that the scale is straight
    alike = SHARED_BY_CHANCE + told_back / 7
    se = np.sqrt(r.var(ddof=1) / 8 * (1 + 7 * alike) / (1 - alike))
    score = c * float(stats.t.ppf(0.975, 7) * se)
    parts = ROWS * (r + score)
    found = fold_interval(score, parts, ROWS, correlation=True, told_back=told_back, n_boot=20_000)
    assert (found.low > 0) == (c > 1)
    assert found.low < score < found.high


def test_folds_without_rows_of_a_target_do_not_count_for_it():
    r = RNG.uniform(0, 0.5, (8, 5))
    rows = np.full((8, 5), 10.0)
    rows[:3, 2] = 0.0
    parts = np.where(rows > 0, rows * r, 0.0)
    wild = parts + np.where(rows > 0, 0.0, 1e-12)
    a, b = (fold_interval(0.3, one, rows, correlation=True) for one in (parts, wild))
    assert (a.low, a.high) == pytest.approx((b.low, b.high))


def test_subjects_that_differ_widen_the_interval_and_equal_ones_do_not():
    of_folds = RNG.uniform(0.2, 0.4, (8, 1))
    equal = np.repeat(of_folds, 12, axis=1)
    subjects = np.repeat([f"s{i}" for i in range(6)], 2)
    differing = equal + np.repeat(np.linspace(-0.2, 0.2, 6), 2)
    rows = np.full(equal.shape, 10.0)
    fixed, same, drawn = (
        half_width(fold_interval(float(np.median(r.mean(0))), rows * r, rows, correlation=True, subjects=who))
        for r, who in ((equal, None), (equal, subjects), (differing, subjects))
    )
    assert same == pytest.approx(fixed)
    assert drawn > 2 * fixed
    with pytest.raises(BrainlakeError, match=r"4 subject\(s\)"):
        fold_interval(0.3, rows * equal, rows, correlation=True, subjects=np.repeat(list("abcd"), 3))


def test_what_does_not_vary_has_an_interval_of_one_point():
    found = fold_interval(0.0, np.zeros((8, 3)), np.full((8, 3), 10.0), correlation=True)
    assert found.low == found.high == 0


def test_too_few_folds_and_no_level_are_refused():
    with pytest.raises(BrainlakeError, match=r"2 fold\(s\)"):
        fold_interval(0.1, R[:2], ROWS[:2], correlation=True)
    with pytest.raises(BrainlakeError, match="level of 95"):
        fold_interval(0.1, R, ROWS, correlation=True, level=95)


def test_people_make_the_share_of_the_variance_that_is_theirs():
    effects = np.repeat(np.linspace(-0.2, 0.2, 6), 2)
    subjects = np.repeat([f"s{i}" for i in range(6)], 2)
    r = RNG.uniform(0.2, 0.4, (8, 1)) + effects
    rows = np.full(r.shape, 10.0)
    fixed, drawn = (fold_interval(0.3, rows * r, rows, correlation=True, subjects=who) for who in (None, subjects))
    assert fixed.people == {}
    assert 0.5 < sum(value**2 for value in drawn.people.values()) < 1
    assert drawn.people["s5"] > 0 > drawn.people["s0"]


def test_noise_of_targets_counts_once_with_people_as_well():
    r = 0.3 + 0.2 * np.random.default_rng(4).standard_normal((12, 48))
    rows = np.full(r.shape, 10.0)
    who = np.repeat([f"s{i}" for i in range(12)], 4)
    fixed, drawn = (
        half_width(fold_interval(0.3, rows * r, rows, correlation=True, subjects=people)) for people in (None, who)
    )
    assert drawn < 1.05 * fixed  # with the noise counted again it is 1.15 times as wide


@pytest.mark.parametrize("score", [-1.0, 0.0, 0.1, 0.9999999999999, 1.0])
def test_a_score_that_all_folds_agree_on_is_inside_its_interval(score):
    for of_chosen in (None, np.full(8, np.nan)):
        found = fold_interval(score, ROWS * score, ROWS, correlation=True, of_chosen=of_chosen, n_boot=20)
        assert -1 <= found.low <= score <= found.high <= 1
        assert found.high - found.low < 1e-11


def test_layers_without_a_score_do_not_count():
    r, of_chosen = 0.4 + (R - R.mean()) / 4, np.array([0.3, 0.4, np.nan, 0.4, np.nan, 0.4, 0.4, 0.3])
    with_nan, without = (
        fold_interval(0.4, ROWS * r, ROWS, correlation=True, of_chosen=one, n_boot=100)
        for one in (of_chosen, of_chosen[~np.isnan(of_chosen)])
    )
    assert with_nan == without


def test_what_two_scores_of_the_same_people_have_in_common_is_not_lost_in_the_noise_of_their_folds():
    """Effects of people of variance .01 in both, and noise of .02 of each: the products show the .01."""
    rng, who = np.random.default_rng(8), np.repeat([f"s{i:02}" for i in range(40)], 2)
    rows = np.full((8, 80), 10.0)
    common, people = np.repeat(rng.normal(0, 0.1, 40), 2), []
    for _ in range(2):
        r = 0.3 + common + rng.normal(0, 0.4, (8, 40)).repeat(2, axis=1)
        found = fold_interval(0.3, rows * r, rows, correlation=False, subjects=who)
        people.append(found.people)
    together = sum(people[0][one] * people[1][one] for one in people[0])
    alone = np.mean([sum(value**2 for value in one.values()) for one in people])
    assert 0.2 < together < 0.6 * alone
