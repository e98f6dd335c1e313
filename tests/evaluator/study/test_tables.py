"""What a bank knows of models and their scores."""

import polars as pl
import pytest

from brainlake import BrainlakeError, UnknownNameError, open_bank
from brainlake.study.tables import tables_of, unknown_models
from studies import composites, family, put_tables, scores


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    scored, who, known = family([2, 1], benchmarks=("b", "c"))
    return open_bank(put_tables(tmp_path_factory.mktemp("study"), scored, who, known, composites(whole=["b", "c"])))


def test_tables_are_the_banks(bank):
    found = tables_of(bank)
    scored, who, known = family([2, 1], benchmarks=("b", "c"))
    columns = ["model", "benchmark", "score"]
    assert found.scores.select(columns).sort(columns).equals(scored.select(columns).sort(columns))
    assert set(found.models["model"]) == set(who["model"])
    assert found.model_properties.sort("model").equals(known.sort("model"))
    assert found.benchmarks["composite_of"].to_list() == [["b", "c"]]


def test_other_scores_take_the_place_of_the_banks(bank):
    own = scores([("base0", "d", 0.1)])
    assert tables_of(bank, scores=own).scores.equals(own)


def test_some_benchmarks_and_protocols_are_chosen(bank):
    assert set(tables_of(bank, benchmarks=["c"]).scores["benchmark"]) == {"c"}
    assert len(tables_of(bank, protocols=["grouped"]).scores) == len(tables_of(bank).scores)
    with pytest.raises(UnknownNameError, match=r"unknown benchmark 'd'; there is: b, c"):
        tables_of(bank, benchmarks=["d"])
    with pytest.raises(UnknownNameError, match=r"unknown protocol 'groupd' .did you mean 'grouped'"):
        tables_of(bank, protocols=["groupd"])


def test_without_scores_there_is_nothing_to_study(tmp_path):
    empty = open_bank(put_tables(tmp_path / "bank", who=family([1])[1]))
    with pytest.raises(BrainlakeError, match="there are no scores to study: write some"):
        tables_of(empty)
    assert tables_of(empty, scores=scores([("m", "b", 0.1)])).model_properties.schema["value"] == pl.Float64


def test_models_that_are_not_known_are_named(bank):
    assert unknown_models(tables_of(bank)) == []
    own = scores([("base0", "d", 0.1), ("stranger", "d", 0.2), ("baseline:length", "d", 0.1)])
    assert unknown_models(tables_of(bank, scores=own)) == ["stranger"]
