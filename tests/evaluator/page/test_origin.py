"""How a report was made: of which files, under which protocol, with which commands."""

import io
from dataclasses import replace

import polars as pl

from brainlake.bank.catalogue import open_bank
from brainlake.figures.results import read_results, results_of
from brainlake.page.origin import origin_tables
from brainlake.storage.files import sha256_file
from brainlake.version import __version__
from drawn import profile, whole


def tables_of(results, **commands):
    return {one.name: pl.read_csv(io.StringIO(one.csv)) for one in origin_tables(results, commands)}


def test_files_stand_with_their_hashes_and_commands_as_they_are(tmp_path):
    profile(n=1, layers=0).write_parquet(tmp_path / "own.parquet")
    found = tables_of(read_results([tmp_path / "own.parquet"]), page="brainlake report own.parquet")
    assert found["sources"].rows() == [("own.parquet", sha256_file(tmp_path / "own.parquet"), 1)]
    assert found["commands"].rows() == [("page", "brainlake report own.parquet")]
    assert found["versions"].row(0) == ("brainlake", __version__)


def test_a_run_stands_once_however_many_models_it_scored():
    scores = profile(n=3, layers=0)
    two = pl.concat([scores, whole(scores, "headline").with_columns(protocol=pl.lit("shuffled"))])
    found = tables_of(results_of([two]))
    assert found["runs"]["protocol"].to_list() == ["grouped", "shuffled"]
    assert "sources" not in found
    assert "features" not in found


def test_features_of_a_bank_are_those_of_the_models_that_were_scored(toy_bank):
    bank = open_bank(toy_bank)
    model = next(one.model for _, one in bank.files if one.kind == "activations")
    found = tables_of(replace(results_of([profile(n=2, layers=0, name=f"{model}{{}}")]), bank=bank))
    assert "features" not in found
    named = profile(n=1, layers=0).with_columns(model=pl.col("model").replace("lab--m0", model))
    features = tables_of(replace(results_of([named]), bank=bank))["features"]
    expected = {one.sha256 for _, one in bank.files if one.model == model and one.kind in ("activations", "surprisal")}
    assert set(features["sha256"]) == expected
    assert features["model"].unique().to_list() == [model]
