"""The public-domain prose that the demo model is trained on: books found, Alice left out, the rest tiled."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brainlake.errors import BrainlakeError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

# Project Gutenberg closes each book with one such line; it is the only mark between concatenated books.
_CLOSING = re.compile(
    r"End of (?:the )?Project Gutenberg(?:'s| EBook of| Etext of) (?P<title>.+?),? by ", re.IGNORECASE
)
_NOTE = re.compile(r"Project Gutenberg|^Produced by ", re.IGNORECASE)
_SENTENCE_START = re.compile(r"(?<=[.!?]) (?=[\"'A-Z])|(?<=[.!?][\"']) (?=[\"'A-Z])")


@dataclass(frozen=True)
class Book:
    """One book of the corpus: its title and its paragraphs, in order, without Project Gutenberg's notes."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class Exclusion:
    """A book to leave out, and what tells that exactly this book was found.

    Attributes
    ----------
    title : str
        The title in the book's closing line.
    first, last : str
        How the first paragraph begins and how the last one ends.
    markers : tuple of str
        Phrases that occur in this book and in no other of the corpus.
    """

    title: str
    first: str
    last: str
    markers: tuple[str, ...]


# The first chapter is the stimulus text of the alice2016 benchmark: a model trained on it has seen the test.
# "Cheshire" and "Wonderland" are no markers: Middlemarch names the county, Anne of Green Gables the book.
ALICE = Exclusion(
    title="Alice's Adventures in Wonderland",
    first="Alice was beginning to get very tired of sitting by her sister on the bank",
    last="remembering her own child-life, and the happy summer days.",
    markers=("White Rabbit", "Mock Turtle", "Cheshire Cat", "March Hare", "Gryphon", "Dormouse"),
)


@dataclass(frozen=True)
class Window:
    """A stretch of text cut to the model's context.

    Attributes
    ----------
    ids : tuple of int
        Token ids, without the beginning-of-sequence token.
    start : int
        Where the stretch begins in its text, in characters.
    n_bytes : int
        Length of the stretch in bytes of UTF-8.
    """

    ids: tuple[int, ...]
    start: int
    n_bytes: int


def split_books(lines: Iterable[str]) -> tuple[Book, ...]:
    """Split a concatenation of books (one paragraph a line) at Project Gutenberg's closing lines.

    Raises
    ------
    BrainlakeError
        If text follows the last closing line: its book is unknown.
    """
    books: list[Book] = []
    paragraphs: list[str] = []
    for line in lines:
        if closing := _CLOSING.match(line):
            books.append(Book(closing["title"], tuple(paragraphs)))
            paragraphs = []
        elif line and not _NOTE.search(line):
            paragraphs.append(line)
    if paragraphs:
        raise BrainlakeError(
            f"the corpus ends in {len(paragraphs)} paragraphs without a closing line ('End of the Project "
            f"Gutenberg ...'), the first {paragraphs[0][:60]!r}: which book they are from cannot be told"
        )
    return tuple(books)


def exclude(books: Iterable[Book], exclusion: Exclusion = ALICE) -> tuple[Book, ...]:
    """Leave one book out, and prove that it was this book, whole, and that nothing of it is left.

    Raises
    ------
    BrainlakeError
        If the title is not there exactly once, if the book found does not begin and end as it should or lacks
        a marker, or if a marker occurs in what remains.
    """
    books = tuple(books)
    found = [book for book in books if book.title == exclusion.title]
    if len(found) != 1:
        raise BrainlakeError(
            f"{exclusion.title!r} is in the corpus {len(found)} times and must be there once to be left out; "
            f"the books are: {', '.join(book.title for book in books)}"
        )
    text = found[0].paragraphs
    if not text or not text[0].startswith(exclusion.first) or not text[-1].endswith(exclusion.last):
        raise BrainlakeError(f"{exclusion.title!r} does not begin or end in the corpus as that book does")
    if missing := [marker for marker in exclusion.markers if not any(marker in line for line in text)]:
        raise BrainlakeError(f"{exclusion.title!r} lacks {', '.join(missing)}: part of it must lie elsewhere")
    kept = tuple(book for book in books if book.title != exclusion.title)
    for book in kept:
        for line in book.paragraphs:
            if left := [marker for marker in exclusion.markers if marker in line]:
                raise BrainlakeError(f"{left[0]!r} of {exclusion.title!r} is still in {book.title!r}: {line[:80]!r}")
    return kept


def hold_out(book: Book, start: float = 0.45, share: float = 0.015) -> tuple[list[str], str]:
    """Cut a stretch out of the middle of a book: the texts before and after it, and the stretch itself.

    Paragraphs are joined by spaces, as the stimuli of reading and brain experiments have no line breaks.
    """
    n = len(book.paragraphs)
    a, b = int(start * n), int(start * n) + max(1, round(share * n))
    kept = [" ".join(book.paragraphs[:a]), " ".join(book.paragraphs[b:])]
    return kept, " ".join(book.paragraphs[a:b])


def windows(text: str, tokenizer: "Tokenizer", length: int) -> Iterator[Window]:
    """Tile a text by windows of exactly `length` tokens, each of which begins at a sentence.

    A window begins at the last sentence that the one before could not finish, so that the model sees, as in
    use, a sentence after its beginning-of-sequence token. A rest at the end shorter than `length` is dropped.
    """
    starts = [0, *(match.end() for match in _SENTENCE_START.finditer(text))]
    begin, k = 0, 0
    while True:
        # Twelve characters a token is three times what English prose needs.
        encoding = tokenizer.encode(text[begin : begin + 12 * length], add_special_tokens=False)
        if len(encoding.ids) < length:
            return
        end = begin + encoding.offsets[length - 1][1]
        yield Window(tuple(encoding.ids[:length]), begin, len(text[begin:end].encode()))
        while k + 1 < len(starts) and starts[k + 1] <= end:
            k += 1
        # A sentence longer than the window cannot be begun again for ever: go on from its middle.
        begin = starts[k] if starts[k] > begin else end
