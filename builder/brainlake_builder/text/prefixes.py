"""Growing prefixes of a text, joined and tokenised as Brain-Score does, without tokenising each from its start."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from brainlake_builder.text.tokenizer import Encoder

Int64 = npt.NDArray[np.int64]

_SPACE_BEFORE_PUNCTUATION = re.compile(r"\s+([.,!?;:])")
_WORD_START = re.compile(r"(?<=\S) (?=\S)")

TAIL_WORDS = 24
"""Words of a prefix that are tokenised anew; its other tokens are those of the whole text."""


@dataclass(frozen=True)
class Prefixes:
    """Growing prefixes of a text.

    Attributes
    ----------
    text
        The longest prefix, without white space at its end.
    stops, trails
        Prefix k is ``text[:stops[k]] + trails[k]``; a trail is white space.
    """

    text: str
    stops: list[int]
    trails: list[str]

    def __getitem__(self, k: int) -> str:
        return self.text[: self.stops[k]] + self.trails[k]

    def __len__(self) -> int:
        return len(self.stops)


@dataclass(frozen=True)
class TokenizedPrefixes:
    """Prefixes as tokens, cut on the left, without special tokens.

    Attributes
    ----------
    ids
        Last tokens of each prefix, as many as were asked for.
    n_tokens
        Tokens of each prefix before it is cut.
    n_whole
        Prefixes that had to be tokenised from their start.
    """

    ids: list[Int64]
    n_tokens: list[int]
    n_whole: int


def join_prefixes(parts: Sequence[str]) -> Prefixes:
    """Join the first 1, 2, 3, ... parts as Brain-Score joins the context of a stimulus.

    Empty parts are dropped, the rest joined by spaces, and white space before ``.,!?;:`` removed
    (``prepare_context`` in ``model_helpers/preprocessing.py`` of brain-score/language at e5bf7b1).
    What a later part can change of an earlier prefix is no more than the white space at its end.
    """
    solid: list[str] = []
    length, trail = 0, ""
    stops, trails = [], []
    for part in parts:
        if part.strip():
            joined = _SPACE_BEFORE_PUNCTUATION.sub(r"\1", trail + (" " if length else "") + part)
            kept = joined.rstrip()
            solid.append(kept)
            length, trail = length + len(kept), joined[len(kept) :]
        stops.append(length)
        trails.append(trail)
    return Prefixes("".join(solid), stops, trails)


def tokenize_prefixes(encoder: Encoder, prefixes: Prefixes, n_last: int) -> TokenizedPrefixes:
    """Tokens of every prefix: its last ``n_last`` ids, and how many it has in all.

    Tokenising n growing prefixes costs O(n^2). Only the last words of each are tokenised here, the tokens before
    them are taken from the whole text. That is exact where tokens do not depend on distant text, which is looked
    at prefix by prefix: the first half of the words tokenised anew must give the tokens of the whole text, or
    else that prefix is tokenised from its start.
    """
    whole = encoder.encode([prefixes.text], parse_special=True)[0]
    whole_ids, whole_ends = np.asarray(whole.ids, np.int64), _ends(whole)
    # A join lies between two words: no tokenizer in use reads across a single space to decide what precedes it.
    joins = np.array([0, *(match.start() for match in _WORD_START.finditer(prefixes.text))])

    n_joins = np.searchsorted(joins, prefixes.stops, side="left")
    tail_starts = joins[np.maximum(n_joins - TAIL_WORDS, 0)]
    spans = zip(tail_starts, prefixes.stops, prefixes.trails, strict=True)
    tails = encoder.encode([prefixes.text[start:stop] + trail for start, stop, trail in spans], parse_special=True)
    ids: list[Int64] = []
    n_tokens: list[int] = []
    n_whole = 0
    for k, tail in enumerate(tails):
        first = n_joins[k] - TAIL_WORDS
        if first <= 0:
            tail_ids, before = np.asarray(tail.ids, np.int64), 0
        else:
            early, late = joins[first + TAIL_WORDS // 4], joins[first + TAIL_WORDS // 2]
            ends = _ends(tail) + tail_starts[k]
            a, b = np.searchsorted(ends, (early, late), side="right")
            c, before = np.searchsorted(whole_ends, (early, late), side="right")
            tail_ids = np.asarray(tail.ids, np.int64)
            if b > a and np.array_equal(tail_ids[a:b], whole_ids[c:before]):
                tail_ids = tail_ids[b:]
            else:
                tail_ids, before = np.asarray(encoder.encode([prefixes[k]], parse_special=True)[0].ids, np.int64), 0
                n_whole += 1
        missing = min(max(n_last - len(tail_ids), 0), before)
        ids.append(np.concatenate([whole_ids[before - missing : before], tail_ids])[-n_last:])
        n_tokens.append(int(before) + len(tail_ids))
    return TokenizedPrefixes(ids, n_tokens, n_whole)


def _ends(encoding: object) -> Int64:
    offsets = np.asarray(encoding.offsets, np.int64).reshape(-1, 2)  # type: ignore[attr-defined]
    ends: Int64 = offsets[:, 1]
    return ends
