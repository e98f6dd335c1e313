"""Groups of targets, and what a row says of the group that it is about."""

import numpy as np
import polars as pl
import pytest

from brainlake import UnknownNameError
from brainlake.alignment.design.protocols import PROTOCOLS
from brainlake.alignment.design.score_row import Identity
from brainlake.alignment.design.setting import Setting, target_groups
from brainlake.encoding.folds import by_stimulus
from brainlake.recordings.recording import Recording

SUBJECTS = np.array(["a", "a", "a", "b", "b"])
ROIS = np.array(["x", "y", "x", "y", ""])
MEAN = np.array([False, False, True, False, False])


def recording(**facts):
    Y = np.random.default_rng(0).standard_normal((12, 5))
    return Recording("bench", pl.DataFrame(), Y, SUBJECTS, ROIS, np.array(list("12345")), "stimuli", None, **facts)


def groups(by, **facts):
    return [(g.subject, g.roi, g.target_id, g.columns.tolist()) for g in target_groups(recording(**facts), by)]


def test_all_targets_come_first():
    assert groups([]) == [(None, None, None, [0, 1, 2, 3, 4])]


def test_groups_of_every_level():
    assert groups(["roi", "subject"])[1:] == [
        ("a", None, None, [0, 1, 2]),
        ("b", None, None, [3, 4]),
        (None, "x", None, [0, 2]),
        (None, "y", None, [1, 3]),
    ]
    targets = groups(["target"])[1:]
    assert [t[:3] for t in targets] == [
        ("a", "x", "1"),
        ("a", "y", "2"),
        ("a", "x", "3"),
        ("b", "y", "4"),
        ("b", None, "5"),
    ]
    assert [t[3] for t in targets] == [[0], [1], [2], [3], [4]]


def test_what_is_made_of_others_is_in_no_group_beside_them_but_has_scores_of_its_own():
    found = groups(["subject", "roi", "target"], made_of_others=MEAN)
    assert found[0][3] == [0, 1, 3, 4]
    assert ("a", None, None, [0, 1]) in found
    assert (None, "x", None, [0]) in found
    assert ("a", "x", "3", [2]) in found
    alone = groups(["roi"], made_of_others=np.array([True, False, True, False, False]))
    assert (None, "x", None, [0, 2]) in alone


def test_a_level_that_there_is_not():
    with pytest.raises(UnknownNameError, match="unknown level 'rois'"):
        groups(["rois"])


def setting():
    found = recording()
    return Setting(found, PROTOCOLS["grouped"], target_groups(found, ["subject"]), 0, 0, pl.DataFrame())


def test_a_row_counts_what_there_is():
    one = setting()
    one.recording.responses[:4, 3] = np.nan
    one.recording.responses[:, 4] = np.nan
    one.recording.responses[:5, :3] = np.nan
    row = one.row(Identity("m"), one.groups[0], by_stimulus(12, 4), metric="pearson", score=0.5)
    assert (row.n_stimuli, row.n_targets, row.n_subjects) == (8, 4, 2)
    assert (row.folds, row.kept_whole, row.n_folds) == ("disjoint", "stimuli", 4)
    assert (row.benchmark, row.protocol, row.kind, row.score) == ("bench", "grouped", "layer", 0.5)
    other = one.row(Identity("m"), one.groups[2], None, metric="pearson", score=0.5, kind="beyond", n_targets=9)
    assert (other.subject, other.n_stimuli, other.n_subjects) == ("b", 8, 1)
    assert (other.folds, other.n_folds, other.kind, other.n_targets) == (None, None, "beyond", 9)
