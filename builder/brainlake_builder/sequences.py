"""What is fed to a model in one pass, and what is read from it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from brainlake.errors import BrainlakeError
from brainlake.recipe import Recipe
from brainlake_builder.prefixes import join_prefixes, tokenize_prefixes
from brainlake_builder.text import (
    Bool,
    Encoder,
    Int64,
    Stimuli,
    TokenizedDocument,
    tokenize,
    whole_documents,
    word_windows,
)

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
        Tokens after which those distributions are read, shape (s,).
    targets
        Token whose log-probability is wanted from each; ``NO_TARGET`` where only the masses are.
    """

    ids: Int64
    items: Int64
    pooled: Int64
    pooled_item: Int64
    slots: Int64
    before: Int64
    targets: Int64

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Words:
    """How the stimuli lie in the table of tokens.

    Slot t holds the probability of token t and the masses of the distribution that it was drawn from; the last
    slot of a text holds the masses after its end.

    Attributes
    ----------
    start, stop
        First slot of each stimulus, white-space tokens before it included, and one past its last token.
    first
        Whether the stimulus opens its text.
    ends_text
        Whether the text ends after the stimulus.
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
    """All passes over a stimulus set, and how to put their results together."""

    passes: list[Pass]
    words: Words
    facts: dict[str, object]

    @property
    def n_tokens(self) -> int:
        """Tokens fed."""
        return sum(map(len, self.passes))


@dataclass(frozen=True)
class Limits:
    """What a model and a recipe say about the tokens of a pass.

    Attributes
    ----------
    window
        Most tokens in a pass, special tokens included.
    start
        Ids put before every pass.
    causal
        Whether a token's state depends on earlier tokens alone.
    """

    window: int
    start: tuple[int, ...] = ()
    causal: bool = True


def read_stimuli(stimuli: Stimuli, encoder: Encoder, recipe: Recipe, limits: Limits) -> Reading:
    """Passes that give every stimulus its activation and its probability, as the recipe says."""
    if recipe.context == "accumulate":
        return _accumulate(stimuli, encoder, recipe, limits)
    if recipe.context == "document":
        documents = whole_documents(stimuli)
    else:
        documents = word_windows(stimuli, recipe.window_words or 1)
    return _read_documents(tokenize(encoder, documents), len(stimuli), recipe, limits)


def _read_documents(documents: list[TokenizedDocument], n_items: int, recipe: Recipe, limits: Limits) -> Reading:
    start, stop = np.zeros(n_items, np.int64), np.zeros(n_items, np.int64)
    first, ends_text = np.zeros(n_items, np.bool_), np.zeros(n_items, np.bool_)
    passes: list[Pass] = []
    targets: list[Int64] = []
    slot = 0
    for tokens in documents:
        document = tokens.document
        stops = tokens.stops
        starts = np.concatenate([[0], stops[:-1]])
        read = slice(document.first_read, None)
        items = np.array(document.items)[read]
        skipped = int(starts[document.first_read])
        start[items], stop[items] = slot + starts[read] - skipped, slot + stops[read] - skipped
        first[items] = starts[read] == 0
        ends_text[items[-1]] = not document.goes_on
        passes += _windows(tokens, slot - skipped, recipe, limits)
        targets += [tokens.ids[skipped:], np.array([NO_TARGET])]
        slot += len(tokens.ids) - skipped + 1
    words = Words(start, stop, first, ends_text, np.concatenate(targets))
    return Reading(passes, words, {"window": limits.window, "start_ids": list(limits.start)})


def _windows(tokens: TokenizedDocument, slot: int, recipe: Recipe, limits: Limits) -> Iterable[Pass]:
    """Overlapping windows; each token is owned by one, with at least half a window before it."""
    n, n_start = len(tokens.ids), len(limits.start)
    size = limits.window - n_start
    if size < 2:
        raise BrainlakeError(f"a window of {limits.window} tokens is too short; raise max_tokens")
    if n > size and recipe.truncation == "left":
        raise BrainlakeError(
            f"{tokens.document.name} has {n} tokens and the window {size}: truncation=left goes with "
            f"context=accumulate; use truncation=windows here"
        )
    stop = min(n, size)
    own = 0
    while True:
        yield _window(tokens, max(0, stop - size), own, stop, slot, recipe, limits)
        if stop == n:
            return
        own, stop = stop, min(n, stop + size // 2)


def _window(
    tokens: TokenizedDocument, begin: int, own: int, stop: int, slot: int, recipe: Recipe, limits: Limits
) -> Pass:
    document, n_start = tokens.document, len(limits.start)
    solid = np.flatnonzero(~tokens.blank)
    owners = tokens.owner[solid]
    last = solid[np.searchsorted(owners, np.arange(len(document.items)), side="right") - 1]
    here = np.flatnonzero((last >= own) & (last < stop))
    here = here[here >= document.first_read]
    if recipe.pool == "last":
        pooled, pooled_item = last[here], np.arange(len(here))
    else:
        chosen = np.isin(owners, here)
        pooled, pooled_item = solid[chosen], np.searchsorted(here, owners[chosen])
        if len(pooled) and pooled[0] < begin:
            a, b = document.spans[here[0]]
            raise BrainlakeError(
                f"{document.name}: {document.text[a : min(b, a + 40)]!r}... is longer than half a window "
                f"({limits.window} tokens); use pool=last or a longer window"
            )
    first_slot = int(np.searchsorted(tokens.owner, document.first_read))
    # The window that owns a token gives its probability; the last one also the masses after the end.
    slots = np.arange(max(own, first_slot), stop + (stop == len(tokens.ids)))
    targets = np.append(tokens.ids, NO_TARGET)[slots]
    before = slots - begin + n_start - 1
    known = before >= 0
    return Pass(
        ids=np.concatenate([np.array(limits.start, np.int64), tokens.ids[begin:stop]]),
        items=np.array(document.items, np.int64)[here],
        pooled=pooled - begin + n_start,
        pooled_item=pooled_item,
        slots=slot + slots[known],
        before=before[known],
        targets=targets[known],
    )


def _accumulate(stimuli: Stimuli, encoder: Encoder, recipe: Recipe, limits: Limits) -> Reading:
    """One growing prefix a stimulus, with the tokenizer's own special tokens, cut on the left.

    As Brain-Score reads a text (``HuggingfaceSubject`` in brain-score/language at e5bf7b1): the last token is
    pooled, and a stimulus's own tokens are the last ones, as many as the prefix is longer than the one before.
    """
    if recipe.boundary != "none" or recipe.pool != "last" or recipe.truncation != "left":
        raise BrainlakeError(
            f"recipe {recipe.name}: context=accumulate goes with boundary=none, pool=last and truncation=left"
        )
    opening, closing = _special_ids(encoder)
    size = limits.window - len(opening) - len(closing)
    groups: dict[str, list[int]] = {}
    for place, context in enumerate(stimuli.context_ids):
        groups.setdefault(context, []).append(place)
    start, stop = np.zeros(len(stimuli), np.int64), np.zeros(len(stimuli), np.int64)
    first = np.zeros(len(stimuli), np.bool_)
    passes: list[Pass] = []
    targets: list[Int64] = []
    slot = n_whole = 0
    for items in groups.values():
        prefixes = tokenize_prefixes(encoder, join_prefixes([stimuli.texts[k] for k in items]), size)
        n_whole += prefixes.n_whole
        n_before = 0
        for item, body, n_tokens in zip(items, prefixes.ids, prefixes.n_tokens, strict=True):
            ids = np.concatenate([opening, body, closing])
            n_new = max(n_tokens - n_before, 0)
            if n_new > size:
                raise BrainlakeError(f"{stimuli.name}: {stimuli.stimulus_ids[item]} is longer than the window ({size})")
            slots = slot + np.arange(n_new)
            before = np.arange(len(ids) - n_new, len(ids)) - 1
            known = before >= 0
            one = Pass(
                ids=ids,
                items=np.array([item]),
                pooled=np.array([len(ids) - 1]),
                pooled_item=np.array([0]),
                slots=slots[known],
                before=before[known],
                targets=ids[len(ids) - n_new :][known],
            )
            if limits.causal and passes and n_before and _extends(one, passes[-1]):
                passes[-1] = _merge(passes[-1], one)
            else:
                passes.append(one)
            # The very first token of a text has no probability, unless a start token precedes it: not counted.
            start[item], stop[item], first[item] = slot + n_new - int(known.sum()), slot + n_new, n_before == 0
            targets.append(ids[len(ids) - n_new :])
            slot += n_new
            n_before = n_tokens
    targets.append(np.array([NO_TARGET]))
    words = Words(start, stop, first, np.zeros(len(stimuli), np.bool_), np.concatenate(targets))
    facts = {"window": limits.window, "start_ids": opening.tolist(), "end_ids": closing.tolist()}
    return Reading(passes, words, facts | {"prefixes_tokenized_whole": n_whole})


def _special_ids(encoder: Encoder) -> tuple[Int64, Int64]:
    """What the tokenizer itself puts before and after a text."""
    (bare,), (full,) = encoder.encode(["a"]), encoder.encode(["a"], add_special_tokens=True)
    for k in range(len(full.ids) - len(bare.ids) + 1):
        if full.ids[k : k + len(bare.ids)] == bare.ids:
            return np.array(full.ids[:k], np.int64), np.array(full.ids[k + len(bare.ids) :], np.int64)
    raise BrainlakeError("the tokenizer changes a text when it adds its special tokens; use another recipe")


def _extends(longer: Pass, shorter: Pass) -> bool:
    return len(longer) >= len(shorter) and np.array_equal(longer.ids[: len(shorter)], shorter.ids)


def _merge(shorter: Pass, longer: Pass) -> Pass:
    """Read both from the longer one: a causal model gives the tokens that they share the same states."""
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
    """The first ``n`` tokens of a pass and what is read from them."""
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


@dataclass(frozen=True)
class Batch:
    """Passes of similar length, padded on the right.

    Attributes
    ----------
    ids, lengths
        Token ids, shape (b, t), and how many of them each pass has, shape (b,).
    items, slots
        Stimuli and slots that this batch gives, over all its passes.
    pooled, pooled_item, before, targets
        As in :class:`Pass`, but ``pooled`` and ``before`` count through the flattened (b * t) tokens.
    """

    ids: Int64
    lengths: Int64
    items: Int64
    pooled: Int64
    pooled_item: Int64
    slots: Int64
    before: Int64
    targets: Int64


def batches(passes: Sequence[Pass], budget: int) -> list[list[int]]:
    """Group passes by length so that a padded batch holds at most ``budget`` tokens; the longest come first.

    A pure function of the passes and the budget: what a batch holds never depends on what is done already.
    """
    order = sorted(range(len(passes)), key=lambda k: (-len(passes[k]), k))
    groups: list[list[int]] = []
    for k in order:
        if groups and (len(groups[-1]) + 1) * len(passes[groups[-1][0]]) <= budget:
            groups[-1].append(k)
        else:
            groups.append([k])
    return groups


def pad(passes: Sequence[Pass]) -> Batch:
    """Put passes under each other, padded on the right with token 0."""
    lengths = np.array([len(one) for one in passes])
    width = int(lengths.max())
    ids = np.zeros((len(passes), width), np.int64)
    n_items = 0
    pooled, pooled_item, before = [], [], []
    for row, one in enumerate(passes):
        ids[row, : len(one)] = one.ids
        pooled.append(one.pooled + row * width)
        pooled_item.append(one.pooled_item + n_items)
        before.append(one.before + row * width)
        n_items += len(one.items)
    return Batch(
        ids=ids,
        lengths=lengths,
        items=np.concatenate([one.items for one in passes]),
        pooled=np.concatenate(pooled),
        pooled_item=np.concatenate(pooled_item),
        slots=np.concatenate([one.slots for one in passes]),
        before=np.concatenate(before),
        targets=np.concatenate([one.targets for one in passes]),
    )
