"""Whether the probabilities of a stimulus are those of its own tokens, each behind all that comes before it."""

import numpy as np

from brainlake_builder.extraction.token_checks import Expected, expected_prefixes, expected_tokens
from brainlake_builder.models.runner import Runner
from brainlake_builder.text.documents import Stimuli
from brainlake_builder.text.passes import Pass, Reading

Where = dict[int, tuple[Pass, int]]
"""Pass, and place among its distributions, that fills a slot of the table of tokens."""


def wrong_targets(runner: Runner, stimuli: Stimuli, reading: Reading) -> int:
    """Stimuli of a sample whose tokens are not asked for, in their slots, behind the tokens before them.

    Told from the text and the model's own tokenizer alone, as
    :func:`~brainlake_builder.extraction.token_checks.wrong_tokens` is.
    """
    where = {int(slot): (one, k) for one in reading.passes for k, slot in enumerate(one.slots)}
    if runner.recipe.context == "accumulate":
        prefixes = expected_prefixes(runner, stimuli)
        return sum(not _adds(reading, where, item, ids, n_new) for item, ids, n_new in prefixes)
    asked = _fills if runner.limits.infilling else _predicts
    return sum(not asked(runner, reading, where, one) for one in expected_tokens(runner, stimuli, reading))


def _slots(reading: Reading, item: int) -> range:
    return range(int(reading.words.start[item]), int(reading.words.stop[item]))


def _predicts(runner: Runner, reading: Reading, where: Where, expected: Expected) -> bool:
    """Whether each token of a stimulus is predicted from what is fed before it."""
    tokens = range(expected.begin, expected.end)
    slots = _slots(reading, expected.item)
    if len(slots) != len(tokens):
        return False
    together = runner.recipe.truncation == "left"  # a stimulus is read in one window, and not cut
    for token, slot in zip(tokens, slots, strict=True):
        if token == 0 and not expected.opening:  # nothing comes before it
            if slot in where:
                return False
            continue
        if slot not in where:
            return False
        one, k = where[slot]
        fed = one.ids[: one.before[k] + 1].tolist()
        complete = expected.complete(fed, token, runner.limits.window, later=tokens.stop - token if together else 1)
        if not complete or one.targets[k] != expected.ids[token]:
            return False
    return True


def _fills(runner: Runner, reading: Reading, where: Where, expected: Expected) -> bool:
    """Whether a stimulus is asked for, token by token, as what a gap behind the text holds."""
    asked = runner.limits.infilling
    assert asked is not None
    word = expected.ids[expected.begin : expected.end]
    slots = _slots(reading, expected.item)
    if len(slots) != len(word):
        return False
    behind = [asked.gap, *expected.closing]
    for n, slot in enumerate(slots):
        one, k = where.get(slot, (None, 0))
        if one is None or one.decoder_ids is None or one.targets[k] != word[n]:
            return False
        if one.decoder_ids[: one.before[k] + 1].tolist() != [asked.start, asked.gap, *word[:n]]:
            return False
        before, rest = one.ids[: -len(behind)].tolist(), one.ids[-len(behind) :].tolist()
        if rest != behind or not expected.complete(before, expected.begin, runner.limits.window, later=1):
            return False
    return True


def _adds(reading: Reading, where: Where, item: int, ids: list[int], n_new: int) -> bool:
    """Whether the last tokens of a prefix, as many as it adds, are those that are asked for."""
    slots = _slots(reading, item)
    first = len(ids) - n_new
    if len(slots) != n_new - (first == 0 and n_new > 0):
        return False
    for token, slot in enumerate(slots, start=len(ids) - len(slots)):
        one, k = where.get(slot, (None, 0))
        if one is None:
            return False
        fed = one.ids if one.decoder_ids is None else one.decoder_ids
        if one.targets[k] != ids[token] or not np.array_equal(fed[: one.before[k] + 1], ids[:token]):
            return False
    return True
