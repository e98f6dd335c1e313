import re
from pathlib import Path

import pytest

from brainlake_builder.humans.catalogue import DATASETS
from brainlake_builder.humans.readers.alice2016_files import SHA256

CARDS = Path(__file__).parents[3] / "dataset_cards"
HEADINGS = ("**What.**", "**Who.**", "**Licence.**", "**How to get it.**", "**What we changed.**", "**Known defects")


def flat(text):
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=lambda d: d.benchmark)
def test_every_dataset_has_a_card_that_says_what_its_reader_says(dataset):
    card = (CARDS / f"{dataset.benchmark.partition('.')[0]}.md").read_text(encoding="utf-8")
    assert [card.index(heading) for heading in HEADINGS] == sorted(card.index(heading) for heading in HEADINGS)
    assert dataset.benchmark in card.splitlines()[0]
    assert dataset.citation in card
    assert flat(dataset.licence) in flat(card)
    for commit in re.findall(r"\b[0-9a-f]{40}\b", " ".join(file.url or "" for file in dataset.files)):
        assert commit in card
    hashes = {file.hash.partition(":")[2] for file in dataset.files if file.hash}
    assert all(value in card or value in SHA256.values() for value in hashes)
    by_hand = [file.name for file in dataset.files if file.url is None]
    assert all(Path(name).name in card or Path(name).name[:-5] in card for name in by_hand)


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=lambda d: d.benchmark)
def test_every_public_address_is_pinned_and_hashed(dataset):
    for file in dataset.files:
        if file.url is not None:
            assert file.hash is not None
            assert re.search(r"/[0-9a-f]{40}/", file.url) or file.hash.startswith("sha1:")
    for file in dataset.files:
        if "langnet" in file.name or "story_chunks" in file.name:
            assert file.url is None  # our transcription, our rewrite
