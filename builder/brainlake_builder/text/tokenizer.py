"""What a tokenizer does to a text, without what ``transformers`` adds to it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from brainlake.errors import BrainlakeError

Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]

LEADING = "Ġ▁ "
TRAILING = ("</w>", "▁", " ")
WHITE_SPACE = ("Ċ", "č", "ĉ", "\n", "\r", "\t", "<0x0A>", "<0x0D>", "<0x09>")
BYTE_SPACE = "<0x20>"


@contextmanager
def tokenizer_errors(what: str) -> Iterator[None]:
    """Say what a tokenizer could not do in our words.

    The tokenizers library raises bare ``Exception``, and panics, which is none, over a pattern that backtracks without
    end.
    """
    try:
        yield
    except BaseException as error:
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise BrainlakeError(f"{what}: its tokenizer cannot read a text: {reason}; use another one") from None
        raise


class Encoder:
    """A tokenizer reduced to text in, ids and character offsets out: no padding, no truncation, no warnings.

    Parameters
    ----------
    tokenizer
        A ``transformers`` tokenizer backed by the ``tokenizers`` library.

    Attributes
    ----------
    marker
        The character that stands for a space at the start of a token, such as Ġ or ▁; null if there is none.
    spaces
        Whether a space belongs to the token that follows it (``leading``), to the one before (``trailing``), or
        is not kept (``none``).
    special
        Ids of the special tokens.

    Raises
    ------
    BrainlakeError
        If the tokenizer gives no character offsets.
    """

    def __init__(self, tokenizer: Any) -> None:
        if not getattr(tokenizer, "is_fast", False):
            raise BrainlakeError(
                f"tokenizer {type(tokenizer).__name__} gives no character offsets; "
                f"use one that the tokenizers library can load (a tokenizer.json)"
            )
        self._backend: Any = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
        self._backend.no_truncation()
        self._backend.no_padding()
        self.special = frozenset(k for k, token in self._backend.get_added_tokens_decoder().items() if token.special)
        first, *later = self._backend.encode("a a", add_special_tokens=False).tokens
        self.marker: str | None = next((token[0] for token in later if token[0] in LEADING), None)
        self.spaces: Literal["leading", "trailing", "none"] = "none"
        if self.marker:
            self.spaces = "leading"
        elif first.endswith(TRAILING):
            self.spaces = "trailing"

    def encode(self, texts: Sequence[str], add_special_tokens: bool = False, parse_special: bool = False) -> list[Any]:
        """Encodings, with ``ids``, ``tokens`` and ``offsets``, one a text.

        Parameters
        ----------
        add_special_tokens
            Put the tokenizer's own special tokens around each text.
        parse_special
            Read ``<s>`` and the like, written out in a text, as special tokens; they are ordinary characters
            otherwise.
        """
        self._backend.encode_special_tokens = not parse_special
        with tokenizer_errors("the model"):
            encodings: list[Any] = self._backend.encode_batch(list(texts), add_special_tokens=add_special_tokens)
        return encodings

    def special_ids(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """What the tokenizer itself puts before and after a text.

        Raises
        ------
        BrainlakeError
            If it changes the text's own tokens as well.
        """
        bare, full = (self.encode(["a"], add_special_tokens=add)[0].ids for add in (False, True))
        for k in range(len(full) - len(bare) + 1):
            if full[k : k + len(bare)] == bare:
                return tuple(full[:k]), tuple(full[k + len(bare) :])
        raise BrainlakeError("the tokenizer changes a text when it adds its special tokens; give it another one")

    def token_id(self, surface: str) -> int | None:
        """Id of a token; None if there is none."""
        index: int | None = self._backend.token_to_id(surface)
        return index

    def begins_with_space(self, n_vocabulary: int, white_space: bool = False) -> Bool:
        """Which tokens begin with a space, shape (n_vocabulary,); with ``white_space``, with a break or tab as well."""
        starts = ((self.marker, BYTE_SPACE) if self.marker else ()) + (WHITE_SPACE if white_space else ())
        mask = np.zeros(n_vocabulary, np.bool_)
        for surface, index in self._backend.get_vocab(with_added_tokens=True).items():
            if index < n_vocabulary:
                mask[index] = surface.startswith(starts)
        return mask
