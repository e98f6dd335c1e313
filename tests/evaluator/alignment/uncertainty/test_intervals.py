"""Intervals of scores, and why there is none."""

import numpy as np
import polars as pl
import pytest

from brainlake.alignment.design.fitting import Scores
from brainlake.alignment.design.protocols import PROTOCOLS
from brainlake.alignment.design.setting import Setting, TargetGroup
from brainlake.alignment.uncertainty.intervals import PIECES, interval, too_slow, unique_interval
from brainlake.encoding.fold_interval import MIN_FOLDS, fold_interval
from brainlake.encoding.folds import by_stimulus, shuffle_split
from brainlake.encoding.small_samples import MIN_PEOPLE
from brainlake.recordings.recording import Recording
from brainlake.recordings.volumes import Volumes

N, V = 60, 6
FOLDS = by_stimulus(N, 6)
ALL = TargetGroup(np.arange(V))


def setting(n_boot=200, n_subjects=1, slow=False):
    subjects = np.array([f"s{i % n_subjects}" for i in range(V)])
    Y = np.random.default_rng(0).standard_normal((N, V))
    volumes = None
    if slow:
        Y = np.sin(np.arange(N) / 12)[:, None] + 0.01 * Y
        volumes = Volumes(np.arange(N) * 2.0, np.arange(N) * 2.0, np.full(N, "1"), np.arange(N), 2.0)
    labels = subjects, np.full(V, ""), np.arange(V).astype(str)
    recording = Recording("b", pl.DataFrame(), Y, *labels, "stimuli", None, volumes=volumes)
    return Setting(recording, PROTOCOLS["grouped"], [ALL], n_boot, 0, pl.DataFrame())


def scores(seed=0):
    r = np.tanh(0.4 + 0.2 * np.random.default_rng(seed).standard_normal((len(FOLDS), V)))
    tested = np.full(r.shape, 10)
    return Scores(r, tested, r.mean(0))


@pytest.mark.parametrize("n_subjects", [1, MIN_PEOPLE])
def test_folds_are_drawn_and_subjects_where_there_are_enough(n_subjects):
    one, found = setting(n_subjects=n_subjects), scores()
    whole = found.tested.astype(float)
    people = one.recording.subjects if n_subjects >= MIN_PEOPLE else None
    expected = fold_interval(0.4, whole * found.folds, whole, correlation=True, subjects=people, n_boot=200)
    got = interval(one, found, 0.4, FOLDS, ALL)
    assert (got.low, got.high) == (expected.low, expected.high)
    assert ("and subjects" in got.method) == (people is not None)


def test_targets_and_folds_without_a_score_do_not_count():
    whole, part = scores(), scores()
    part.folds[:, 2] = np.nan
    part.targets[2] = np.nan
    rest = TargetGroup(np.delete(np.arange(V), 2))
    left_out, never = (interval(setting(), s, 0.4, FOLDS, g) for s, g in ((part, ALL), (whole, rest)))
    assert (left_out.low, left_out.high) == (never.low, never.high)
    empty = scores()
    empty.tested[: len(FOLDS) - MIN_FOLDS + 1] = 0
    assert interval(setting(), empty, 0.4, FOLDS, ALL).method == f"none: only {MIN_FOLDS - 1} fold(s) have responses"


@pytest.mark.parametrize(
    ("one", "folds", "group", "why"),
    [
        (setting(n_boot=0), FOLDS, ALL, "not asked for"),
        (setting(), shuffle_split(N, 6), ALL, "the splits overlap"),
        (setting(), FOLDS, TargetGroup(np.array([0]), target_id="0"), "not computed for single targets"),
        (setting(slow=True), FOLDS, ALL, f"fewer than {PIECES} independent pieces"),
    ],
)
def test_why_there_is_none(one, folds, group, why):
    found = interval(one, scores(), 0.4, folds, group)
    assert found.method.startswith("none: ")
    assert why in found.method
    assert found.low is found.high is None


def test_stimuli_are_never_too_slow():
    assert too_slow(setting(), FOLDS) is None
    assert too_slow(setting(slow=True), FOLDS) is not None


def test_a_gain_is_the_median_over_targets_of_its_share_of_the_variance():
    rng = np.random.default_rng(0)
    gained, total = rng.standard_normal((N, V)) + 0.3, rng.gamma(2, 1, (N, V))
    gained[3, 1] = total[3, 1] = np.nan
    score, found = unique_interval(setting(), gained, total, FOLDS, ALL)
    assert score == pytest.approx(np.median(np.nansum(gained, 0) / np.nansum(total, 0)))
    assert found.low < score < found.high


def test_a_target_that_does_not_vary_does_not_count():
    gained, total = np.ones((N, V)), np.full((N, V), 2.0)
    gained[:, 0] = total[:, 0] = 0.0
    assert unique_interval(setting(), gained, total, FOLDS, ALL)[0] == pytest.approx(0.5)
    score, found = unique_interval(setting(), gained * 0, total * 0, FOLDS, ALL)
    assert np.isnan(score)
    assert found.method == "none: no target varies"
