"""Texts cut into stimuli, and the tokens that each stimulus owns.

A document is tokenised once. A token belongs to the stimulus that its characters, white space stripped, lie in;
a token that is white space only belongs to the stimulus that follows (its probability is paid there), and no
activation is read from it. Where a tokenizer does not respect a boundary between stimuli that is an error.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from brainlake.bank.local_root import read_named
from brainlake.contract.digests import stimuli_sha256
from brainlake.errors import BrainlakeError
from brainlake_builder.text.tokenizer import Encoder

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
        return cls.from_table(name, read_named(bank, "stimuli", name))

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
    following
        The character that follows in the whole text; empty at its end.
    """

    name: str
    text: str
    items: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    first_read: int = 0
    following: str = ""


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
    opening
        Token ids of a prompt before the text.
    """

    document: Document
    ids: Int64
    owner: Int64
    blank: Bool
    opening: tuple[int, ...] = ()

    @property
    def starts(self) -> Int64:
        """First token of each stimulus, white space before it included, shape (n_items,)."""
        return np.searchsorted(self.owner, np.arange(len(self.document.items)), side="left")

    @property
    def stops(self) -> Int64:
        """One past the last token of each stimulus, shape (n_items,)."""
        return np.searchsorted(self.owner, np.arange(len(self.document.items)), side="right")

    @property
    def last(self) -> Int64:
        """Last token of each stimulus that is not white space, shape (n_items,)."""
        solid = np.flatnonzero(~self.blank)
        return solid[np.searchsorted(self.owner[solid], np.arange(len(self.document.items)), side="right") - 1]


def group_by(keys: Sequence[str]) -> dict[str, list[int]]:
    """Places of equal keys, in order of their first."""
    groups: dict[str, list[int]] = {}
    for place, key in enumerate(keys):
        groups.setdefault(key, []).append(place)
    return groups


def whole_documents(stimuli: Stimuli) -> list[Document]:
    """Documents of a set, in order of their first stimulus."""
    return [_document(stimuli, items) for items in group_by(stimuli.document_ids).values()]


def word_windows(stimuli: Stimuli, n_items: int) -> list[Document]:
    """One text a stimulus: it and the ``n_items - 1`` stimuli before it in its document; only the last is read."""
    windows = []
    for group in group_by(stimuli.document_ids).values():
        for k in range(len(group)):
            part = group[max(0, k + 1 - n_items) : k + 1]
            after = [stimuli.separators[j] + stimuli.texts[j] for j in group[k + 1 : k + 2]]
            windows.append(_document(stimuli, part, len(part) - 1, "".join(after)[:1]))
    return windows


def _document(stimuli: Stimuli, items: list[int], first_read: int = 0, following: str = "") -> Document:
    parts: list[str] = []
    spans, length = [], 0
    for k, item in enumerate(items):
        separator, text = stimuli.separators[item] if k else "", stimuli.texts[item]
        parts += [separator, text]
        spans.append((length + len(separator), length + len(separator) + len(text)))
        length = spans[-1][1]
    name = f"{stimuli.name}/{stimuli.document_ids[items[0]]}"
    return Document(name, "".join(parts), tuple(items), tuple(spans), first_read, following)


def tokenize(encoder: Encoder, documents: Sequence[Document]) -> list[TokenizedDocument]:
    """Tokenise documents and give each token to its stimulus.

    Raises
    ------
    BrainlakeError
        If a token spans two stimuli, a stimulus has no token of its own, or a character that is not white space
        has no token or no stimulus; the message names the text.
    """
    encodings = encoder.encode([document.text for document in documents])
    refuse_alike(
        [(document.name, document.text, encoding.ids) for document, encoding in zip(documents, encodings, strict=True)]
    )
    return [
        assign(encoder, d, np.asarray(e.ids, np.int64), e.tokens, np.asarray(e.offsets, np.int64).reshape(-1, 2))
        for d, e in zip(documents, encodings, strict=True)
    ]


def refuse_alike(texts: Sequence[tuple[str, str, Sequence[int]]]) -> None:
    """Raise if two texts that differ have the same tokens: a model could not tell them apart.

    Letters that differ in case, accents or white space alone are taken for the same, as many tokenizers do.

    Parameters
    ----------
    texts
        Name, text and token ids of each.
    """
    seen: dict[tuple[int, ...], tuple[str, str]] = {}
    for name, text, ids in texts:
        letters = "".join(c for c in unicodedata.normalize("NFKD", text).casefold() if c.isalnum())
        other, same = seen.setdefault(tuple(ids), (name, letters))
        if same != letters:
            raise BrainlakeError(
                f"{name} and {other} hold different texts, and the tokenizer gives both the same {len(ids)} tokens: it "
                f"does not know these words, or is not the model's own"
            )


def assign(
    encoder: Encoder, document: Document, ids: Int64, surfaces: Sequence[str], offsets: Int64
) -> TokenizedDocument:
    """Give each token of a document to its stimulus; see :func:`tokenize`."""
    text, n = document.text, len(ids)
    space = np.fromiter((c.isspace() for c in text), np.bool_, len(text))
    begin, end = _strip(offsets, space)
    bare = np.fromiter((bool(t) and set(t) == {encoder.marker} for t in surfaces), np.bool_, n)
    blank = (begin == end) | bare
    starts, stops = np.array(document.spans, np.int64).T
    first = np.searchsorted(stops, begin, side="right")
    last = np.searchsorted(starts, end, side="left") - 1
    _refuse_gaps(document, space, offsets)
    for token in np.flatnonzero(~blank & (last > first)).tolist():
        raise BrainlakeError(
            f"{document.name}: token {surfaces[token]!r} spans two stimuli, at "
            f"{text[max(0, begin[token] - 20) : end[token] + 20]!r}; this tokenizer cannot separate them"
        )
    owner = np.where(blank, len(document.items) - 1, first)
    # Running minimum from the end: a blank token takes the stimulus of the token that follows it.
    owner = np.minimum.accumulate(owner[::-1])[::-1]
    if not np.array_equal(owner[~blank], first[~blank]):
        raise BrainlakeError(f"{document.name}: the tokens are not in the order of the text")
    missing = np.setdiff1d(np.arange(len(document.items)), owner[~blank])
    if missing.size:
        a, b = document.spans[missing[0]]
        raise BrainlakeError(f"{document.name}: no token belongs to {text[a:b]!r} (characters {a} to {b})")
    return TokenizedDocument(document, ids, owner, blank)


def _strip(offsets: Int64, space: Bool) -> tuple[Int64, Int64]:
    """Offsets without the white space at either end; begin == end for tokens that are all white space."""
    n = len(space)
    place = np.arange(n)
    following = np.append(np.minimum.accumulate(np.where(space, n, place)[::-1])[::-1], n)
    previous = np.append(-1, np.maximum.accumulate(np.where(space, -1, place)))
    begin = np.minimum(following[offsets[:, 0]], offsets[:, 1])
    end = np.maximum(previous[offsets[:, 1]] + 1, begin)
    return begin, end


def _refuse_gaps(document: Document, space: Bool, offsets: Int64) -> None:
    for spans, what in (
        (offsets, "has characters that the tokenizer drops"),
        (document.spans, "has text that belongs to no stimulus"),
    ):
        covered = space.copy()
        for a, b in spans:
            covered[a:b] = True
        gaps = [k for k in np.flatnonzero(~covered).tolist() if not _composed(document.text, covered, k)]
        if gaps:
            k = gaps[0]
            raise BrainlakeError(f"{document.name} {what}, at {document.text[max(0, k - 20) : k + 20]!r}")


def _composed(text: str, covered: Bool, k: int) -> bool:
    """Whether a character without a token went into that of its base: a tokenizer that composes reads e + acute as one.

    A letter and its marks (or the jamo of a syllable) may lack as many tokens as composing takes characters away.
    """
    start, stop = k, k + 1
    while start and _continues(text[start]):
        start -= 1
    while stop < len(text) and _continues(text[stop]):
        stop += 1
    taken = (stop - start) - len(unicodedata.normalize("NFC", text[start:stop]))
    return int((~covered[start:stop]).sum()) <= taken


def _continues(character: str) -> bool:
    """Whether a character is a mark on the one before, or a jamo inside a syllable."""
    return unicodedata.category(character).startswith("M") or "\u1160" <= character <= "\u11ff"
