"""Records beside a published bank: licences as identifiers, the same for the same tables, checked by verify."""

import json
from dataclasses import replace

import yaml

from brainlake import open_bank
from brainlake.bank.sidecars import read_sidecars
from brainlake_builder.publishing.publish import publish
from brainlake_builder.publishing.records import NONE_STATED, records


def licences(bank, *stated):
    sidecars = [replace(s, licence=stated[i % len(stated)]) for i, s in enumerate(read_sidecars(bank))]
    found = records("lab/bank", sidecars, [], [])
    return json.loads(found["croissant.json"])["license"], yaml.safe_load(found["CITATION.cff"]).get("license")


def test_licences_as_identifiers_where_there_are(toy_bank):
    assert licences(toy_bank, "CC BY 4.0") == (["https://spdx.org/licenses/CC-BY-4.0"], "CC-BY-4.0")
    assert licences(toy_bank, "CC BY 4.0", None) == (["https://spdx.org/licenses/CC-BY-4.0"], None)
    assert licences(toy_bank, "MIT", "ask me") == (["https://spdx.org/licenses/MIT", "ask me"], None)
    assert licences(toy_bank, None) == ([NONE_STATED], None)


def test_they_are_the_same_for_the_same_tables(toy_bank):
    sidecars = read_sidecars(toy_bank)
    assert records("lab/bank", sidecars, [], []) == records("lab/bank", sidecars, [], [])


def test_they_are_published_and_arrive(hub, bank, repo):
    publish(bank, repo, may_pass_on=True)
    there = open_bank(repo)
    cited = yaml.safe_load(hub.read(repo, "CITATION.cff"))
    assert {one["notes"] for one in cited["references"]} == {f"language model: {name}" for name in there.models}
    assert len(json.loads(hub.read(repo, "croissant.json"))["recordSet"]) > 5
    assert {"CITATION.cff", "croissant.json"} <= {path.name for path in there.roots[0].folder().iterdir()}
    assert there.verify() == []
