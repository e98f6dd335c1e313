"""Scores as a table of a bank."""

import polars as pl
import pytest

from brainlake import BrainlakeError, behavioral_alignment, open_bank
from brainlake.bank.manifest import rebuild_manifest
from brainlake_builder.tables.imported_scores import add_scores


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
