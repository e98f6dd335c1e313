import re
from collections import Counter

import numpy as np
import polars as pl

from brainlake_builder.demo.stimuli import sentences, story_words

COLUMNS = {
    "stimulus_id": pl.String,
    "position": pl.Int64,
    "document_id": pl.String,
    "separator": pl.String,
    "group_id": pl.String,
    "sentence_id": pl.String,
    "text": pl.String,
}


def check_placing(table: pl.DataFrame) -> None:
    assert dict(table.schema) == COLUMNS
    assert table["position"].to_list() == list(range(len(table)))
    assert table["stimulus_id"].n_unique() == len(table)
    assert table["document_id"].rle().len() == table["document_id"].n_unique()
    first = table["document_id"] != table["document_id"].shift(fill_value="")
    assert table["separator"].to_list() == ["" if start else " " for start in first]
    assert table["group_id"].to_list() == table["document_id"].to_list()
    assert all(re.fullmatch(r"[!-~]+( [!-~]+)*", text) for text in table["text"])


def test_sentences() -> None:
    table = sentences()
    check_placing(table)
    assert table.group_by("group_id").len()["len"].to_list() == [10] * 24
    assert table["sentence_id"].to_list() == table["stimulus_id"].to_list()
    assert table["stimulus_id"][0] == "lighthouse.01"


def test_sentences_are_no_template() -> None:
    texts = sentences()["text"].to_list()
    assert len(set(texts)) == 240
    words = [text.split() for text in texts]
    assert np.std([len(w) for w in words]) > 2
    assert max(Counter(tuple(w[:3]) for w in words).values()) <= 4
    shared = Counter(tuple(w[i : i + 5]) for w in words for i in range(len(w) - 4))
    assert max(shared.values()) <= 2


def test_story_words() -> None:
    table = story_words()
    check_placing(table)
    assert table["document_id"].unique(maintain_order=True).to_list() == [
        "river",
        "tailor",
        "island",
        "violin",
        "signal",
        "garden",
    ]
    assert 1750 <= len(table) <= 1950
    assert table.row(16, named=True)["stimulus_id"] == "river.0017"
    assert not table["text"].str.contains(" ").any()


def test_story_sentences_end_as_sentences() -> None:
    texts = story_words().group_by("sentence_id", maintain_order=True).agg(pl.col("text").str.join(" "))["text"]
    assert texts.n_unique() == len(texts) > 70
    assert texts.str.contains(r"[.?!]\"?$").all()
