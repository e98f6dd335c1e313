"""``CITATION.cff``: the bank, and what it was made from."""

from dataclasses import replace

import pytest
import yaml

from brainlake.bank.identity import bank_digest
from brainlake.bank.sidecars import read_sidecars
from brainlake.contract.bibtex import entries
from brainlake_builder.humans.catalogue import DATASETS
from brainlake_builder.publishing.citation import as_bibtex, citation_file
from brainlake_builder.publishing.published_bank import PublishedBank

BIBTEX = "@article{r, title = {Reading}, author = {Roe, Jo and Team}, year = {2020}, doi = {10.1/x}}"
MODEL = {"model": "lab--m", "hub_id": "lab/m", "commit": "c0ffee", "weights_sha256": "w"}
LOCAL = {"model": "mine", "hub_id": None, "commit": None, "weights_sha256": "f00d"}


@pytest.mark.parametrize("name", [name for name, dataset in DATASETS.items() if dataset.citation.startswith("@")])
def test_what_our_readers_cite_has_title_authors_and_year(name):
    found = entries(DATASETS[name].citation)
    assert len(found) == DATASETS[name].citation.count("@")
    for entry in found:
        assert entry.fields["title"]
        assert all(family for family, _ in entry.authors)
        assert entry.authors
        assert entry.fields["year"].isdecimal()


@pytest.fixture
def cited(toy_bank):
    def make(benchmarks=(), models=(), licence=None):
        bank = PublishedBank("lab/bank", read_sidecars(toy_bank))
        return yaml.safe_load(citation_file(bank, benchmarks, models, licence))

    return make


def test_the_bank_is_named_by_its_digest(cited, toy_bank):
    found = cited(licence="CC-BY-4.0")
    assert (found["cff-version"], found["type"], found["title"], found["license"]) == (
        *("1.2.0", "dataset"),
        *("bank", "CC-BY-4.0"),
    )
    assert found["authors"] == [{"name": "lab"}]
    assert str(found["date-released"]) == max(s.created_at for s in read_sidecars(toy_bank))[:10]
    assert found["identifiers"][0]["value"] == bank_digest(read_sidecars(toy_bank))
    assert "references" not in found
    assert "license" not in cited()


def test_what_benchmarks_cite_once_with_their_names(cited):
    rows = [{"benchmark": name, "citation": BIBTEX} for name in ("a", "b")]
    rows += [{"benchmark": "c", "citation": "Me,\n in preparation"}, {"benchmark": "d", "citation": None}]
    one, other = cited(rows)["references"]
    assert one == {
        "type": "article",
        "title": "Reading",
        "authors": [{"family-names": "Roe", "given-names": "Jo"}, {"name": "Team"}],
        "year": 2020,
        "doi": "10.1/x",
        "notes": "human data: a, b",
    }
    assert (other["type"], other["title"]) == ("generic", "Me, in preparation")
    assert other["authors"] == [{"name": "the authors of c"}]


def test_models_by_their_commit_or_hash(cited):
    hub, local = cited(models=[MODEL, LOCAL])["references"]
    assert (hub["title"], hub["authors"], hub["version"]) == ("lab/m", [{"name": "lab"}], "c0ffee")
    assert hub["url"] == "https://huggingface.co/lab/m"
    assert (local["title"], local["authors"], local["version"]) == ("mine", [{"name": "mine"}], "f00d")
    assert "url" not in local


def test_the_bank_itself_in_bibtex(toy_bank):
    sidecars = [replace(s, author=("A Team", "B")[k % 2]) for k, s in enumerate(read_sidecars(toy_bank))]
    bank = PublishedBank("lab/bank", sidecars)
    (entry,) = entries(as_bibtex(bank))
    assert entry.authors == [("A Team", ""), ("B", "")]
    assert (entry.fields["year"], entry.fields["note"]) == (bank.date[:4], bank.digest)
