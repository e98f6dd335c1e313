"""Whether passes hold the tokens that they should, told from the text and the model's own tokenizer alone."""

import copy
from typing import Any

import numpy as np

from brainlake_builder.models.runner import Runner
from brainlake_builder.text.documents import Document, Stimuli, group_by, whole_documents, word_windows
from brainlake_builder.text.passes import Pass, Reading
from brainlake_builder.text.prefixes import join_prefixes

SAMPLE = 6
"""Stimuli that are looked at, from the first to the last."""


def wrong_tokens(runner: Runner, stimuli: Stimuli, reading: Reading) -> int:
    """Stimuli of a sample that are not read where they should be.

    A stimulus is read behind the tokens that open every text and all that comes before it in its document, as far
    as the window allows: all of it, or at least half a window; and at the tokens that its own characters lie in.
    """
    where = {int(item): (one, k) for one in reading.passes for k, item in enumerate(one.items)}
    chosen = set(np.linspace(0, len(stimuli) - 1, SAMPLE).astype(int).tolist())
    if runner.recipe.context == "accumulate":
        return _wrong_prefixes(runner, stimuli, {item: where[item] for item in chosen & where.keys()})
    whole = runner.recipe.context == "document"
    documents = whole_documents(stimuli) if whole else word_windows(stimuli, runner.recipe.window_words or 1)
    before = str(reading.facts.get("prompt", ""))
    return sum(
        item not in where or not _reads(runner, document, place, before, *where[item])
        for document in documents
        for place, item in enumerate(document.items)
        if item in chosen and place >= document.first_read
    )


def _reads(runner: Runner, document: Document, place: int, prompt: str, one: Pass, k: int) -> bool:
    """Whether a pass reads a stimulus of a document at its tokens, behind what comes before it."""
    tokenizer = runner.model.tokenizer
    text = prompt + document.text
    fed = tokenizer(
        text, add_special_tokens=False, return_offsets_mapping=True, split_special_tokens=not prompt, verbose=False
    )
    ids, own = fed["input_ids"], []
    a, b = (len(prompt) + edge for edge in document.spans[place])
    for token, (begin, end) in enumerate(fed["offset_mapping"]):
        solid = text[begin:end].strip() and tokenizer.convert_ids_to_tokens(ids[token]) not in ("Ġ", "▁", " ")
        if solid and begin < b and end > a:
            own.append(token)
    if runner.recipe.pool == "last":
        own = own[-1:]
    pooled = one.pooled[one.pooled_item == k]
    opening, closing = _around(runner)
    if ids[: len(opening)] == opening:
        opening = []
    n_before = len(opening) + sum(end <= len(prompt) for _, end in fed["offset_mapping"] if prompt)
    read = one.ids[: pooled[-1] + 1].tolist()
    whole = opening + ids[: own[-1] + 1]
    room = runner.limits.window - n_before - len(closing)
    if len(whole) - n_before <= room:
        complete = read == whole
    else:
        kept = read[n_before:]
        complete = read[:n_before] == whole[:n_before] and len(kept) >= room // 2 and whole[-len(kept) :] == kept
    return complete and np.array_equal(np.diff(pooled), np.diff(own))


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


def _wrong_prefixes(runner: Runner, stimuli: Stimuli, where: dict[int, tuple[Pass, int]]) -> int:
    """Stimuli whose pass differs from the tokenizer's own work, from join to truncation."""
    tokenizer: Any = copy.deepcopy(runner.model.tokenizer)
    tokenizer.truncation_side = "left"
    wrong = 0
    for group in group_by(stimuli.context_ids).values():
        for place in (p for p, item in enumerate(group) if item in where):
            text = join_prefixes([stimuli.texts[k] for k in group[: place + 1]])[place]
            ids = tokenizer(text, truncation=True, max_length=runner.limits.window, verbose=False)["input_ids"]
            one, k = where[group[place]]
            wrong += not np.array_equal(ids, one.ids[: one.pooled[k] + 1])
    return wrong
