"""Properties of models in a bank: each with one source, and none in two minds."""

import pytest

from brainlake import BrainlakeError, open_bank
from brainlake.bank.manifest import rebuild_manifest
from brainlake_builder.tables.properties import read_properties, strangers, write_properties

TABLE = "model,property,value,source\nowner/a,mmlu,.5,lab\nb,mmlu,.25,lab\nb,mmlu,.3,paper\n"


def written(tmp_path, content=TABLE, name="p.csv"):
    path = tmp_path / name
    path.write_text(content)
    return path


def test_two_sources_of_one_property_stay_two(own_bank, tmp_path):
    path = written(tmp_path)
    sidecar = write_properties(own_bank, "lab", read_properties(path), [path], author="me")
    rebuild_manifest(own_bank)
    bank = open_bank(own_bank)
    assert bank.table("model_properties").sort("model", "source").rows() == [
        ("b", "mmlu", 0.25, "lab"),
        ("b", "mmlu", 0.3, "paper"),
        ("owner--a", "mmlu", 0.5, "lab"),
    ]
    assert (sidecar.author, sidecar.sources[0]["file"]) == ("me", "p.csv")
    assert bank.verify() == []


def test_a_source_is_given_once(tmp_path):
    bare = written(tmp_path, "model,property,value\na,mmlu,.5\n")
    assert read_properties(bare, source="lab") == [{"model": "a", "property": "mmlu", "value": 0.5, "source": "lab"}]
    with pytest.raises(BrainlakeError, match="row 1 has no source: say who measured it"):
        read_properties(bare)
    with pytest.raises(BrainlakeError, match="row 2 has no source"):
        read_properties(written(tmp_path, "model,property,value,source\na,mmlu,.5,lab\nb,mmlu,.5,\n"))
    with pytest.raises(BrainlakeError, match="names no source"):
        read_properties(bare, source=" ")
    with pytest.raises(BrainlakeError, match="row 1 has two sources"):
        read_properties(written(tmp_path), source="other")


def test_results_of_the_harness_say_themselves_where_they_come_from(tmp_path):
    path = written(tmp_path, '{"results": {"mmlu": {"acc,none": 0.5}}, "model_name": "a/b"}', "results_1.JSON")
    assert read_properties(path, model="c")[0]["model"] == "c"
    with pytest.raises(BrainlakeError, match="says itself where its values come from"):
        read_properties(path, source="lab")
    with pytest.raises(BrainlakeError, match="names its models itself"):
        read_properties(written(tmp_path), model="c")


def test_one_source_has_one_value(own_bank, tmp_path):
    rows = read_properties(written(tmp_path))
    other = [rows[0] | {"value": 0.75}]
    with pytest.raises(BrainlakeError, match=r"mmlu of owner--a has two values, 0\.5 and 0\.75, from one source"):
        write_properties(own_bank, "lab", [*rows, *other])
    assert write_properties(own_bank, "lab", rows + rows).rows == len(rows)
    with pytest.raises(BrainlakeError, match="has two values"):
        write_properties(own_bank, "again", other)
    with pytest.raises(BrainlakeError, match="--replace"):
        write_properties(own_bank, "lab", other)
    assert write_properties(own_bank, "lab", other, replace=True).rows == 1


def test_there_has_to_be_a_bank(tmp_path):
    with pytest.raises(BrainlakeError, match="there is no bank"):
        write_properties(tmp_path / "nowhere", "lab", [])


def test_models_that_the_bank_does_not_have_are_named(own_bank):
    known = open_bank(own_bank).models[0]
    assert strangers(own_bank, [known]) == []
    assert strangers(own_bank, [f"{known}x", "zzz"]) == [f"{known}x (is it {known}?)", "zzz"]
