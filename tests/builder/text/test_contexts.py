"""Passes: every token owned once, with enough before it, whatever the lengths."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brainlake.contract.recipe import parse_recipe
from brainlake.errors import BrainlakeError
from brainlake_builder.text.batching import VALUES, Budget, pad, schedule
from brainlake_builder.text.contexts import Limits, read_stimuli
from brainlake_builder.text.documents import Stimuli
from brainlake_builder.text.passes import NO_TARGET, Pass, cut, merge_prefix
from brainlake_builder.text.tokenizer import Encoder

WORDS = ["wolf", "Don't", "sheep", "a", "boy", "übermütig", "came,"]


@pytest.fixture(scope="module")
def encoder(tokenizers):
    return Encoder(tokenizers["metaspace"])


def reading(make_stimuli, encoder, documents, recipe, **limits):
    stimuli = Stimuli.from_table("set", make_stimuli("set", documents))
    return read_stimuli(stimuli, encoder, parse_recipe(recipe), Limits(**limits))


@given(
    lengths=st.lists(st.integers(1, 60), min_size=1, max_size=4),
    window=st.integers(26, 60),
    opening=st.sampled_from([(), (1,)]),
    recipe=st.sampled_from(["document", "document+truncation=left", "document+pool=mean+truncation=left"]),
)
@settings(max_examples=60, deadline=None)
def test_every_token_is_owned_once(make_stimuli, encoder, lengths, window, opening, recipe):
    documents = [[WORDS[(k * 3 + n) % len(WORDS)] for k in range(n)] for n in lengths]
    found = reading(make_stimuli, encoder, documents, recipe, window=window, opening=opening)
    passes, words = found.passes, found.words
    assert all(len(one) <= window for one in passes)
    assert sorted(np.concatenate([one.items for one in passes])) == list(range(sum(lengths)))
    slots = np.concatenate([one.slots for one in passes])
    unknown = [] if opening else words.start[words.first]
    assert sorted([*slots, *unknown]) == list(range(len(words.targets)))
    for one in passes:
        assert np.array_equal(one.targets, words.targets[one.slots])
        known = one.targets != NO_TARGET
        assert np.array_equal(one.ids[one.before[known] + 1], one.targets[known])
        assert one.ids[: len(opening)].tolist() == list(opening)
    assert words.start[0] == 0
    assert words.stop[-1] == len(words.targets) - 1


def test_half_a_window_before_every_token(make_stimuli, encoder):
    found = reading(make_stimuli, encoder, [WORDS * 30], "document", window=41, opening=(1,))
    assert len(found.passes) > 3
    for one in found.passes[1:]:
        assert one.before.min() >= 20


def test_left_truncation_gives_every_stimulus_a_whole_window(make_stimuli, encoder):
    found = reading(make_stimuli, encoder, [WORDS * 10], "document+truncation=left", window=41)
    assert all(len(one) == 41 for one in found.passes[1:])
    assert all(one.items.tolist() == [one.items[0]] and one.pooled[0] == 40 for one in found.passes[1:])


@pytest.mark.parametrize("recipe", ["document+truncation=left", "document+pool=mean"])
def test_a_stimulus_longer_than_the_window_is_an_error(recipe, make_stimuli, encoder):
    with pytest.raises(BrainlakeError, match=r"set/d0: 'wolf sheep.* is too long for a window of 20 tokens"):
        reading(make_stimuli, encoder, [["a", "wolf sheep " * 20]], recipe, window=20)


def test_a_part_longer_than_the_window_is_an_error(make_stimuli, encoder):
    with pytest.raises(BrainlakeError, match=r"set: 0.1 is longer than the window \(20\)"):
        reading(make_stimuli, encoder, [["a", "wolf sheep " * 20]], "aw2024", window=20)


def test_windows_of_words_read_the_last_one(make_stimuli, encoder):
    found = reading(make_stimuli, encoder, [WORDS], "document+context=window+window_words=3", window=64, opening=(1,))
    assert [one.items.tolist() for one in found.passes] == [[k] for k in range(len(WORDS))]
    (expected,) = encoder.encode([" ".join(WORDS[2:5])])
    assert found.passes[4].ids.tolist() == [1, *expected.ids]
    assert found.words.first.tolist() == [True] + [False] * 6
    assert found.words.ends_text.all()


def test_a_word_that_goes_on_does_not_end(make_stimuli, tokenizers):
    encoder = Encoder(tokenizers["byte_level"])
    table = make_stimuli("set", [["wolf", "!", "came"]])
    place = table.schema.get_field_index("separator")
    stimuli = Stimuli.from_table("set", table.set_column(place, "separator", [["", "", " "]]))
    found = read_stimuli(stimuli, encoder, parse_recipe("document+context=none"), Limits(64, (0,)))
    assert found.words.ends_text.tolist() == [False, True, True]


def test_prefixes_of_one_text_share_a_pass(make_stimuli, encoder):
    found = reading(make_stimuli, encoder, [WORDS], "aw2024", window=64, opening=(1,))
    assert len(found.passes) == 1
    apart = reading(make_stimuli, encoder, [WORDS], "aw2024", window=64, opening=(1,), causal=False)
    assert len(apart.passes) == len(WORDS)
    for k, one in enumerate(apart.passes):
        assert found.passes[0].pooled[k] == len(one) - 1


def test_merge_and_cut_undo_each_other(make_stimuli, encoder):
    """But for the next word's first token, whose distribution the shorter text gives too."""
    apart = reading(make_stimuli, encoder, [WORDS], "aw2024", window=64, opening=(1,), causal=False).passes
    merged = merge_prefix(apart[2], apart[3])
    again = cut(merged, len(apart[2]))
    for field in ("ids", "items", "pooled", "pooled_item"):
        assert np.array_equal(getattr(again, field), getattr(apart[2], field))
    for field in ("slots", "before", "targets"):
        assert np.array_equal(getattr(again, field)[:-1], getattr(apart[2], field))
    assert merge_prefix(apart[3], apart[2]) is None


@given(
    lengths=st.lists(st.integers(1, 50), min_size=1, max_size=40),
    budget=st.integers(1, 300),
    part=st.integers(1, 600),
    n_values=st.sampled_from([1, VALUES // 2, VALUES * 2]),
)
def test_a_schedule_holds_every_pass_once_within_the_budget(lengths, budget, part, n_values):
    nothing = np.array([], np.int64)
    passes = [Pass(np.arange(n), np.array([k]), *[nothing] * 5) for k, n in enumerate(lengths)]
    parts = schedule(passes, Budget(budget, part), n_values)
    assert sorted(k for part in parts for batch in part for k in batch) == list(range(len(lengths)))
    for batches in parts:
        items = sum(map(len, batches))
        assert len(batches) == 1 or sum(lengths[k] for batch in batches for k in batch) <= part
        assert items == 1 or items * n_values <= VALUES
        for batch in batches:
            assert len(batch) == 1 or len(batch) * max(lengths[k] for k in batch) <= budget


def test_padding_keeps_places(make_stimuli, encoder):
    passes = reading(make_stimuli, encoder, [WORDS, WORDS[:3]], "document+pool=mean", window=64, opening=(1,)).passes
    batch = pad(passes)
    flat = batch.ids.reshape(-1)
    assert np.array_equal(flat[batch.pooled], np.concatenate([one.ids[one.pooled] for one in passes]))
    assert np.array_equal(flat[batch.before], np.concatenate([one.ids[one.before] for one in passes]))
    assert batch.items[batch.pooled_item].tolist() == [i for one in passes for i in one.items[one.pooled_item]]
