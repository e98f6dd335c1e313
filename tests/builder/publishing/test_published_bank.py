"""A bank under the name that it has on the Hub."""

from dataclasses import replace

from brainlake.bank.identity import bank_digest
from brainlake.bank.sidecars import read_sidecars
from brainlake_builder.publishing.published_bank import PublishedBank


def test_names_and_digest(toy_bank):
    sidecars = read_sidecars(toy_bank)
    bank = PublishedBank("lab/bank", sidecars)
    assert (bank.owner, bank.name, bank.url) == ("lab", "bank", "https://huggingface.co/datasets/lab/bank")
    assert bank.digest == bank_digest(sidecars)


def test_the_day_is_that_of_the_newest_table(toy_bank):
    sidecars = read_sidecars(toy_bank)
    older = [replace(s, created_at="2026-01-02T03:04:05Z") for s in sidecars]
    newest = replace(sidecars[0], created_at="2026-02-01T00:00:00Z")
    assert PublishedBank("lab/bank", older).date == "2026-01-02"
    assert PublishedBank("lab/bank", [*older, newest]).date == "2026-02-01"


def test_creators_are_the_authors_of_tables_or_the_owner(toy_bank):
    sidecars = read_sidecars(toy_bank)
    assert PublishedBank("lab/bank", sidecars).creators == ["lab"]
    signed = [replace(sidecars[0], author="B"), replace(sidecars[1], author="A"), *sidecars[2:]]
    assert PublishedBank("lab/bank", signed).creators == ["A", "B"]
