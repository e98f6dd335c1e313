"""The model card of the demo model."""

import re

import pytest

from brainlake import UnknownNameError
from brainlake_builder.demo.card import SOURCES, model_card

TRAINING = {"layers": 2, "width": 8, "heads": 2, "vocabulary": 50, "context": 64, "steps": 100, "batch": 4, "seed": 1}
VALIDATION = {
    "n_tokens": 300,
    "n_bytes": 900,
    "nats_per_token": 3.0,
    "bits_per_byte": 1.5,
    "unigram_bits_per_byte": 2.0,
}


def card(titles):
    return model_card(titles, TRAINING, VALIDATION, n_parameters=1234, n_tokens=25_600)


def test_it_says_what_was_trained_on_and_for_how_long():
    text = card(["Dracula", "Middlemarch"])
    assert text.startswith("---\nlicense: mit\n")
    assert "1,234 parameters" in text
    assert "100 steps of 4 windows" in text
    assert "25,600 tokens, 1.0 times the 25,600" in text
    assert "2 books of prose" in text
    assert text.count(SOURCES["Dracula"]) == 1


def test_every_source_is_pinned():
    assert all(re.fullmatch(r"[\w-]+_\d+ @ [0-9a-f]{40}", source) for source in SOURCES.values())


def test_a_book_of_no_known_source_is_refused():
    with pytest.raises(UnknownNameError, match="unknown source of the book"):
        card(["Alice's Adventures in Wonderland"])
