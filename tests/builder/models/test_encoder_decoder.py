"""Encoder-decoders: gaps and echoes, which stacks are read, and states as the whole network gives them."""

from dataclasses import replace

import pytest
import torch

from brainlake_builder.models.encoder_decoder import SENTINEL
from brainlake_builder.text.batching import pad
from brainlake_builder.text.contexts import Infilling

IDS, SHORTER, DECODED = [9, 7, 30, 12, 1], [8, 1], [0, 3, 7]


def test_words_are_asked_for_as_the_content_of_a_gap(runner):
    made = runner("t5")
    assert made.encoder.token_id(SENTINEL.format(0)) == 3
    assert made.limits.infilling == Infilling(start=0, gap=3)
    assert not made.limits.scores
    assert not made.limits.echo
    assert (made.limits.opening, made.limits.closing) == ((), (1,))
    assert made.ends() == [1, 3, 4, 5]
    assert made.read_stacks() == made.stacks[:1]


def test_the_paper_gives_both_stacks_the_same_ids(runner):
    made = runner("t5", "aw2024")
    assert made.limits.infilling is None
    assert made.limits.scores
    assert made.limits.echo
    assert made.read_stacks() == made.stacks
    assert [tap.layer for tap in runner("t5", "aw2024+readout=residual").taps] == list(range(7))


def test_without_sentinels_no_word_can_be_asked_for(runner, monkeypatch):
    made = runner("t5")
    monkeypatch.setattr(made.encoder, "token_id", lambda _: None)
    assert made.find_limits().infilling is None
    assert made.ends() == [1]


def test_padding_is_masked_in_both_stacks(runner, one_pass):
    made = runner("t5")
    long, short = (one_pass(ids, decoder_ids=DECODED) for ids in (IDS, SHORTER))
    with torch.inference_mode():
        both, alone = made.forward(pad([long, short])), made.forward(pad([short]))
        torch.testing.assert_close(both[1], alone[0], rtol=1e-5, atol=1e-5)
        encoded = made.forward(pad([one_pass(IDS), one_pass(SHORTER)]))
        torch.testing.assert_close(encoded[1, :2], made.forward(pad([one_pass(SHORTER)]))[0], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", ["t5", "t5_tied"])
def test_logits_are_the_network_s_own_by_the_head_or_without_one(name, runner, one_pass):
    batch = pad([one_pass(IDS, decoder_ids=DECODED)])
    with runner(name) as made, torch.inference_mode():
        expected = made.network(input_ids=torch.tensor([IDS]), decoder_input_ids=torch.tensor([DECODED])).logits
        torch.testing.assert_close(made.head.logits(made.forward(batch)), expected, rtol=1e-4, atol=1e-4)
        made.head = replace(made.head, logits=None)
        torch.testing.assert_close(made.forward(batch), expected)


@pytest.mark.parametrize(("recipe", "lengths"), [("document", [3]), ("aw2024", [3, 4])])
def test_its_own_word_on_the_stacks_that_are_read(recipe, lengths, runner, one_pass):
    made = runner("t5", recipe)
    reference = made.reference(one_pass(IDS), logits=False)
    assert [len(hidden) for hidden in reference.hidden] == lengths
    assert reference.logits is None
    assert made.reference(one_pass(IDS, decoder_ids=DECODED), logits=True).logits.shape[0] == len(DECODED)
