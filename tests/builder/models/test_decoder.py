"""Decoder-only models: what opens a text, and states and logits as the whole network gives them."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from brainlake_builder.text.batching import pad

IDS, SHORTER = [5, 9, 7, 30, 12], [8, 6]


@pytest.mark.parametrize(
    ("name", "recipe", "opening"),
    [
        ("gpt2", "document", (0,)),
        ("gpt2", "document+start=own", ()),
        ("gpt2", "aw2024+readout=residual", ()),
        ("llama", "document", (1,)),
        ("llama", "document+start=own", (1,)),
        ("llama", "document+start=none", ()),
        ("llama", "aw2024", (1,)),
    ],
)
def test_what_opens_a_text(name, recipe, opening, runner):
    limits = runner(name, recipe).limits
    assert (limits.opening, limits.closing) == (opening, ())
    assert limits.causal
    assert limits.scores


@pytest.mark.parametrize("name", ["gpt2", "llama", "mistral"])
def test_padding_changes_no_state(name, runner, one_pass):
    made = runner(name)
    with torch.inference_mode():
        both = made.forward(pad([one_pass(IDS), one_pass(SHORTER)]))
        alone = made.forward(pad([one_pass(SHORTER)]))
    torch.testing.assert_close(both[1, :2], alone[0], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", ["gpt2", "gemma2", "cohere"])
def test_logits_are_the_network_s_own_by_the_head_or_without_one(name, runner, one_pass):
    with runner(name) as made, torch.inference_mode():
        expected = made.network(input_ids=torch.tensor([IDS])).logits[0]
        states = made.forward(pad([one_pass(IDS)]))[0]
        torch.testing.assert_close(made.head.logits(states), expected, rtol=1e-4, atol=1e-4)
        made.head = replace(made.head, logits=None)
        torch.testing.assert_close(made.forward(pad([one_pass(IDS)]))[0], expected)


def test_its_own_word_on_a_pass(runner, one_pass):
    made = runner("gpt2")
    with_head, without = (made.reference(one_pass(IDS), logits) for logits in (True, False))
    assert without.logits is None
    assert with_head.logits.shape == (5, made.network.config.vocab_size)
    for reference in (with_head, without):
        (hidden,) = reference.hidden
        assert len(hidden) == 4
    np.testing.assert_allclose(with_head.hidden[0][3], without.hidden[0][3])
