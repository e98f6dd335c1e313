"""What all architectures share: windows, batches and their results."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from brainlake.contract.recipe import parse_recipe
from brainlake.errors import BrainlakeError
from brainlake_builder.models.runner import UNLIMITED, BatchResult, join_results, positions, text_window
from brainlake_builder.text.batching import pad

IDS, SHORTER = [5, 9, 7, 30, 12], [8, 6]


def network(model_type="gpt2", embedding=None, **facts):
    """A network of no use but to be asked for its positions."""
    made = nn.ModuleDict({"position_embeddings": embedding} if embedding else {})
    config = SimpleNamespace(model_type=model_type, **facts)
    config.get_text_config = lambda: config
    made.config = config
    return made


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (network(max_position_embeddings=64), 64),
        (network(seq_length=48), 48),
        (network(max_seq_len=32), 32),
        (network(max_position_embeddings=64, seq_length=48), 64),
        (network(), None),
        (network("mamba", max_position_embeddings=64), None),
        (network("roberta", nn.Embedding(66, 2, padding_idx=1), max_position_embeddings=66), 64),
        (network("bert", nn.Embedding(64, 2), max_position_embeddings=64), 64),
    ],
)
def test_positions_that_a_model_was_built_for(made, expected):
    assert positions(made) == expected


@pytest.mark.parametrize(
    ("recipe", "own", "declared", "window"),
    [
        ("document", 64, 32, 64),
        ("document", None, 32, 32),
        ("aw2024", 64, 32, 32),
        ("aw2024", 64, 10**30, 64),
        ("aw2024", None, 32, 32),
        ("document+max_tokens=64", 64, 32, 64),
        ("document+max_tokens=100", None, 32, 100),
    ],
)
def test_tokens_that_are_taken_at_once(recipe, own, declared, window):
    model = SimpleNamespace(tokenizer=SimpleNamespace(model_max_length=declared), network=network())
    assert text_window(model, parse_recipe(recipe), own) == window


def test_a_window_that_nobody_says():
    model = SimpleNamespace(
        tokenizer=SimpleNamespace(model_max_length=10**30),
        network=network(),
        identity=SimpleNamespace(model="small"),
    )
    with pytest.raises(BrainlakeError, match=r"small does not say how long its texts may be; add \+max_tokens=N"):
        text_window(model, parse_recipe("document"), None)
    model.network = network("mamba")
    assert text_window(model, parse_recipe("document"), None) == UNLIMITED


def test_more_tokens_than_a_model_takes(runner):
    with pytest.raises(BrainlakeError, match=r"max_tokens=65 is more than gpt2 takes \(64\)"):
        runner("gpt2", "document+max_tokens=65")


def result(n_items, n_slots, start=0):
    items, slots = np.arange(start, start + n_items), np.arange(start, start + n_slots)
    scores = (slots.astype(np.float32) + k for k in range(4))
    return BatchResult(items, torch.arange(2.0 * n_items * 3).reshape(2, n_items, 3), slots, *scores)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=4))
def test_results_are_joined_by_stimulus_and_by_slot(sizes):
    parts = [result(n_items, n_slots, 10 * k) for k, (n_items, n_slots) in enumerate(sizes)]
    joined = join_results(parts)
    n_items, n_slots = map(sum, zip(*sizes, strict=True))
    assert joined.activations.shape == (2, n_items, 3)
    assert joined.items.shape == (n_items,)
    assert {len(x) for x in (joined.slots, joined.log_p, joined.log_new, joined.log_opening, joined.entropy)} == {
        n_slots
    }
    a = s = 0
    for part in parts:
        b, t = a + len(part.items), s + len(part.slots)
        np.testing.assert_array_equal(joined.activations[:, a:b], part.activations)
        np.testing.assert_array_equal(joined.entropy[s:t], part.entropy)
        a, s = b, t


def test_a_batch_gives_what_its_passes_give_alone_by_the_network_s_own_word(runner, one_pass):
    passes = [one_pass(IDS, item=3), one_pass(SHORTER, item=1)]
    with runner("gpt2") as made:
        together = made.run(pad(passes))
        alone = join_results([made.run(pad([one])) for one in passes])
        assert together.items.tolist() == [3, 1]
        for name in vars(together):
            np.testing.assert_allclose(getattr(together, name), getattr(alone, name), rtol=1e-4, atol=1e-5)
        with torch.inference_mode():
            output = made.network(input_ids=torch.tensor([IDS]), output_hidden_states=True)
    log_p = output.logits[0].double().log_softmax(-1)
    np.testing.assert_allclose(together.log_p[:4], [log_p[k, IDS[k + 1]] for k in range(4)], rtol=1e-4)
    np.testing.assert_allclose(together.entropy[:4], -(log_p.exp() * log_p).sum(-1)[:4], rtol=1e-4)
    for layer in range(3):  # a final norm has gone over the last
        np.testing.assert_allclose(together.activations[layer, 0], output.hidden_states[layer][0, -1], rtol=1e-4)


def test_what_is_observed_is_what_is_read(runner, one_pass):
    with runner("llama") as made:
        reference, read = made.observe(one_pass(IDS))
        np.testing.assert_allclose(read.numpy(), made.run(pad([one_pass(IDS)])).activations, rtol=1e-5, atol=1e-6)
        assert torch.equal(reference.hidden[0][2][0, -1], read[2, 0])


def test_hooks_come_off_at_the_end(runner):
    made = runner("gpt2", surprisal=False)

    def hooks():
        return sum(len(module._forward_hooks) + len(module._forward_pre_hooks) for module in made.network.modules())

    assert hooks() == 0
    with made:
        assert hooks() == len(made.taps) == 4
    assert hooks() == 0


def test_activations_alone_take_no_head(runner):
    with runner("gpt2", surprisal=False) as made:
        assert made.head is None
        assert not made.limits.scores


def test_the_mask_is_of_tokens(runner, one_pass):
    batch = pad([one_pass(IDS), one_pass(SHORTER)])
    assert runner("gpt2").mask(batch).tolist() == [[1, 1, 1, 1, 1], [1, 1, 0, 0, 0]]


def test_a_tokenizer_without_spaces_tells_no_word_from_the_next(runner, monkeypatch):
    made = runner("gpt2")
    monkeypatch.setattr(made.encoder, "spaces", "none")
    with pytest.raises(BrainlakeError, match=r"tokenizer of gpt2 does not keep spaces.*use \+boundary=none"):
        made.__enter__()
    made.__exit__()
    bare = runner("gpt2", "document+boundary=none")
    monkeypatch.setattr(bare.encoder, "spaces", "none")
    with bare:
        assert bare.begins is None


def test_tokens_that_begin_a_word_start_with_a_space_or_end_the_text(runner):
    with runner("gpt2") as made:
        surfaces = made.model.tokenizer.convert_ids_to_tokens(range(len(made.begins)))
    assert made.begins.tolist() == [token.startswith("Ġ") or token == "<|end|>" for token in surfaces]
