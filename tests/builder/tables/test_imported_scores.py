"""Scores as a table of a bank."""

import polars as pl
import pytest

from brainlake import BrainlakeError, behavioral_alignment, open_bank, parse_recipe
from brainlake.bank.manifest import rebuild_manifest
from brainlake.contract.sidecar import Sidecar
from brainlake_builder.humans.ingest import ingest_frames
from brainlake_builder.humans.templates import template
from brainlake_builder.tables.imported_scores import add_scores
from brainlake_builder.tables.registry import register_model
from brainlake_builder.tables.writer import write_surprisal


@pytest.fixture(scope="module")
def scores(toy_bank):
    return behavioral_alignment(open_bank(toy_bank), "toy.reading", protocol="pearson", n_boot=0)


def test_every_value_is_in_the_bank_as_it_was_scored(own_bank, scores, tmp_path):
    scores.write_parquet(tmp_path / "x.parquet")
    sidecar = add_scores(own_bank, "lab.toy", tmp_path / "x.parquet")
    rebuild_manifest(own_bank)
    found = open_bank(own_bank).table("scores").drop("file", "author")
    assert (sidecar.kind, sidecar.name, sidecar.rows) == ("scores", "lab.toy", len(scores))
    assert found.equals(scores.drop("file", "author"), null_equal=True)


@pytest.mark.parametrize(
    "content",
    [
        lambda s: s.drop("score"),
        lambda s: s.with_columns(quirk=1),
        lambda s: s.with_columns(score=pl.lit("high")),
        lambda s: pl.DataFrame({"a": [1]}),
    ],
)
def test_what_is_no_table_of_scores_is_refused_and_nothing_is_written(own_bank, scores, tmp_path, content):
    content(scores).write_parquet(tmp_path / "x.parquet")
    with pytest.raises(BrainlakeError, match=r"holds no scores: .*; write one with `brainlake brain"):
        add_scores(own_bank, "x", tmp_path / "x.parquet")
    assert not (own_bank / "scores").exists()


def test_a_name_that_is_none(own_bank, scores, tmp_path):
    scores.write_parquet(tmp_path / "x.parquet")
    with pytest.raises(BrainlakeError, match="cannot name a scores"):
        add_scores(own_bank, "../x", tmp_path / "x.parquet")


def test_scores_were_not_made_from_another_set_of_the_same_words(tmp_path):
    register_model(tmp_path, {"model": "m", "n_layers": 1, "width": 4}, "r1")
    for kind in ("eeg", "reading"):
        ingest_frames(frames := template(kind), tmp_path)
        ids, bits = frames["stimuli"]["stimulus_id"].to_list(), frames["stimuli"]["text"].str.len_chars().to_list()
        columns = {"stimulus_id": ids, "n_tokens": [1] * len(ids)}
        columns |= dict.fromkeys(("surprisal", "surprisal_tokens", "entropy"), bits)
        facts = {"stimuli_sha256": Sidecar.find(tmp_path, f"stimuli/my_{kind}.parquet").stimuli_sha256}
        write_surprisal(tmp_path, "m", f"my_{kind}", parse_recipe("document"), columns, model_revision="r1", **facts)
    rebuild_manifest(tmp_path)
    behavioral_alignment(open_bank(tmp_path), "my_eeg", protocol="pearson").write_parquet(tmp_path / "x.parquet")
    made = {part["path"] for part in add_scores(tmp_path, "lab.eeg", tmp_path / "x.parquet").made_from}
    assert {path.split("/")[0] for path in made} == {"surprisal", "stimuli", "reading_times"}
    assert all("my_eeg" in path for path in made)
