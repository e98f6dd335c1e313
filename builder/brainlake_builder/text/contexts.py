"""From a stimulus set and a recipe to passes: how much text each stimulus is read with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from brainlake.contract.recipe import Recipe
from brainlake.errors import BrainlakeError
from brainlake_builder.text.documents import (
    Stimuli,
    TokenizedDocument,
    group_by,
    refuse_alike,
    tokenize,
    whole_documents,
    word_windows,
)
from brainlake_builder.text.passes import NO_TARGET, Bool, Int64, Pass, Reading, Words, merge_prefix
from brainlake_builder.text.prefixes import join_prefixes, tokenize_prefixes
from brainlake_builder.text.prompts import Prompt, tokenize_with_prompt
from brainlake_builder.text.tokenizer import Encoder


@dataclass(frozen=True)
class Infilling:
    """How a model that fills gaps is asked for a word (T5's span corruption).

    The encoder reads the text before the word, ``gap`` and the closing tokens; the decoder reads ``start``, ``gap``
    and the word, and gives the probability of each of its tokens.

    Attributes
    ----------
    start, gap
        Token ids.
    """

    start: int
    gap: int


@dataclass(frozen=True)
class Limits:
    """What a model and a recipe say about the tokens of a pass.

    Attributes
    ----------
    window
        Most tokens in a pass, special tokens included.
    opening, closing
        Ids put before and after every text.
    causal
        Whether a token's state depends on earlier tokens alone.
    scores
        Whether a pass gives the probabilities of the tokens that it is fed.
    infilling
        How words are asked for otherwise.
    echo
        Whether the decoder is fed the ids of the encoder.
    """

    window: int
    opening: tuple[int, ...] = ()
    closing: tuple[int, ...] = ()
    causal: bool = True
    scores: bool = True
    infilling: Infilling | None = None
    echo: bool = False


def read_stimuli(
    stimuli: Stimuli, encoder: Encoder, recipe: Recipe, limits: Limits, prompt: Prompt | None = None
) -> Reading:
    """Passes that give every stimulus its activation and its probability, as the recipe says.

    Raises
    ------
    BrainlakeError
        If the tokenizer cannot tell the stimuli apart, or one is longer than the window.
    """
    if recipe.context == "accumulate":
        return _accumulate(stimuli, encoder, limits)
    whole = recipe.context == "document"
    documents = whole_documents(stimuli) if whole else word_windows(stimuli, recipe.window_words or 1)
    if prompt is None:
        return _read_documents(tokenize(encoder, documents), len(stimuli), recipe, limits, {})
    tokens, facts = tokenize_with_prompt(encoder, documents, prompt)
    return _read_documents(tokens, len(stimuli), recipe, limits, facts)


def _read_documents(
    documents: list[TokenizedDocument], n_items: int, recipe: Recipe, limits: Limits, facts: dict[str, object]
) -> Reading:
    start, stop = np.zeros(n_items, np.int64), np.zeros(n_items, np.int64)
    first, ends_text = np.zeros(n_items, np.bool_), np.zeros(n_items, np.bool_)
    passes: list[Pass] = []
    targets: list[Int64] = []
    slot = 0
    for tokens in documents:
        document = tokens.document
        items = np.array(document.items)[document.first_read :]
        starts, stops = tokens.starts[document.first_read :], tokens.stops[document.first_read :]
        skipped = int(starts[0])
        # One slot a token and one for the end of the text; a word that is asked for by itself has its own end.
        ends = np.arange(len(items)) if limits.infilling else np.zeros(len(items), np.int64)
        start[items], stop[items] = slot + starts - skipped + ends, slot + stops - skipped + ends
        first[items] = starts == 0
        if limits.infilling:
            ends_text[items] = _spaces_follow(tokens, recipe)
            targets += [np.append(tokens.ids[a:b], NO_TARGET) for a, b in zip(starts, stops, strict=True)]
            passes += _gaps(tokens, start[items], limits, limits.infilling)
        else:
            ends_text[items[-1]] = _ends_word(document.following, recipe)
            targets.append(np.append(tokens.ids[skipped:], NO_TARGET))
        passes += _read_windows(tokens, slot - skipped, recipe, limits)
        slot = int(stop[items[-1]]) + 1
    words = Words(start, stop, first, ends_text, np.concatenate(targets))
    return Reading(passes, words, _facts(limits) | facts)


def _ends_word(following: str, recipe: Recipe) -> bool:
    return following in ("", " ") or (recipe.boundary == "white_space" and following.isspace())


def _spaces_follow(tokens: TokenizedDocument, recipe: Recipe) -> Bool:
    document = tokens.document
    spans = document.spans[document.first_read :]
    following = [document.text[b : b + 1] for _, b in spans[:-1]] + [document.following]
    return np.array([_ends_word(character, recipe) for character in following])


def _windows(tokens: TokenizedDocument, size: int, recipe: Recipe, limits: Limits) -> Iterator[tuple[int, int, int]]:
    """Windows over a document: first token, first token owned, one past the last; each token is owned by one.

    A model that would see what comes later reads one prefix a stimulus. A causal one reads a text that fits at
    once; where it is longer, ``truncation=windows`` moves on by half a window, so that every token has at least
    half a window before it, and ``left`` gives each stimulus the whole window that ends with it.
    """
    read = slice(tokens.document.first_read, None)
    if not (limits.causal or recipe.future_leak):
        for own, last in zip(tokens.starts[read], tokens.last[read], strict=True):
            yield max(0, int(last) + 1 - size), int(own), int(last) + 1
        return
    n, half, ends = len(tokens.ids), size // 2, tokens.stops[read].tolist()
    sliding = recipe.truncation == "windows"
    later = range(size + half, n + half, half) if sliding else [stop for stop in ends if stop > size]
    first = min(n, size) if sliding else max((stop for stop in ends if stop <= size), default=0)
    own = int(tokens.starts[tokens.document.first_read])
    for stop in (first, *later):
        if own < stop:
            before = 0 if stop <= size else own + half - size if sliding else stop - size
            yield before, own, min(stop, n)
            own = stop


def _read_windows(tokens: TokenizedDocument, slot: int, recipe: Recipe, limits: Limits) -> Iterator[Pass]:
    """Passes over a document whose token 0 has the given slot."""
    document, items = tokens.document, np.array(tokens.document.items, np.int64)
    opening = _opening(tokens, limits)
    size = limits.window - len(opening) - len(limits.closing)
    if size < 2:
        raise BrainlakeError(f"{document.name}: a window of {limits.window} tokens is too short here")
    starts, last = tokens.starts, tokens.last
    targets = np.append(tokens.ids, NO_TARGET)
    for begin, own, stop in _windows(tokens, size, recipe, limits):
        places = np.flatnonzero((last >= own) & (last < stop))
        if recipe.pool == "last":
            pooled, pooled_item = last[places], np.arange(len(places))
        else:
            a, b = (int(starts[places[0]]), int(last[places[-1]]) + 1) if len(places) else (own, own)
            pooled = a + np.flatnonzero(~tokens.blank[a:b])
            pooled_item = tokens.owner[pooled] - (places[0] if len(places) else 0)
        if begin > own or (len(pooled) and pooled[0] < begin):
            a, b = document.spans[int(tokens.owner[own])]
            raise BrainlakeError(
                f"{document.name}: {document.text[a : min(b, a + 40)]!r}... is too long for a window of "
                f"{limits.window} tokens; use truncation=windows with pool=last, or a longer window"
            )
        # The window that owns a token gives its probability; the last one also the masses after the end.
        slots = np.arange(own, stop + (stop == len(tokens.ids)))
        before = slots - begin + len(opening) - 1
        known = (before >= 0) & limits.scores
        yield Pass(
            ids=np.array([*opening, *tokens.ids[begin:stop], *limits.closing], np.int64),
            items=items[places],
            pooled=pooled - begin + len(opening),
            pooled_item=pooled_item,
            slots=slot + slots[known],
            before=before[known],
            targets=targets[slots][known],
        )


def _opening(tokens: TokenizedDocument, limits: Limits) -> tuple[int, ...]:
    """Start token and prompt; a prompt that brings its own start token gets no second one."""
    brought = tokens.opening[: len(limits.opening)] == limits.opening
    return tokens.opening if brought else (*limits.opening, *tokens.opening)


def _gaps(tokens: TokenizedDocument, slots: Int64, limits: Limits, infilling: Infilling) -> Iterator[Pass]:
    """One pass a stimulus that asks the decoder for it, after all that precedes it."""
    nothing = np.array([], np.int64)
    opening = _opening(tokens, limits)
    size = limits.window - len(opening) - len(limits.closing) - 1
    begins, stops = tokens.starts[tokens.document.first_read :], tokens.stops[tokens.document.first_read :]
    for begin, stop, slot in zip(begins, stops, slots, strict=True):
        word = tokens.ids[begin:stop]
        yield Pass(
            ids=np.array([*opening, *tokens.ids[max(0, begin - size) : begin], infilling.gap, *limits.closing]),
            items=nothing,
            pooled=nothing,
            pooled_item=nothing,
            slots=slot + np.arange(len(word) + 1),
            before=1 + np.arange(len(word) + 1),
            targets=np.append(word, NO_TARGET),
            decoder_ids=np.array([infilling.start, infilling.gap, *word]),
        )


def _accumulate(stimuli: Stimuli, encoder: Encoder, limits: Limits) -> Reading:
    """One growing prefix a stimulus, with the tokenizer's own special tokens, cut on the left.

    As Brain-Score reads a text (``HuggingfaceSubject`` in brain-score/language at e5bf7b1): the last token is
    pooled, special or not, and a stimulus's own tokens are the last ones, as many as the prefix is longer than
    the one before; a first token that nothing precedes has no probability and is left out. Special tokens are
    counted once, although Brain-Score counts one more start token for every window that overflows.
    """
    size = limits.window - len(limits.opening) - len(limits.closing)
    start, stop = np.zeros(len(stimuli), np.int64), np.zeros(len(stimuli), np.int64)
    first = np.zeros(len(stimuli), np.bool_)
    passes: list[Pass] = []
    targets: list[Int64] = []
    whole: list[tuple[str, str, Sequence[int]]] = []
    slot = n_whole = 0
    for items in group_by(stimuli.context_ids).values():
        texts = join_prefixes([stimuli.texts[k] for k in items])
        prefixes = tokenize_prefixes(encoder, texts, size)
        if prefixes.n_tokens[-1] <= size:
            whole.append((f"{stimuli.name}/{stimuli.context_ids[items[0]]}", texts[-1], prefixes.ids[-1].tolist()))
        n_whole += prefixes.n_whole
        n_before = 0
        previous: Pass | None = None
        for item, body, n_tokens in zip(items, prefixes.ids, prefixes.n_tokens, strict=True):
            ids = np.array([*limits.opening, *body, *limits.closing], np.int64)
            n_new = max(n_tokens - n_before, 0)
            if n_new > size:
                raise BrainlakeError(f"{stimuli.name}: {stimuli.stimulus_ids[item]} is longer than the window ({size})")
            new = np.arange(len(ids) - n_new, len(ids))
            known = (new >= 1) & limits.scores
            one = Pass(
                ids=ids,
                items=np.array([item]),
                pooled=np.array([len(ids) - 1]),
                pooled_item=np.array([0]),
                slots=slot + np.arange(n_new)[known],
                before=new[known] - 1,
                targets=ids[new[known]],
                decoder_ids=ids if limits.echo else None,
            )
            merged = merge_prefix(previous, one) if limits.causal and previous else None
            if merged:
                passes.pop()
            previous = merged or one
            passes.append(previous)
            start[item], stop[item], first[item] = slot + n_new - known.sum(), slot + n_new, n_before == 0
            targets.append(ids[new])
            slot += n_new
            n_before = n_tokens
    refuse_alike(whole)
    targets.append(np.array([NO_TARGET]))
    words = Words(start, stop, first, np.zeros(len(stimuli), np.bool_), np.concatenate(targets))
    return Reading(passes, words, _facts(limits) | {"prefixes_tokenized_whole": n_whole})


def _facts(limits: Limits) -> dict[str, object]:
    return {
        "window": limits.window,
        "opening_ids": list(limits.opening),
        "closing_ids": list(limits.closing),
    }
