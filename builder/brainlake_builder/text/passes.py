"""What is fed to a model in one pass, and what is read from it."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]

NO_TARGET = -1


@dataclass(frozen=True)
class Pass:
    """Token ids that are fed at once, and the places that are read.

    Attributes
    ----------
    ids
        Token ids, special tokens included, shape (n,).
    items
        Stimuli whose activation is read here, shape (k,).
    pooled, pooled_item
        Tokens whose states are averaged (one an item for the last token), and the place in ``items`` that each
        belongs to, shape (m,), in ascending order.
    slots
        Where the next-token distributions go in the table of tokens, shape (s,).
    before
        Tokens after which those distributions are read, shape (s,); in the decoder if there is one.
    targets
        Token whose log-probability is wanted from each; ``NO_TARGET`` where only the masses are.
    decoder_ids
        What the decoder of an encoder-decoder is fed; null to run the encoder alone.
    """

    ids: Int64
    items: Int64
    pooled: Int64
    pooled_item: Int64
    slots: Int64
    before: Int64
    targets: Int64
    decoder_ids: Int64 | None = None

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Words:
    """How the stimuli lie in the table of tokens.

    Slot t holds the probability of token t and the masses of the distribution that it was drawn from; the slot
    after the last token of a text holds the masses at its end.

    Attributes
    ----------
    start, stop
        First slot of each stimulus, white-space tokens before it included, and one past its last token.
    first
        Whether the stimulus opens its text.
    ends_text
        Whether the text ends, or goes on with a space that was not fed, after the stimulus.
    targets
        Token of every slot, ``NO_TARGET`` at the end of a text.
    """

    start: Int64
    stop: Int64
    first: Bool
    ends_text: Bool
    targets: Int64


@dataclass(frozen=True)
class Reading:
    """All passes over a stimulus set, how to put their results together, and facts for the record."""

    passes: list[Pass]
    words: Words
    facts: dict[str, object]

    @property
    def n_tokens(self) -> int:
        """Tokens fed."""
        return sum(map(len, self.passes))


def merge_prefix(shorter: Pass, longer: Pass) -> Pass | None:
    """Both passes read from the longer one, if it begins with the shorter; exact for causal models only."""
    if len(shorter) > len(longer) or not np.array_equal(shorter.ids, longer.ids[: len(shorter)]):
        return None
    return replace(
        longer,
        items=np.concatenate([shorter.items, longer.items]),
        pooled=np.concatenate([shorter.pooled, longer.pooled]),
        pooled_item=np.concatenate([shorter.pooled_item, longer.pooled_item + len(shorter.items)]),
        slots=np.concatenate([shorter.slots, longer.slots]),
        before=np.concatenate([shorter.before, longer.before]),
        targets=np.concatenate([shorter.targets, longer.targets]),
    )


def cut(one: Pass, n: int) -> Pass:
    """The first ``n`` tokens of a pass and what is read from them; exact for causal models only."""
    whole = np.bincount(one.pooled_item, one.pooled >= n, minlength=len(one.items)) == 0
    kept, scored = whole[one.pooled_item], one.before < n
    return Pass(
        ids=one.ids[:n],
        items=one.items[whole],
        pooled=one.pooled[kept],
        pooled_item=(np.cumsum(whole) - 1)[one.pooled_item[kept]],
        slots=one.slots[scored],
        before=one.before[scored],
        targets=one.targets[scored],
    )
