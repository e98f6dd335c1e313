"""Intervals of scores, and why there is none."""

import numpy as np
import polars as pl
import pytest
from scipy import stats

from brainlake.alignment.design.fitting import Scores
from brainlake.alignment.design.protocols import PROTOCOLS
from brainlake.alignment.design.setting import Setting, TargetGroup
from brainlake.alignment.uncertainty.intervals import interval, unique_interval
from brainlake.encoding.fold_interval import fold_interval
from brainlake.encoding.folds import grouped, shuffle_split
from brainlake.encoding.small_samples import MIN_PEOPLE
from brainlake.recordings.recording import Recording
from brainlake.recordings.volumes import Volumes

N, V = 60, 6
GROUPS = np.array([f"g{i // 5:02}" for i in range(N)])
FOLDS = grouped(GROUPS)
WHY = "corrected for shared training data"


def setting(n_boot=200, n_subjects=1, rho=0.0, volumes=None):
    subjects = np.array([f"s{i % n_subjects}" for i in range(V)])
    Y = np.random.default_rng(0).standard_normal((N, V))
    for i in range(1, N):
        Y[i] += rho * Y[i - 1]
    labels = subjects, np.full(V, ""), np.arange(V).astype(str)
    recording = Recording("b", pl.DataFrame(), Y, *labels, "groups", GROUPS, volumes=volumes)
    return Setting(recording, PROTOCOLS["grouped"], [TargetGroup(np.arange(V))], n_boot, 0, pl.DataFrame())


def scans():
    times = 2.0 * np.arange(N)
    return Volumes(times + 1, times, np.full(N, "1"), np.arange(N), 2.0)


def scored(missing=0, told_back=1.0):
    r = np.random.default_rng(1).uniform(0, 0.6, (len(FOLDS), V))
    tested = np.repeat(np.array([len(test) for test in FOLDS.test])[:, None], V, axis=1)
    tested[:missing] = 0
    return Scores(np.where(tested > 0, r, np.nan), tested, (tested * r).sum(0) / tested.sum(0), told_back)


@pytest.mark.parametrize(("n_subjects", "drawn"), [(1, "folds"), (MIN_PEOPLE, "folds and subjects")])
def test_folds_are_drawn_and_subjects_where_there_are_enough(n_subjects, drawn):
    one, scores = setting(n_subjects=n_subjects), scored()
    subjects = one.recording.subjects if n_subjects >= MIN_PEOPLE else None
    weights = scores.tested.astype(float)
    expected = fold_interval(0.3, weights * scores.folds, weights, correlation=True, subjects=subjects, n_boot=200)
    found = interval(one, scores, 0.3, FOLDS, one.groups[0])
    assert (found.low, found.high) == (expected.low, expected.high)
    assert found.method == f"t from a bootstrap of {drawn}, {WHY}"


def test_folds_that_tell_each_other_less_make_an_interval_near_zero_narrower():
    one = setting()
    width = [
        (found.high or 0) - (found.low or 0)
        for found in (interval(one, scored(told_back=share), 0.02, FOLDS, one.groups[0]) for share in (0.1, 1.0))
    ]
    assert width[0] < 0.98 * width[1]


def test_folds_that_chose_layers_of_other_scores_make_an_interval_wider():
    one, scores = setting(), scored(missing=1)
    widths = []
    for of_chosen in (
        [0.3] * len(FOLDS),
        [0.1, 0.1, 0.1, *[0.3] * (len(FOLDS) - 3)],
        [np.nan] + [0.3] * (len(FOLDS) - 1),
    ):
        found = interval(one, scores, 0.3, FOLDS, one.groups[0], np.array(of_chosen))
        widths.append(found.high - found.low)
    assert widths[1] > 1.02 * widths[0]
    assert widths[2] == widths[0]  # a layer without a score says nothing


SINGLE = TargetGroup(np.array([0]), target_id="0")


@pytest.mark.parametrize(
    ("one", "scores", "folds", "group", "why"),
    [
        (setting(n_boot=0), scored(), FOLDS, None, "not asked for"),
        (setting(), scored(), FOLDS, SINGLE, "not computed for single targets"),
        (setting(), scored(), shuffle_split(N), None, "the splits overlap"),
        (setting(), scored(missing=len(FOLDS) - 2), FOLDS, None, "only 2 fold(s) have responses"),
        (setting(rho=0.99, volumes=scans()), scored(), FOLDS, None, "fewer than 3 independent pieces"),
    ],
)
def test_why_there_is_none(one, scores, folds, group, why):
    found = interval(one, scores, 0.3, folds, group or one.groups[0])
    assert found.method.startswith("none: ")
    assert found.method.endswith(why)
    assert found.low is found.high is None


def unique(one, gained, total, group=None):
    return unique_interval(one, gained, total, FOLDS, group or one.groups[0])


def test_a_gain_is_the_median_over_targets_of_its_share_of_the_variance():
    rng = np.random.default_rng(0)
    gained, total = rng.standard_normal((N, V)) + 0.3, rng.gamma(2, 1, (N, V))
    gained[3, 1] = total[3, 1] = np.nan
    score, found = unique(setting(), gained, total)
    assert score == pytest.approx(np.median(np.nansum(gained, 0) / np.nansum(total, 0)))
    assert found.low < score < found.high
    assert found.method == f"t from a bootstrap of folds, {WHY}"


def test_a_target_that_does_not_vary_does_not_count():
    gained, total = np.ones((N, V)), np.full((N, V), 2.0)
    gained[:, 0] = total[:, 0] = 0.0
    assert unique(setting(), gained, total)[0] == pytest.approx(0.5)
    score, found = unique(setting(), gained * 0, total * 0)
    assert np.isnan(score)
    assert found.method == "none: no target varies"


def test_why_a_gain_has_no_interval():
    gained, total = np.ones((N, 1)), np.full((N, 1), 2.0)
    assert unique(setting(n_boot=0), gained, total, TargetGroup(np.array([0])))[1].method == "none: not asked for"
    assert unique(setting(), gained, total, SINGLE)[1].method == "none: not computed for single targets"


def test_folds_that_all_gain_nothing_leave_what_one_parameter_costs():
    score, found = unique(setting(), np.zeros((N, V)), np.ones((N, V)))
    assert score == 0
    assert found.high == -found.low == pytest.approx(stats.t.ppf(0.975, len(FOLDS) - 1) / N)
