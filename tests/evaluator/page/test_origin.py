"""How a report was made: of which files, under which protocol, with which commands."""

import io
from dataclasses import replace

import polars as pl
import pytest

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
    recipe = next(one.recipe for _, one in bank.files if one.kind == "activations")
    named = profile(n=1, layers=0, benchmark="toy.brain").with_columns(
        model=pl.col("model").replace("lab--m0", model), recipe=pl.lit(recipe)
    )
    features = tables_of(results_of([named], bank))["features"]
    assert features["sha256"].to_list() == [one.sha256 for _, one in bank.files if one.kind == "activations"]
    assert features["model"].unique().to_list() == [model]
    reading = named.with_columns(measure=pl.lit("self_paced_rt"), stimulus_set=pl.lit("toy"))
    features = tables_of(results_of([reading], bank))["features"]
    assert features["sha256"].to_list() == [one.sha256 for _, one in bank.files if one.kind == "surprisal"]


@pytest.mark.parametrize(
    ("about", "known"),
    [
        ({}, {"stimulus_sets": ["toy"], "composite_of": None}),
        ({}, {"stimulus_sets": [], "composite_of": ["part"]}),
        ({"recipe": "other"}, {"stimulus_sets": ["toy"]}),
        ({}, {"stimulus_sets": ["elsewhere"]}),
    ],
)
def test_features_of_what_was_not_scored_are_left_out(about, known, toy_bank):
    bank = open_bank(toy_bank)
    one = next(one for _, one in bank.files if one.kind == "activations")
    facts = {"model": one.model, "recipe": one.recipe, "benchmark": "whole"} | about
    scores = profile(n=1, layers=0).with_columns(pl.lit(value).alias(name) for name, value in facts.items())
    means = [{"benchmark": "whole"} | known, {"benchmark": "part", "stimulus_sets": ["toy"]}]
    schema = {"benchmark": pl.String, "stimulus_sets": pl.List(pl.String), "composite_of": pl.List(pl.String)}
    results = replace(results_of([scores[:1]]), bank=bank, benchmarks=pl.DataFrame(means, schema=schema))
    found = tables_of(results)
    expected = [] if about or known["stimulus_sets"] == ["elsewhere"] else [one.sha256]
    assert (found["features"]["sha256"].to_list() if "features" in found else []) == expected
