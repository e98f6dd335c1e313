"""A network's own word on its states, found behind any final norm."""

import numpy as np
import pytest
import torch

from brainlake.contract.recipe import parse_recipe
from brainlake_builder.models.loading import load_model
from brainlake_builder.models.own_states import own_states
from brainlake_builder.models.runners import make_runner
from brainlake_builder.text.passes import Pass

from .test_families import FAMILIES, save

IDS = [5, 9, 7, 30, 12, 1]


def hooks(network):
    return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in network.modules())


def agree(found):
    return [torch.equal(own, read) for own, read in zip(found.pooled, found.read, strict=True)]


@pytest.mark.parametrize(
    ("name", "recipe", "n_layers", "source"),
    [
        ("gpt2", "document", 4, "hidden_states"),
        ("opt", "document", 4, "hidden_states"),
        ("llama", "document", 4, "hidden_states"),
        ("llama", "aw2024", 3, "the modules named"),
        ("gpt2", "document+readout=mlp", 3, "the modules named"),
        ("bert", "document", 4, "hidden_states"),
        ("t5", "document", 3, "hidden_states"),
        ("t5", "aw2024+readout=residual", 7, "hidden_states"),
    ],
)
def test_what_is_read_is_what_the_network_says_bit_for_bit(name, recipe, n_layers, source, runner, one_pass):
    made = runner(name, recipe)
    with made:
        made.reference(one_pass(IDS), logits=False)  # transformers leaves hooks of its own
        before = hooks(made.network)
        found = own_states(made, one_pass(IDS))
        assert hooks(made.network) == before
    assert agree(found) == [True] * n_layers
    assert found.source == source
    assert found.fed.tolist() == IDS


@pytest.mark.parametrize("name", ["mamba", "rwkv"])
def test_states_that_begin_behind_the_first_block(name, tmp_path, one_pass):
    save(FAMILIES[name], tmp_path / name)
    with make_runner(load_model(str(tmp_path / name)), parse_recipe("document")) as made:
        assert all(agree(own_states(made, one_pass(IDS))))


def test_a_layer_read_one_block_too_early_is_seen(runner, one_pass):
    made = runner("gpt2")
    taps = list(made.taps)
    made.taps[2] = type(taps[2])(taps[2].layer, taps[2].name, taps[1].module)
    with made:
        assert agree(own_states(made, one_pass(IDS))) == [True, True, False, True]


def test_means_are_over_the_tokens_of_each_stimulus(runner):
    none = np.array([], np.int64)
    one = Pass(np.array(IDS), np.array([4, 2]), np.array([0, 1, 3, 4, 5]), np.array([0, 0, 1, 1, 1]), none, none, none)
    with runner("gpt2", "document+pool=mean") as made:
        found = own_states(made, one)
        hidden = made.reference(one, logits=False).hidden[0][1][0]
    torch.testing.assert_close(found.pooled[1], torch.stack([hidden[:2].mean(0), hidden[3:].mean(0)]))
    assert all(agree(found))
