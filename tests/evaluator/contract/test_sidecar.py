"""A sidecar: read as it was written, and refused for whatever its file cannot be."""

import json
from dataclasses import replace

import pytest

from brainlake import BrainlakeError
from brainlake.bank.sidecars import read_sidecars
from brainlake.contract import sidecar as contract_sidecar
from brainlake.contract.sidecar import MANIFEST, Sidecar


@pytest.fixture(scope="module")
def sidecars(toy_bank):
    return {s.kind: s for s in read_sidecars(toy_bank)}


def test_the_text_gives_every_field_back(sidecars):
    for sidecar in sidecars.values():
        facts = json.loads(sidecar.to_json())
        assert set(facts) == set(MANIFEST.names) - {"sidecar_sha256"}
        assert Sidecar.from_facts(facts) == replace(sidecar, sidecar_sha256=None)


def test_reading_says_what_was_written_sealed_with_the_hash_of_its_text(toy_bank, sidecars):
    for sidecar in sidecars.values():
        assert sidecar.sealed() == sidecar == Sidecar.find(toy_bank, sidecar.path)
    assert Sidecar.find(toy_bank, "models/other.parquet") is None


def test_columns_of_one_value_are_those_of_the_file(sidecars):
    assert sidecars["models"].constants == {"model": "m"}
    assert sidecars["responses"].constants == {"benchmark": "toy.brain"}
    assert sidecars["surprisal"].constants == {"model": "m", "stimulus_set": "toy", "recipe": "document"}


@pytest.mark.parametrize(
    ("where", "may"),
    [
        ({}, True),
        ({"model": "m"}, True),
        ({"model": "x"}, False),
        ({"model": "m", "recipe": "x"}, False),
        ({"layer": "7"}, True),
    ],
)
def test_a_file_is_passed_over_only_where_it_can_have_no_such_row(sidecars, where, may):
    assert sidecars["activations"].may_have(where) is may


def test_no_two_files_hold_the_same(sidecars):
    assert len({s.key for s in sidecars.values()}) == len(sidecars)


@pytest.mark.parametrize(
    ("kind", "change", "message"),
    [
        ("models", {"kind": "nothing"}, "there is no table 'nothing'"),
        ("models", {"name": "x"}, r"it speaks of 'models/m\.parquet', but such a file is 'models/x\.parquet'"),
        ("models", {"path": "/etc/passwd"}, "but such a file is"),
        ("models", {"bytes": -1}, "sizes are impossible"),
        ("models", {"rows": -1}, "sizes are impossible"),
        ("models", {"footer_bytes": 10**9}, "sizes are impossible"),
        ("models", {"bytes": "many"}, "."),
        ("models", {"bytes": 2**70}, "."),
        ("models", {"details": "[1]"}, "is not a JSON object"),
        ("models", {"model": "a/b"}, "cannot name a model"),
        ("activations", {"recipe": "../x"}, "cannot name a recipe"),
        ("activations", {"recipe_digest": "x"}, "is not the digest of a recipe"),
        ("activations", {"stimulus_set": "other"}, "but such a file is"),
        ("activations", {"layers": [{"layer": 10**6}]}, "."),
    ],
)
def test_what_no_file_can_be_is_refused(sidecars, kind, change, message):
    with pytest.raises(BrainlakeError, match=message):
        replace(sidecars[kind], **change).check()


@pytest.mark.parametrize("text", ["[]", "null", "1", "[" * 100_000, "\xff", '{"sidecar_sha256": "x"}', "{}"])
def test_what_is_no_sidecar_is_refused_with_its_place(own_bank, text):
    path = own_bank / "sidecars/models/m.json"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(BrainlakeError, match=r"sidecars/models/m\.json is not a sidecar: .*; restore it, or remove it"):
        Sidecar.read(own_bank, path)


def test_of_many_the_one_that_is_wrong_is_named(own_bank):
    path = own_bank / "sidecars/models/m.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"bytes": "many"}))
    with pytest.raises(BrainlakeError, match=r"sidecars/models/m\.json is not a sidecar: .*; restore it, or remove it"):
        read_sidecars(own_bank)


def test_types_are_checked_of_all_at_once(own_bank, monkeypatch):
    """One by one that took three quarters of the time in which a bank of 300 models is opened."""
    counted, table = [], contract_sidecar.manifest_table
    monkeypatch.setattr(contract_sidecar, "manifest_table", lambda rows: counted.append(len(rows)) or table(rows))
    found = read_sidecars(own_bank)
    assert counted == [len(found)]


def test_unknown_fields_are_those_of_a_later_minor_version_or_refused(sidecars):
    facts = json.loads(sidecars["models"].to_json())
    with pytest.raises(BrainlakeError, match="a sidecar has no field 'quirk'"):
        Sidecar.from_facts(facts | {"quirk": 1})
    assert Sidecar.from_facts(facts | {"quirk": 1, "format": "2.1"}).format == "2.1"
    del facts["format"]
    assert Sidecar.from_facts(facts).format == "1"


@pytest.mark.parametrize("name", ["layers", "versions", "checks", "sources", "made_from"])
@pytest.mark.parametrize("entry", [{}, None])
def test_an_entry_of_a_list_that_says_nothing_is_refused(sidecars, name, entry):
    with pytest.raises(BrainlakeError, match=f"an entry of its {name} has no "):
        replace(sidecars["activations"], **{name: [entry]}).check_names()
