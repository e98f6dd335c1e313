"""Stimuli of a user's dataset: what parts their words, what folds they allow, and of what they are a mean."""

import polars as pl
import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.humans.ingest import ingest_frames
from builder.humans.test_folder_faults import READING, SCANS, SENTENCES, frames_of


@pytest.mark.parametrize(("base", "other"), [(SENTENCES, "by_stimulus"), (SCANS, "contiguous")])
def test_folds_of_groups_that_are_not_there(base, other, tmp_path):
    frames = frames_of(base)
    frames["benchmarks"] = frames["benchmarks"].with_columns(default_folds=pl.lit("grouped"))
    frames["stimuli"] = frames["stimuli"].drop("group_id")
    with pytest.raises(BrainlakeError, match=f"column default_folds: 'grouped' needs a group_id .* or write {other}"):
        ingest_frames(frames, tmp_path)


def test_words_with_nothing_between_them(tmp_path):
    frames = frames_of(READING)
    frames["stimuli"] = frames["stimuli"].with_columns(separator=pl.lit(""))
    with pytest.raises(BrainlakeError, match=r"row 2, column separator: is empty between two words.*--accept glued"):
        ingest_frames(frames, tmp_path / "bank")
    ingest_frames(frames, tmp_path / "bank", accept=["glued"])
    parted = frames["stimuli"].with_columns(text=pl.Series(["One ", "two,", "three"]))
    ingest_frames(frames | {"stimuli": parted}, tmp_path / "spaces", accept=["spaces"])
    without = frames["stimuli"].with_columns(text=pl.Series(["\u732b", "\u72ac", "\u9ce5"]))
    ingest_frames(frames | {"stimuli": without}, tmp_path / "chinese")


@pytest.mark.parametrize(
    ("base", "message"),
    [(READING, "b is composed of zz, which is not in"), (SENTENCES, "b is composed of zz, which is not in")],
)
def test_a_mean_of_what_is_not_there(base, message, tmp_path):
    with pytest.raises(BrainlakeError, match=message):
        ingest_frames(base | {"benchmarks": base["benchmarks"] | {"composite_of": "zz"}}, tmp_path)


def test_a_mean_with_recordings_of_its_own(tmp_path):
    ingest_frames(READING, tmp_path)
    mean = READING["benchmarks"] | {"benchmark": "mean", "composite_of": "b"}
    with pytest.raises(BrainlakeError, match="column composite_of: a mean of others has no reading_times of its own"):
        ingest_frames(READING | {"benchmarks": mean}, tmp_path)
