"""Encoders: their special tokens, masked padding, and no word probabilities."""

import numpy as np
import pytest
import torch

from brainlake_builder.text.batching import pad

IDS, SHORTER = [2, 9, 7, 30, 12, 3], [2, 8, 3]


@pytest.mark.parametrize(
    ("recipe", "around"),
    [("document", ((2,), (3,))), ("document+start=own", ((2,), (3,))), ("document+start=none", ((), ()))],
)
def test_what_stands_around_a_text(recipe, around, runner):
    limits = runner("bert", recipe).limits
    assert (limits.opening, limits.closing) == around
    assert (limits.window, limits.causal, limits.scores, limits.infilling) == (64, False, False, None)


def test_there_is_no_head(runner, one_pass):
    with runner("bert") as made:
        assert made.head is None
        assert made.begins is None
        found = made.run(pad([one_pass(IDS, scored=False)]))
    assert found.activations.shape == (4, 1, 32)
    assert found.log_p.shape == (0,)
    assert made.reference(one_pass(IDS), logits=True).logits is None


def test_padding_is_masked_and_would_matter(runner, one_pass, monkeypatch):
    made = runner("bert")
    batch = pad([one_pass(IDS), one_pass(SHORTER)])
    with torch.inference_mode():
        alone = made.forward(pad([one_pass(SHORTER)]))[0]
        torch.testing.assert_close(made.forward(batch)[1, :3], alone, rtol=1e-5, atol=1e-5)
        monkeypatch.setattr(made, "mask", lambda batch: made.tensor(np.ones_like(batch.ids)))
        assert (made.forward(batch)[1, :3] - alone).abs().max() > 0.01
