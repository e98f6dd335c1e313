"""What a user hears of data that are right and will not do what is expected of them."""

import json

import polars as pl
import pytest

from brainlake_builder.humans.ingest import ingest_frames
from brainlake_builder.humans.templates import template


def notes(frames, bank):
    (row,) = (file for file in ingest_frames(frames, bank) if file.kind == "benchmarks")
    return json.loads(row.details or "{}").get("notes", [])


@pytest.mark.parametrize(("n", "said"), [(1, "1 group of"), (2, "2 groups of"), (3, None)])
def test_too_few_groups_for_folds_of_whole_groups(n, said, tmp_path):
    frames = template("fmri")
    groups = pl.int_range(pl.len()).mod(n).cast(pl.String)
    frames["stimuli"] = frames["stimuli"].with_columns(group_id=groups, document_id="stimulus_id")
    found = [note for note in notes(frames, tmp_path / "a") if "folds that split none need 3" in note]
    assert len(found) == (said is not None)
    assert all(note.startswith(f"my_fmri: {said} stimuli") for note in found)
    frames["benchmarks"] = frames["benchmarks"].with_columns(default_folds=pl.lit("by_stimulus"))
    assert not any("folds that split none" in note for note in notes(frames, tmp_path / "b"))


def test_a_sentence_that_stands_in_two_groups(tmp_path):
    frames = template("fmri")
    text = pl.when(pl.col("stimulus_id") == "bread.1").then(pl.lit("The harbour was empty before dawn."))
    frames["stimuli"] = frames["stimuli"].with_columns(text=text.otherwise("text"))
    assert any("bread.1 has the text of harbour.1 and another group_id" in note for note in notes(frames, tmp_path))


def test_words_come_again_in_every_text(tmp_path):
    assert not any("has the text of" in note for note in notes(template("ecog"), tmp_path))


def test_stimuli_without_recordings(tmp_path):
    frames = {name: frame for name, frame in template("fmri").items() if name in ("benchmarks", "stimuli")}
    assert notes(frames, tmp_path) == [
        "my_fmri: there are no responses and no reading_times, so that nothing can be scored"
    ]
