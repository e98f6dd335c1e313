"""Where a network's blocks are found, where a readout reads them, and what is kept of what they put out."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from brainlake.errors import BrainlakeError
from brainlake_builder.models.blocks import Pooling, Recorder, Tap, find_stacks, headless, hook_states, taps
from brainlake_builder.models.loading import load_model


@pytest.fixture(scope="module")
def network(model_folder):
    return lambda name: load_model(str(model_folder(name)))


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("gpt2", [("transformer.h", 3)]),
        ("opt", [("model.decoder.layers", 3)]),
        ("bert", [("bert.encoder.layer", 3)]),
        ("t5", [("encoder.block", 2), ("decoder.block", 3)]),
    ],
)
def test_the_blocks_of_each_stack(name, places, network):
    model = network(name)
    stacks = find_stacks(model.network, model.kind)
    assert [(path, len(blocks)) for path, blocks in stacks] == places
    assert all(model.network.get_submodule(path) is blocks for path, blocks in stacks)


def test_a_network_without_a_list_of_so_many_blocks():
    config = SimpleNamespace(num_hidden_layers=4)
    config.get_text_config = lambda: config
    network = nn.Sequential(nn.ModuleList([nn.Identity()] * 3))
    network.config = config
    with pytest.raises(BrainlakeError, match="Sequential has no list of 4 blocks: how it is built is not known"):
        find_stacks(network, "decoder")


@pytest.mark.parametrize("name", ["gpt2", "llama", "opt", "bert"])
def test_without_its_head_no_vocabulary_is_left(name, network):
    whole = network(name).network
    assert headless(whole).get_output_embeddings() is None
    assert headless(whole) in list(whole.modules())


def test_a_network_in_which_no_model_without_its_head_is_found(network):
    with pytest.raises(BrainlakeError, match="T5ForConditionalGeneration: no model without its head is found in it"):
        headless(network("t5").network)


def stack(n, **inside):
    return nn.ModuleList([nn.ModuleDict({name: nn.Identity() for name in inside}) for _ in range(n)])


def test_layers_of_a_second_stack_go_on_behind_the_first():
    encoder, decoder = stack(2), stack(3)
    found = taps([("encoder.block", encoder), ("decoder.block", decoder)], "residual", "t5")
    assert [tap.layer for tap in found] == list(range(7))
    assert [tap.module for tap in found] == [encoder[0], *encoder, decoder[0], *decoder]
    assert [tap.entering for tap in found] == [True, False, False, True, False, False, False]
    assert [tap.name for tap in found[2:4]] == ["encoder.block.1", "input of decoder.block.0"]


def test_a_path_inside_a_block_has_no_embedding():
    blocks = stack(2, mlp=1)
    found = taps([("layers", blocks)], "mlp", "llama")
    assert [(tap.layer, tap.name, tap.module) for tap in found] == [
        (1, "layers.0.mlp", blocks[0]["mlp"]),
        (2, "layers.1.mlp", blocks[1]["mlp"]),
    ]


@pytest.mark.parametrize(("model_type", "end"), [("llama", ".post_attention_layernorm"), ("gemma2", "")])
def test_the_paper_s_readout_goes_by_architecture(model_type, end):
    found = taps([("layers", stack(2, post_attention_layernorm=1))], "paper", model_type)
    assert [(tap.layer, tap.name) for tap in found] == [(1, f"layers.0{end}"), (2, f"layers.1{end}")]


def test_a_module_that_blocks_do_not_have_is_refused_with_those_they_have():
    with pytest.raises(BrainlakeError, match="readout 'attn': no such module in every block; one has mlp, norm"):
        taps([("layers", stack(2, mlp=1, norm=1))], "attn", "llama")


@given(st.data())
def test_means_are_those_of_a_loop(data):
    b, t, d = data.draw(st.tuples(st.integers(1, 3), st.integers(1, 6), st.integers(1, 4)))
    place = st.tuples(st.integers(0, b - 1), st.integers(0, t - 1))
    chosen = data.draw(st.lists(st.lists(place, min_size=1, max_size=4), min_size=1, max_size=5))
    states = np.random.default_rng(b * t * d).standard_normal((b, t, d)).astype(np.float32)
    rows, columns = np.array([where for stimulus in chosen for where in stimulus]).T
    lengths = [len(stimulus) for stimulus in chosen]
    pooling = Pooling(
        torch.from_numpy(rows),
        torch.from_numpy(columns),
        None if set(lengths) == {1} else torch.tensor(lengths),
    )
    expected = [np.mean([states[where] for where in stimulus], axis=0) for stimulus in chosen]
    np.testing.assert_allclose(pooling(torch.from_numpy(states)).numpy(), expected, rtol=1e-5, atol=1e-6)


def test_last_tokens_keep_their_precision_and_means_have_more():
    states = torch.ones(1, 2, 3, dtype=torch.bfloat16)
    rows, columns = torch.zeros(2, dtype=torch.int64), torch.tensor([0, 1])
    assert Pooling(rows, columns, None)(states).dtype == torch.bfloat16
    assert Pooling(rows, columns, torch.tensor([2]))(states).dtype == torch.float32


class AddOne(nn.Module):
    """A block that gives a tuple, as some do."""

    def forward(self, hidden_states):
        return hidden_states + 1, None


def test_a_recorder_keeps_what_enters_and_leaves_inside_its_block_only():
    block = AddOne()
    recorder = Recorder([Tap(0, "input of 0", block, entering=True), Tap(1, "0", block)])
    states, last = torch.zeros(1, 2, 3), Pooling(torch.tensor([0]), torch.tensor([1]), None)
    with recorder.pooled(last) as found:
        block(hidden_states=states)
    assert {layer: pooled.tolist() for layer, pooled in found.items()} == {0: [[0.0] * 3], 1: [[1.0] * 3]}
    found.clear()
    block(states)
    assert not found
    recorder.close()
    with recorder.pooled(last) as found:
        block(states)
    assert not found


def test_states_that_are_not_one_vector_a_token_are_refused():
    block = nn.Identity()
    hook_states(block, False, lambda _: None)
    with pytest.raises(BrainlakeError, match=r"states of shape \(2, 3\), not one vector a token"):
        block(torch.zeros(2, 3))
