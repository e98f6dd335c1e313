"""Recordings read from a bank: what disjoint folds keep whole, by the words that banks have for it."""

import numpy as np
import pytest

from banks import put_recording, put_stimuli
from brainlake import BrainlakeError, open_bank
from brainlake.encoding.folds import FoldPlan
from brainlake.recordings.responses import load_recording


def recorded(root, grouped, **facts):
    put_stimuli(root, "s", [{"group_id": f"g{i // 5}" if grouped else None} for i in range(20)])
    rows = [("s", f"s.{i}", None, None) for i in range(20)]
    put_recording(root, "b", ["s"], rows, {"a": np.random.default_rng(0).standard_normal((20, 2))}, **facts)
    return load_recording(open_bank(root), "b")


@pytest.mark.parametrize(
    ("stored", "grouped", "whole", "n_folds"),
    [
        ("grouped", True, "groups", 4),
        ("by_stimulus", True, "stimuli", 10),
        ("contiguous", False, "stretches", 4),
        (None, True, "groups", 4),
        (None, False, "stimuli", 10),
    ],
)
def test_every_benchmark_has_disjoint_folds_and_says_what_they_keep_whole(tmp_path, stored, grouped, whole, n_folds):
    recording = recorded(tmp_path, grouped, default_folds=stored)
    folds = recording.make_folds(FoldPlan("disjoint"))
    assert (folds.name, folds.whole, len(folds)) == ("disjoint", whole, n_folds)
    assert len(recording.make_folds(FoldPlan("disjoint", number=3))) == 3
    shuffled = recording.make_folds(FoldPlan("shuffled", number=3))
    assert (shuffled.name, shuffled.whole, len(shuffled)) == ("shuffled", None, 3)


def test_another_word_is_refused(tmp_path):
    with pytest.raises(BrainlakeError, match="default_folds is 'by_sentence', not one of grouped, contiguous, by_stim"):
        recorded(tmp_path, True, default_folds="by_sentence")


def test_groups_that_are_not_there_are_refused(tmp_path):
    recording = recorded(tmp_path, False, default_folds="grouped")
    with pytest.raises(BrainlakeError, match="folds of whole groups need a group_id for every stimulus"):
        recording.make_folds(FoldPlan("disjoint"))
