"""Whether passes hold the tokens that they should, told from the text and the model's own tokenizer alone."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from brainlake_builder.models.runner import Runner
from brainlake_builder.text.documents import Document, Stimuli, group_by, whole_documents, word_windows
from brainlake_builder.text.passes import Pass, Reading
from brainlake_builder.text.prefixes import join_prefixes

SAMPLE = 6
"""Stimuli that are looked at, from the first to the last."""


@dataclass(frozen=True)
class Expected:
    """What the model's own tokenizer makes of the text of a stimulus and all that stands before it.

    Attributes
    ----------
    item
        The stimulus.
    opening, closing
        Tokens around every text; none before one whose prompt brings them.
    ids
        Tokens of the prompt and the document.
    n_prompt
        Tokens of the prompt among them.
    begin, end
        First token behind those of the stimulus before it, and one past its last: white space goes with the stimulus
        that it precedes, and at the end of a text with the last.
    own
        Tokens that the stimulus's own characters lie in, in ascending order.
    """

    item: int
    opening: list[int]
    closing: list[int]
    ids: list[int]
    n_prompt: int
    begin: int
    end: int
    own: list[int]

    def complete(self, read: list[int], stop: int, window: int, later: int = 0) -> bool:
        """Whether tokens are the first ``stop`` of the text, or as many of its last ones as the window allows.

        Parameters
        ----------
        read
            The tokens.
        stop
            How many of the document's, the prompt's included, there should be.
        window
            Tokens of a pass.
        later
            Tokens behind them that have to be in the same pass.
        """
        whole, n_before = self.opening + self.ids[:stop], len(self.opening) + self.n_prompt
        room = window - n_before - len(self.closing)
        if len(whole) - n_before + later <= room:
            return read == whole
        kept, least = read[n_before:], max(0, min(room // 2, room - later))
        right = read[:n_before] == whole[:n_before] and whole[len(whole) - len(kept) :] == kept
        return right and len(kept) >= least


def chosen(n: int) -> set[int]:
    """Places of the stimuli that are looked at, of ``n``."""
    return set(np.linspace(0, n - 1, SAMPLE).astype(int).tolist())


def wrong_tokens(runner: Runner, stimuli: Stimuli, reading: Reading) -> int:
    """Stimuli of a sample that are not read where they should be.

    A stimulus is read behind the tokens that open every text and all that comes before it in its document, as far
    as the window allows: all of it, or at least half a window; and at the tokens that its own characters lie in.
    Where a network sees what comes later, that is what closes every text, and no more.
    """
    where = {int(item): (one, k) for one in reading.passes for k, item in enumerate(one.items)}
    if runner.recipe.context == "accumulate":
        return sum(
            item not in where or not _is_prefix(runner, ids, *where[item])
            for item, ids, _ in expected_prefixes(runner, stimuli)
        )
    return sum(
        one.item not in where or not _reads(runner, one, *where[one.item])
        for one in expected_tokens(runner, stimuli, reading)
    )


def expected_tokens(runner: Runner, stimuli: Stimuli, reading: Reading) -> Iterator[Expected]:
    """What a sample of stimuli should be read as, in the contexts ``document`` and ``window``."""
    some = chosen(len(stimuli))
    whole = runner.recipe.context == "document"
    prompt = str(reading.facts.get("prompt", ""))
    for document in whole_documents(stimuli) if whole else word_windows(stimuli, runner.recipe.window_words or 1):
        places = [p for p, item in enumerate(document.items) if item in some and p >= document.first_read]
        if places:
            yield from _expected(runner, document, prompt, places)


def _expected(runner: Runner, document: Document, prompt: str, places: list[int]) -> Iterator[Expected]:
    tokenizer = runner.model.tokenizer
    text = prompt + document.text
    fed = tokenizer(
        text, add_special_tokens=False, return_offsets_mapping=True, split_special_tokens=not prompt, verbose=False
    )
    ids, spans = fed["input_ids"], fed["offset_mapping"]
    n_prompt = sum(end <= len(prompt) for _, end in spans if prompt)
    opening, closing = _around(runner)
    if ids[: len(opening)] == opening:
        opening = []
    solid: list[tuple[int, int, int]] = []
    for token, (a, b) in enumerate(spans):
        letters = text[a:b].strip()
        if letters and tokenizer.convert_ids_to_tokens(ids[token]) not in ("Ġ", "▁", " "):
            # A text may end in the space that its successor's first token begins with.
            begin = a + text[a:b].index(letters)
            solid.append((token, begin, begin + len(letters)))

    def own(place: int) -> list[int]:
        a, b = (len(prompt) + edge for edge in document.spans[place])
        return [token for token, begin, end in solid if begin < b and end > a]

    for place in places:
        begin = own(place - 1)[-1] + 1 if place else n_prompt
        end = len(ids) if place == len(document.items) - 1 else own(place)[-1] + 1
        yield Expected(document.items[place], opening, closing, ids, n_prompt, begin, end, own(place))


def expected_prefixes(runner: Runner, stimuli: Stimuli) -> Iterator[tuple[int, list[int], int]]:
    """What a sample of stimuli should be read as in the context ``accumulate``.

    Returns
    -------
    item, ids, n_new
        The stimulus; its prefix, the tokenizer's own work from join to truncation; and the tokens that it adds to the
        prefix before it.
    """
    tokenizer: Any = copy.deepcopy(runner.model.tokenizer)
    tokenizer.truncation_side = "left"
    some = chosen(len(stimuli))
    for group in group_by(stimuli.context_ids).values():
        if some.isdisjoint(group):
            continue
        texts = join_prefixes([stimuli.texts[k] for k in group])
        for place in (p for p, item in enumerate(group) if item in some):
            cut = tokenizer(texts[place], truncation=True, max_length=runner.limits.window, verbose=False)
            whole, before = (
                len(tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])
                for text in (texts[place], texts[place - 1] if place else "")
            )
            yield group[place], cut["input_ids"], max(whole - before, 0)


def _reads(runner: Runner, expected: Expected, one: Pass, k: int) -> bool:
    """Whether a pass reads a stimulus at its tokens, behind what comes before it."""
    own = expected.own[-1:] if runner.recipe.pool == "last" else expected.own
    pooled = one.pooled[one.pooled_item == k]
    read, rest = one.ids[: pooled[-1] + 1].tolist(), one.ids[pooled[-1] + 1 :].tolist()
    closed = runner.limits.causal or runner.recipe.future_leak or rest == expected.closing
    # Under truncation=left a window ends with the stimulus, white space at the end of its text included.
    behind = expected.end - own[-1] - 1 if runner.recipe.truncation == "left" else 0
    complete = expected.complete(read, own[-1] + 1, runner.limits.window, later=behind)
    return closed and complete and np.array_equal(np.diff(pooled), np.diff(own))


def _around(runner: Runner) -> tuple[list[int], list[int]]:
    """What stands before and behind every text by the recipe: a start token, the tokenizer's own tokens, or nothing."""
    tokenizer, kind = runner.model.tokenizer, runner.model.kind
    if kind == "decoder" and runner.recipe.start == "bos":
        return [t for t in [tokenizer.bos_token_id] if t is not None], []
    if kind != "encoder-decoder" and runner.recipe.start == "none":
        return [], []
    bare, full = tokenizer("a", add_special_tokens=False)["input_ids"], tokenizer("a")["input_ids"]
    at = next(k for k in range(len(full)) if full[k : k + len(bare)] == bare)
    return full[:at], full[at + len(bare) :]


def _is_prefix(runner: Runner, ids: list[int], one: Pass, k: int) -> bool:
    """Whether a pass is a prefix as the tokenizer makes it, read at its last token."""
    fed = one.ids[: one.pooled[k] + 1] if runner.limits.causal else one.ids
    return fed.tolist() == ids and int(one.pooled[k]) == len(ids) - 1
