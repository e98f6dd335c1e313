"""Probabilities are held against the tokenizer's own work on the text: what is moved is counted."""

from dataclasses import replace

import numpy as np
import pytest

from brainlake_builder.extraction.target_checks import wrong_targets
from brainlake_builder.extraction.token_checks import SAMPLE, wrong_tokens
from brainlake_builder.text.contexts import read_stimuli
from brainlake_builder.text.documents import Stimuli

TEXT = "The boy cried wolf, and nobody came; the sheep ran away over the hill. Don't you think so?"
DOCUMENTS = [TEXT.split() * 2, ["He", "walked", "until", "the sun", "was", "down."]]
RIGHT = {
    "gpt2": [
        "document",
        "document+max_tokens=20",
        "document+max_tokens=20+truncation=left",
        "document+start=none",
        "document+context=window+window_words=3",
        "document+prompt=chat",
        "document+prompt=chat+max_tokens=60",
        "aw2024",
        "aw2024+max_tokens=10",
    ],
    "llama": ["document", "document+start=own", "document+prompt=chat", "aw2024+max_tokens=10", "aw2024.wehbe"],
    "t5": ["document", "document+max_tokens=12", "document+context=window+window_words=3", "aw2024", "aw2024.wehbe"],
}


FAULTS = {
    "the token before": lambda one: replace(one, before=np.maximum(one.before - 1, 0)),
    "the token behind": lambda one: replace(one, before=one.before + 1),
    "another target": lambda one: replace(one, targets=one.targets + 1),
    "another slot": lambda one: replace(one, slots=one.slots + 1),
    "left out": lambda one: replace(one, slots=one.slots[:0], before=one.before[:0], targets=one.targets[:0]),
    "other tokens before": lambda one: replace(
        one, ids=np.flip(one.ids), decoder_ids=None if one.decoder_ids is None else np.flip(one.decoder_ids)
    ),
}


@pytest.fixture
def read(reader):
    return reader(DOCUMENTS)


@pytest.mark.parametrize(("name", "recipe"), [(name, recipe) for name in RIGHT for recipe in RIGHT[name]])
def test_what_is_asked_for_right_passes_and_what_is_moved_is_counted(name, recipe, read):
    runner, stimuli, reading = read(name, recipe)
    assert wrong_targets(runner, stimuli, reading) == 0
    for what, fault in FAULTS.items():
        other = replace(reading, passes=[fault(one) for one in reading.passes])
        assert wrong_targets(runner, stimuli, other) >= SAMPLE - 1, what
    words = replace(reading.words, start=reading.words.start + 1, stop=reading.words.stop + 1)
    assert wrong_targets(runner, stimuli, replace(reading, words=words)) >= SAMPLE - 1


@pytest.mark.parametrize("recipe", ["document", "document+prompt=chat"])
def test_words_that_are_cut_off_from_their_text(recipe, read):
    """Every text without its first token: what precedes the later ones is not all that there is."""
    runner, stimuli, reading = read("gpt2", recipe)
    n = len(runner.limits.opening)
    cut = [replace(one, ids=np.delete(one.ids, n), before=np.maximum(one.before - 1, 0)) for one in reading.passes]
    assert wrong_targets(runner, stimuli, replace(reading, passes=cut)) >= SAMPLE - 1


@pytest.mark.parametrize("name", ["gpt2", "llama", "t5"])
@pytest.mark.parametrize(
    "recipe",
    [
        "document",
        "document+context=window+window_words=2",
        "document+max_tokens=20",
        *(f"document+max_tokens={n}+truncation=left" for n in range(20, 30)),
    ],
)
def test_texts_that_bring_the_space_behind_them(name, recipe, read, make_stimuli):
    """As those of Blank2014 do: the token of the next text begins with it, and the last text has it for itself."""
    runner, _, _ = read(name, recipe)
    stimuli = Stimuli.from_table("words", make_stimuli("words", [[f"{word} " for word in TEXT.split()]], separator=""))
    reading = read_stimuli(stimuli, runner.encoder, runner.recipe, runner.limits)
    assert wrong_targets(runner, stimuli, reading) == wrong_tokens(runner, stimuli, reading) == 0
