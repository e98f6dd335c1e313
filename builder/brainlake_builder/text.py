"""Texts cut into stimuli, and the tokens that each stimulus owns.

A document is tokenised once. A token belongs to the stimulus that its characters, white space stripped, lie in;
a token that is white space only belongs to the stimulus that follows (its probability is paid there), and no
activation is read from it. Where a tokenizer does not respect a boundary between stimuli that is an error.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from tokenizers import Tokenizer

from brainlake.digests import stimuli_sha256
from brainlake.errors import BrainlakeError
from brainlake.layout import table_path

Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Stimuli:
    """A stimulus set in ``position`` order; the lists are columns of the ``stimuli`` table."""

    name: str
    stimulus_ids: list[str]
    document_ids: list[str]
    separators: list[str]
    context_ids: list[str]
    texts: list[str]
    sha256: str

    @classmethod
    def read(cls, bank: Path, name: str) -> "Stimuli":
        """Read a stimulus set of a local bank."""
        return cls.from_table(name, pq.read_table(bank / table_path("stimuli", name)))

    @classmethod
    def from_table(cls, name: str, table: pa.Table) -> "Stimuli":
        """Take the columns of a ``stimuli`` table.

        Raises
        ------
        BrainlakeError
            If the rows are not in ``position`` order, ids repeat, or a text is empty.
        """
        columns = {column: table.column(column).to_pylist() for column in table.column_names}
        if columns["position"] != list(range(table.num_rows)) or not table.num_rows:
            raise BrainlakeError(f"stimulus set {name}: its positions are not 0, 1, 2, ...; build it again")
        if len(set(columns["stimulus_id"])) != table.num_rows:
            raise BrainlakeError(f"stimulus set {name}: a stimulus_id occurs twice; build it again")
        for stimulus_id, text in zip(columns["stimulus_id"], columns["text"], strict=True):
            if not text.strip():
                raise BrainlakeError(f"stimulus set {name}: the text of {stimulus_id} is empty; leave the row out")
        return cls(
            name,
            columns["stimulus_id"],
            columns["document_id"],
            columns["separator"],
            columns["context_id"],
            columns["text"],
            stimuli_sha256(table),
        )

    def __len__(self) -> int:
        return len(self.stimulus_ids)


@dataclass(frozen=True)
class Document:
    """A text and the character spans of its stimuli.

    Attributes
    ----------
    name
        What an error message calls it.
    text
        The stimuli in order, each but the first after its separator.
    items
        Places of the stimuli in their set.
    spans
        Characters of each stimulus: start and stop.
    first_read
        Stimuli before this one are context only: nothing is read from them.
    goes_on
        Whether the text was cut in the middle of a word, so that its end is not the end of a word.
    """

    name: str
    text: str
    items: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    first_read: int = 0
    goes_on: bool = False


@dataclass(frozen=True)
class TokenizedDocument:
    """A document as tokens.

    Attributes
    ----------
    document
        The text.
    ids
        Token ids without any special token, shape (n_tokens,).
    owner
        Stimulus of each token, counted inside the document, shape (n_tokens,).
    blank
        Tokens that are white space only, shape (n_tokens,).
    """

    document: Document
    ids: Int64
    owner: Int64
    blank: Bool

    @property
    def stops(self) -> Int64:
        """One past the last token of each stimulus, shape (n_items,)."""
        return np.searchsorted(self.owner, np.arange(len(self.document.items)), side="right")


def whole_documents(stimuli: Stimuli) -> list[Document]:
    """Documents of a set, in order of their first stimulus."""
    return [_document(stimuli, items) for items in _groups(stimuli.document_ids)]


def word_windows(stimuli: Stimuli, n_items: int) -> list[Document]:
    """One text a stimulus: it and the ``n_items - 1`` stimuli before it in its document; only the last is read."""
    windows = []
    for group in _groups(stimuli.document_ids):
        for k in range(len(group)):
            part = group[max(0, k + 1 - n_items) : k + 1]
            following = "" if k + 1 == len(group) else stimuli.separators[group[k + 1]] + stimuli.texts[group[k + 1]]
            goes_on = following != "" and not following[0].isspace()
            windows.append(_document(stimuli, part, first_read=len(part) - 1, goes_on=goes_on))
    return windows


def _groups(keys: list[str]) -> list[list[int]]:
    groups: dict[str, list[int]] = {}
    for place, key in enumerate(keys):
        groups.setdefault(key, []).append(place)
    return list(groups.values())


def _document(stimuli: Stimuli, items: list[int], first_read: int = 0, goes_on: bool = False) -> Document:
    text, spans = "", []
    for k, item in enumerate(items):
        text += stimuli.separators[item] if k else ""
        spans.append((len(text), len(text) + len(stimuli.texts[item])))
        text += stimuli.texts[item]
    name = f"{stimuli.name}/{stimuli.document_ids[items[0]]}"
    return Document(name, text, tuple(items), tuple(spans), first_read, goes_on)


class Encoder:
    """A tokenizer reduced to what it does to a text: no padding, no truncation, no warnings.

    Parameters
    ----------
    tokenizer
        A ``transformers`` tokenizer backed by the ``tokenizers`` library.
    literal_special
        Whether ``<s>`` and the like, written out in a text, are ordinary characters.
    """

    def __init__(self, tokenizer: Any, literal_special: bool = True) -> None:
        if not getattr(tokenizer, "is_fast", False):
            raise BrainlakeError(
                f"tokenizer {type(tokenizer).__name__} gives no character offsets; "
                f"use one that the tokenizers library can load (a tokenizer.json)"
            )
        self._backend: Any = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
        self._backend.no_truncation()
        self._backend.no_padding()
        self._backend.encode_special_tokens = literal_special
        self.marker = self._space_marker()

    def encode(self, texts: Sequence[str], add_special_tokens: bool = False) -> list[Any]:
        """Encodings, with ``ids``, ``tokens`` and ``offsets``, one a text."""
        encodings: list[Any] = self._backend.encode_batch(list(texts), add_special_tokens=add_special_tokens)
        return encodings

    def vocabulary(self) -> list[str | None]:
        """Surface of every token id; None for ids that are not in use."""
        surfaces: dict[str, int] = self._backend.get_vocab(with_added_tokens=True)
        tokens: list[str | None] = [None] * (max(surfaces.values()) + 1)
        for token, index in surfaces.items():
            tokens[index] = token
        return tokens

    def _space_marker(self) -> str | None:
        """The character that stands for a leading space, such as Ġ or ▁; None if words are not marked so."""
        for token in reversed(self._backend.encode("a a", add_special_tokens=False).tokens):
            if token[:1] in {"Ġ", "▁", " "}:
                return str(token[0])
        return None


def tokenize(encoder: Encoder, documents: Sequence[Document]) -> list[TokenizedDocument]:
    """Tokenise documents and give each token to its stimulus.

    Raises
    ------
    BrainlakeError
        If a token spans two stimuli, a stimulus has no token of its own, or a character that is not white space
        has no token or no stimulus; the message names the text.
    """
    encodings = encoder.encode([document.text for document in documents])
    return [_tokenized(encoder, d, e) for d, e in zip(documents, encodings, strict=True)]


def _tokenized(encoder: Encoder, document: Document, encoding: Any) -> TokenizedDocument:
    text, n = document.text, len(encoding.ids)
    offsets = np.asarray(encoding.offsets, np.int64).reshape(n, 2)
    space = np.fromiter((c.isspace() for c in text), np.bool_, len(text))
    begin, end = _strip(offsets, space)
    markers = {encoder.marker} if encoder.marker else set()
    bare = np.fromiter((bool(t) and set(t) <= markers for t in encoding.tokens), np.bool_, n)
    blank = (begin == end) | bare

    starts, stops = np.array(document.spans, np.int64).T
    first = np.searchsorted(stops, begin, side="right")
    last = np.searchsorted(starts, end, side="left") - 1
    covered = space.copy()
    for a, b in offsets:
        covered[a:b] = True
    inside = space.copy()
    for a, b in document.spans:
        inside[a:b] = True
    _refuse(document, ~covered, "has characters that the tokenizer drops")
    _refuse(document, ~inside, "has text that belongs to no stimulus")
    for token in np.flatnonzero(~blank & (last > first)):
        raise BrainlakeError(
            f"{document.name}: token {encoding.tokens[token]!r} spans two stimuli, at "
            f"{text[max(0, begin[token] - 20) : end[token] + 20]!r}; this tokenizer cannot separate them"
        )
    owner = np.where(blank, len(document.items) - 1, first)
    # Backwards minimum: a blank token takes the stimulus of the token that follows it.
    owner = np.minimum.accumulate(owner[::-1])[::-1]
    if not np.array_equal(owner[~blank], first[~blank]):
        raise BrainlakeError(f"{document.name}: the tokens are not in the order of the text")
    missing = np.setdiff1d(np.arange(len(document.items)), owner[~blank])
    if missing.size:
        a, b = document.spans[missing[0]]
        raise BrainlakeError(f"{document.name}: no token belongs to {text[a:b]!r} (characters {a} to {b})")
    return TokenizedDocument(document, np.asarray(encoding.ids, np.int64), owner, blank)


def _strip(offsets: Int64, space: Bool) -> tuple[Int64, Int64]:
    """Offsets without the white space at either end; begin == end for tokens that are all white space."""
    n = len(space)
    place = np.arange(n)
    following = np.append(np.minimum.accumulate(np.where(space, n, place)[::-1])[::-1], n)
    previous = np.append(-1, np.maximum.accumulate(np.where(space, -1, place)))
    begin = np.minimum(following[offsets[:, 0]], offsets[:, 1])
    end = np.maximum(previous[offsets[:, 1]] + 1, begin)
    return begin, end


def _refuse(document: Document, wrong: Bool, what: str) -> None:
    places = np.flatnonzero(wrong)
    if places.size:
        k = int(places[0])
        raise BrainlakeError(f"{document.name} {what}, at {document.text[max(0, k - 20) : k + 20]!r}")
