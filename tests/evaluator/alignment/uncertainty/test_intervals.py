"""Intervals of scores, and why there is none."""

import numpy as np
import polars as pl
import pytest
from brainlake.encoding.statistics import MIN_GROUPS, MIN_PEOPLE, bootstrap_interval

from brainlake.alignment.design.fitting import OutOfFold
from brainlake.alignment.design.protocols import PROTOCOLS
from brainlake.alignment.design.setting import Setting, TargetGroup
from brainlake.alignment.uncertainty.intervals import interval, unique_interval
from brainlake.encoding.folds import grouped
from brainlake.recordings.recording import Recording

N, V = 60, 6
GROUPS = np.array([f"g{i // 5:02}" for i in range(N)])


def setting(n_boot=200, groups=GROUPS, n_subjects=1):
    subjects = np.array([f"s{i % n_subjects}" for i in range(V)])
    Y = np.random.default_rng(0).standard_normal((N, V))
    recording = Recording("b", pl.DataFrame(), Y, subjects, np.full(V, ""), np.arange(V).astype(str), "groups", groups)
    return Setting(recording, PROTOCOLS["grouped"], [TargetGroup(np.arange(V))], n_boot, 0, pl.DataFrame())


def predicted(one, noise=1.0):
    folds = grouped(GROUPS)
    Y = one.recording.responses
    P = Y[folds.rows] + noise * np.random.default_rng(1).standard_normal((len(folds.rows), V))
    return OutOfFold(P, Y, folds)


@pytest.mark.parametrize(("n_subjects", "method"), [(1, "groups"), (MIN_PEOPLE, "groups and subjects")])
def test_it_is_the_bootstrap_of_groups_and_of_subjects_where_there_are_enough(n_subjects, method):
    one = setting(n_subjects=n_subjects)
    found = predicted(one)
    subjects = one.recording.subjects if n_subjects >= MIN_PEOPLE else None
    expected = bootstrap_interval(
        found.predictions, found.responses, found.folds, GROUPS, subjects=subjects, n_boot=200
    )
    got = interval(one, found, one.groups[0])
    assert (got.low, got.high) == (expected.low, expected.high)
    assert got.method == f"bootstrap of {method}"


@pytest.mark.parametrize(
    ("one", "group", "why"),
    [
        (setting(n_boot=0), TargetGroup(np.arange(V)), "none: not asked for"),
        (setting(), TargetGroup(np.array([0]), target_id="0"), "none: not computed for single targets"),
        (
            setting(groups=np.array([f"g{i * (MIN_GROUPS - 1) // N}" for i in range(N)])),
            TargetGroup(np.arange(V)),
            f"none: only {MIN_GROUPS - 1} groups to resample",
        ),
    ],
)
def test_why_there_is_none(one, group, why):
    predictions = predicted(one) if one.n_boot else None
    found = interval(one, predictions, group)
    assert (found.method, found.low, found.high) == (why, None, None)


def unique(one, gained, total, group=None):
    return unique_interval(one, gained, total, group or one.groups[0])


def test_a_gain_is_the_median_over_targets_of_its_share_of_the_variance():
    rng = np.random.default_rng(0)
    gained, total = rng.standard_normal((N, V)) + 0.3, rng.gamma(2, 1, (N, V))
    gained[3, 1] = total[3, 1] = np.nan
    score, found = unique(setting(), gained, total)
    assert score == pytest.approx(np.median(np.nansum(gained, 0) / np.nansum(total, 0)))
    assert found.low < score < found.high
    assert found.method == "bootstrap of groups"
    again = unique(setting(), gained, total)[1]
    assert (again.low, again.high) == (found.low, found.high)


def test_a_target_that_does_not_vary_does_not_count():
    gained, total = np.ones((N, V)), np.full((N, V), 2.0)
    gained[:, 0] = total[:, 0] = 0.0
    assert unique(setting(), gained, total)[0] == pytest.approx(0.5)
    score, found = unique(setting(), gained * 0, total * 0)
    assert np.isnan(score)
    assert found.method == "none: no target varies"


def test_why_a_gain_has_no_interval():
    gained, total = np.ones((N, 1)), np.full((N, 1), 2.0)
    assert unique(setting(n_boot=0), gained, total)[1].method == "none: not asked for"
    assert unique(setting(), gained, total, TargetGroup(np.array([0]), target_id="0"))[1].method == "none: one target"
