"""A recording: its folds, how long it remembers, and responses on one scale."""

import numpy as np
import polars as pl
import pytest

from brainlake import BrainlakeError
from brainlake.encoding.folds import FoldPlan
from brainlake.recordings.recording import Recording
from brainlake.recordings.volumes import Volumes

N = 90


def recording(whole="groups", n=N, v=4, **facts):
    Y = np.random.default_rng(0).standard_normal((n, v)) + 10
    stimuli = pl.DataFrame({"stimulus_set": ["b"] * (n // 2) + ["a"] * (n - n // 2)})
    labels = np.array(["s1"] * (v - 1) + ["s2"]), np.full(v, ""), np.arange(v).astype(str)
    return Recording("bench", stimuli, Y, *labels, whole, **{"groups": None} | facts)


def scans(n=N, missing=()):
    kept = np.setdiff1d(np.arange(n), missing)
    times = 2.0 * np.arange(n)
    runs = np.array([f"r{i * 2 // n}" for i in range(n)])
    return Volumes(times + 0.5, times, runs, kept, 2.0)


GROUPS = np.array([f"g{i // 9}" for i in range(N)])


def test_stimulus_sets_stay_in_their_order():
    assert recording().stimulus_sets == ["b", "a"]


def test_every_plan_gives_folds_of_its_kind():
    grouped = recording(groups=GROUPS).make_folds(FoldPlan("disjoint", number=5))
    assert (grouped.whole, len(grouped)) == ("groups", 5)
    for train, test in zip(grouped.train, grouped.test, strict=True):
        assert not set(GROUPS[train]) & set(GROUPS[test])
    stretches = recording("stretches").make_folds(FoldPlan("disjoint", gap=3))
    assert (stretches.whole, len(stretches)) == ("stretches", 4)
    assert all(np.abs(a[:, None] - b).min() > 3 for a, b in zip(stretches.train, stretches.test, strict=True))
    assert recording("stimuli").make_folds(FoldPlan("disjoint", seed=1)).whole == "stimuli"
    shuffled = recording("stretches").make_folds(FoldPlan("shuffled", number=7, seed=1))
    assert (shuffled.overlapping, len(shuffled)) == (True, 7)


def test_stimuli_have_no_gap_and_scans_have_one():
    plan = FoldPlan("disjoint", gap=2)
    plain = recording(groups=GROUPS).make_folds(plan)
    assert all(len(a) + len(b) == N for a, b in zip(plain.train, plain.test, strict=True))
    timed = recording(groups=GROUPS, volumes=scans()).make_folds(plan)
    assert all(np.abs(a[:, None] - b).min() > 2 for a, b in zip(timed.train, timed.test, strict=True))


def test_groups_that_are_not_there_are_refused():
    with pytest.raises(BrainlakeError, match="bench: folds of whole groups need a group_id for every stimulus"):
        recording().make_folds(FoldPlan("disjoint"))


@pytest.mark.parametrize(("whole", "units"), [("groups", len(set(GROUPS))), ("stimuli", N), ("stretches", N)])
def test_more_folds_than_there_is_to_split_are_refused(whole, units):
    found = recording(whole, groups=GROUPS)
    assert len(found.make_folds(FoldPlan("disjoint", number=units))) == units
    what = "rows" if whole == "stretches" else whole
    with pytest.raises(BrainlakeError, match=f"{units + 1} folds are asked for, and there are {units} {what} to split"):
        found.make_folds(FoldPlan("disjoint", number=units + 1))


def test_scans_remember_and_stimuli_do_not():
    assert recording().memory == recording(groups=GROUPS).memory == 1
    slow = recording(volumes=scans())
    slow.responses[:] = np.cumsum(slow.responses - 10, axis=0)
    assert slow.memory > 3 * recording(volumes=scans()).memory >= 3


def test_scans_are_on_one_scale_in_every_run_and_stimuli_as_they_are():
    volumes = scans(N + 3, missing=[0, 50, 51])
    timed = recording(volumes=volumes)
    timed.responses[5:9, 1] = np.nan
    timed.responses[:, 2] = 7.0
    runs = volumes.runs[volumes.kept]
    for run in np.unique(runs):
        block = timed.standardised[runs == run]
        np.testing.assert_allclose(np.nanmean(block, 0), 0, atol=1e-12)
        np.testing.assert_allclose(np.nanstd(block, 0), [1, 1, 0, 1])
    np.testing.assert_array_equal(np.isnan(timed.standardised), ~timed.present)
    plain = recording()
    assert plain.standardised is plain.responses


def test_a_part_is_the_targets_of_one_set_of_nuisance_regressors():
    (part,) = recording().parts
    assert part.nuisance is None
    assert len(part.columns) == 4
    Z = {"s2": np.ones((N, 1)), "s1": np.zeros((N, 2))}
    parts = recording(nuisance=Z).parts
    assert [(p.columns.tolist(), p.nuisance.shape[1]) for p in parts] == [([3], 1), ([0, 1, 2], 2)]


def test_what_is_made_of_others_does_not_count_beside_them():
    assert recording().counted.all()
    mean = np.array([False, False, True, False])
    np.testing.assert_array_equal(recording(made_of_others=mean).counted, ~mean)
