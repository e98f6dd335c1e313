import os
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from brainlake.errors import BrainlakeError
from brainlake_builder.demo.card import SOURCES
from brainlake_builder.demo.corpus import ALICE, Book, exclude, hold_out, split_books, windows

ALICE_TEXT = [
    f"{ALICE.first}, and of having nothing to do.",
    f"There she met the {', the '.join(ALICE.markers)}.",
    f"And so it ended, {ALICE.last}",
]
CORPUS = [
    *ALICE_TEXT,
    "End of Project Gutenberg's Alice's Adventures in Wonderland, by Lewis Carroll",
    "Produced by two volunteers",
    "Cheshire was all right, and Alice Bell had never been in Wonderland.",
    "It was a fine day.",
    "End of the Project Gutenberg EBook of Middlemarch, by George Eliot",
    "[Project Gutenberg Editor's Note: there is another version]",
    "The garden was locked.",
    "End of The Project Gutenberg Etext of The Secret Garden by Frances Hodgson Burnett",
]


@pytest.fixture(scope="module")
def byte_tokenizer() -> Tokenizer:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={c: i for i, c in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def test_books_are_told_apart_and_notes_dropped() -> None:
    books = split_books(CORPUS)
    assert [book.title for book in books] == [ALICE.title, "Middlemarch", "The Secret Garden"]
    assert books[1].paragraphs == (CORPUS[5], CORPUS[6])
    assert books[2].paragraphs == ("The garden was locked.",)


def test_exactly_alice_is_left_out() -> None:
    kept = exclude(split_books(CORPUS))
    lines = {line for book in kept for line in book.paragraphs}
    assert lines == {CORPUS[5], CORPUS[6], CORPUS[9]}


def test_a_text_of_unknown_origin_is_refused() -> None:
    with pytest.raises(BrainlakeError, match="without a closing line"):
        split_books([*CORPUS, "A paragraph more."])


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (CORPUS[4:], "in the corpus 0 times"),
        (CORPUS[:4] + CORPUS, "in the corpus 2 times"),
        (CORPUS[1:], "does not begin or end"),
        (CORPUS[:2] + CORPUS[3:], "does not begin or end"),
        (CORPUS[:1] + CORPUS[2:], "lacks White Rabbit"),
        (
            [*CORPUS[:9], "A White Rabbit ran by.", *CORPUS[9:]],
            "'White Rabbit' .* still in 'The Secret Garden'",
        ),
    ],
)
def test_what_is_not_alice_whole_is_refused(broken: list[str], message: str) -> None:
    with pytest.raises(BrainlakeError, match=message):
        exclude(split_books(broken))


def test_another_book_can_be_excluded() -> None:
    other = replace(ALICE, title="The Secret Garden", first="The garden", last="locked.", markers=("garden",))
    assert [book.title for book in exclude(split_books(CORPUS), other)] == [ALICE.title, "Middlemarch"]


def test_held_out_text_comes_from_the_middle_and_nothing_is_lost() -> None:
    paragraphs = tuple(f"Paragraph {i}." for i in range(200))
    (before, after), held = hold_out(Book("x", paragraphs))
    assert held == "Paragraph 90. Paragraph 91. Paragraph 92."
    assert f"{before} {held} {after}" == " ".join(paragraphs)


@settings(max_examples=50, deadline=None)
@given(
    sentences=st.lists(st.text("abc ", max_size=40).map(lambda t: f"X{t}."), min_size=1, max_size=30),
    length=st.integers(4, 40),
)
def test_windows_tile_the_text(byte_tokenizer: Tokenizer, sentences: list[str], length: int) -> None:
    text = " ".join(sentences)
    reach = 0
    for tile in windows(text, byte_tokenizer, length):
        assert len(tile.ids) == tile.n_bytes == length
        assert byte_tokenizer.decode(list(tile.ids)) == text[tile.start : tile.start + length]
        assert tile.start <= reach < tile.start + length
        reach = tile.start + length
    # The next window would have begun within the last one, and was too short.
    assert len(text) - reach < length


def test_bytes_are_counted_not_characters(byte_tokenizer: Tokenizer) -> None:
    (tile,) = windows("é" * 8, byte_tokenizer, 16)
    assert tile.n_bytes == 16


def test_windows_begin_at_sentences(byte_tokenizer: Tokenizer) -> None:
    text = 'One two. "Three four?" Five six! Seven eight nine. Ten.'
    starts = [byte_tokenizer.decode(list(tile.ids))[:5] for tile in windows(text, byte_tokenizer, 16)]
    assert starts == ["One t", '"Thre', "Five ", "Seven"]


def shingles(lines: Iterable[str], n: int) -> set[tuple[str, ...]]:
    words = [re.findall(r"[a-z']+", line.lower()) for line in lines]
    return {tuple(w[i : i + n]) for w in words for i in range(len(w) - n + 1)}


@pytest.mark.slow
@pytest.mark.mirror
def test_real_corpus_has_no_alice_left() -> None:
    path = Path(os.environ["BRAINLAKE_MIRROR"], "public_domain_text", "corpus.txt")
    lines = path.read_text(encoding="utf-8").splitlines()
    books = split_books(lines)
    kept = exclude(books)
    assert [book.title for book in kept] == list(SOURCES)
    alice = next(book for book in books if book.title == ALICE.title)
    assert alice.paragraphs == tuple(lines[: len(alice.paragraphs)])
    assert lines[len(alice.paragraphs)].startswith("End of Project Gutenberg's Alice's Adventures in Wonderland")
    remaining = [line for book in kept for line in book.paragraphs]
    assert not [line for line in remaining if re.search("White Rabbit|Mock Turtle|Cheshire Cat|Mad Hatter", line)]
    assert not shingles(alice.paragraphs, 10) & shingles(remaining, 10)
