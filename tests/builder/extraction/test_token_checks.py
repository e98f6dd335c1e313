"""Passes are held against the text and the tokenizer's own work: what is right passes, what is moved is counted."""

from dataclasses import replace

import numpy as np
import pytest

from brainlake_builder.extraction.token_checks import SAMPLE, wrong_tokens

from . import faults

TEXT = "The boy cried wolf, and nobody came; the sheep ran away over the hill. Don't you think so?"
DOCUMENTS = [TEXT.split() * 2, ["He", "walked", "until", "the", "sun", "was", "down."]]
RECIPES = {
    "gpt2": [
        "document",
        "document+pool=mean",
        "document+max_tokens=20",
        "document+max_tokens=20+truncation=left",
        "document+start=none",
        "document+context=none",
        "document+context=window+window_words=3",
        "aw2024",
        "aw2024+max_tokens=10",
        "aw2024.wehbe",
    ],
    "llama": ["document", "document+start=own", "document+max_tokens=20", "aw2024", "aw2024+max_tokens=10"],
    "bert": ["document", "document+start=none", "document+future_leak=true", "aw2024"],
    "t5": ["document", "document+pool=mean", "aw2024"],
}


@pytest.fixture
def read(reader):
    return reader(DOCUMENTS)


@pytest.mark.parametrize(("name", "recipe"), [(name, recipe) for name in RECIPES for recipe in RECIPES[name]])
def test_what_is_read_right_passes(name, recipe, read):
    assert wrong_tokens(*read(name, recipe)) == 0


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        (name, fault)
        for name in RECIPES
        for fault, check in faults.WITHIN.items()
        if check == "tokens" and (name, fault) != ("t5", "start_token_missing")  # it has no start token
    ],
)
def test_what_is_moved_is_counted(name, fault, read, monkeypatch):
    runner, stimuli, reading = read(name, "document")
    assert wrong_tokens(runner, stimuli, getattr(faults, fault)(runner, reading, monkeypatch)) > 0


@pytest.mark.parametrize("name", ["gpt2", "llama"])
@pytest.mark.parametrize("recipe", ["document+prompt=chat", "document+prompt=chat+max_tokens=60"])
@pytest.mark.parametrize("fault", [None, *(fault for fault, check in faults.WITHIN.items() if check == "tokens")])
def test_behind_a_prompt_all_tokens_are_looked_at(name, recipe, fault, read, monkeypatch):
    runner, stimuli, reading = read(name, recipe)
    if fault:
        reading = getattr(faults, fault)(runner, reading, monkeypatch)
    assert (wrong_tokens(runner, stimuli, reading) > 0) == bool(fault)


@pytest.mark.parametrize("recipe", ["document", "aw2024+readout=residual", "document+context=window+window_words=3"])
def test_every_stimulus_of_the_sample_that_reads_other_ids_is_counted(recipe, read):
    runner, stimuli, reading = read("gpt2", recipe)
    other = [replace(one, ids=np.flip(one.ids) + 1) for one in reading.passes]
    assert wrong_tokens(runner, stimuli, replace(reading, passes=other)) == SAMPLE


@pytest.mark.parametrize(("name", "recipe"), [("bert", "document"), ("bert", "aw2024"), ("t5", "document")])
@pytest.mark.parametrize("change", [lambda ids: ids[:-1], lambda ids: np.append(ids, ids[-1])])
def test_where_later_tokens_are_seen_a_text_is_closed_once(change, name, recipe, read):
    runner, stimuli, reading = read(name, recipe)
    other = [replace(one, ids=change(one.ids)) for one in reading.passes]
    assert wrong_tokens(runner, stimuli, replace(reading, passes=other)) == SAMPLE


def test_a_stimulus_that_no_pass_reads_is_counted(read):
    runner, stimuli, reading = read("gpt2", "document+context=none")
    last = len(stimuli) - 1
    kept = [one for one in reading.passes if last not in one.items]
    assert len(kept) == len(reading.passes) - 1
    assert wrong_tokens(runner, stimuli, replace(reading, passes=kept)) == 1
