"""Cards of human data sets: texts that state nothing which the reader states, and are filled in from it."""

import re
from dataclasses import replace

import pytest

from brainlake_builder.humans.catalogue import DATASETS
from brainlake_builder.humans.source import RawFile
from brainlake_builder.publishing.dataset_cards import MANY, dataset_cards, templates

HEADINGS = ("**What.**", "**Who.**", "**Licence.**", "**How to get it.**", "**What we changed.**", "**Known defects")


def card_of(benchmark):
    _, (card,) = dataset_cards({benchmark})
    return card


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=lambda d: d.benchmark)
def test_every_dataset_has_a_card_with_what_its_reader_says(dataset):
    card = card_of(dataset.benchmark)
    assert [card.index(heading) for heading in HEADINGS] == sorted(card.index(heading) for heading in HEADINGS)
    assert dataset.benchmark in card.splitlines()[0]
    assert card.count(dataset.citation) == 1
    assert dataset.licence in card
    for file in dataset.files:
        folder = file.name.rpartition("/")[0]
        assert f"| `{file.name}` |" in card or f"| `{folder}/`, " in card
        if f"| `{file.name}` |" in card:
            assert (file.hash or "none published").partition(":")[2] in card
            assert (f"<{file.url}>" if file.url else "no public address") in card


def test_templates_lie_where_the_package_finds_them():
    assert (templates() / "bank.md").is_file()


def test_no_template_repeats_what_a_reader_states():
    for path in templates().iterdir():
        if path.name not in ("README.md", "bank.md"):
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"[0-9a-f]{40}|@[a-z]+\{", text), path.name
            assert {"citation", "licence"} <= set(re.findall(r"\$(\w+)", text))


def test_benchmarks_that_differ_in_their_licence_are_told_apart():
    card = card_of("pereira2018")
    assert "`pereira2018.langnet`: none stated; the original data are on OSF (crwz7); `pereira2018`: that of" in card


def test_many_files_of_a_folder_are_a_line_with_what_they_share(monkeypatch):
    dataset = DATASETS["blank2014"]

    def line(*, url, known):
        files = tuple(
            RawFile(f"a/{i}.npy", "sha256:ff" if known else None, f"https://x.org/{i}.npy" if url else None)
            for i in range(MANY + 1)
        )
        monkeypatch.setitem(DATASETS, "blank2014", replace(dataset, files=files))
        return next(line for line in card_of("blank2014").splitlines() if line.startswith("| `a/`"))

    assert line(url=True, known=True) == "| `a/`, 13 files | of each, in the reader | <https://x.org/> |"
    assert line(url=False, known=False) == "| `a/`, 13 files | none published | no public address |"


def test_only_cards_of_what_is_there_come_along():
    described, cards = dataset_cards({"tuckute2024", "mine"})
    assert described == {"tuckute2024", "tuckute2024.participants"}
    assert len(cards) == 1
    assert dataset_cards({"mine"}) == (set(), [])


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=lambda d: d.benchmark)
def test_every_public_address_is_pinned_and_hashed(dataset):
    for file in dataset.files:
        if file.url is not None:
            assert file.hash is not None
            assert re.search(r"/[0-9a-f]{40}/", file.url) or file.hash.startswith("sha1:")
    for file in dataset.files:
        if "langnet" in file.name or "story_chunks" in file.name:
            assert file.url is None  # our transcription, our rewrite
