"""Encoders, which see a whole text at once: one masked pass a prefix, and no word probabilities."""

import torch

from brainlake_builder.models.runner import Reference, Runner, positions, text_window
from brainlake_builder.text.batching import Batch
from brainlake_builder.text.contexts import Limits
from brainlake_builder.text.passes import Pass


class EncoderOnly(Runner):
    """An encoder under one recipe; see :class:`Runner`.

    Its tokenizer's special tokens stand around every text (``start=none`` leaves them out): it was trained so.
    """

    def find_limits(self) -> Limits:
        """The tokenizer's own special tokens."""
        specials = self.encoder.special_ids() if self.recipe.start != "none" else ((), ())
        return Limits(
            text_window(self.model, self.recipe, positions(self.network)), *specials, causal=False, scores=False
        )

    def forward(self, batch: Batch) -> torch.Tensor:
        """Padding is masked: every token sees every other."""
        output = self.network.base_model(input_ids=self.tensor(batch.ids), attention_mask=self.mask(batch))
        states: torch.Tensor = output.last_hidden_state
        return states

    @torch.inference_mode()
    def reference(self, one: Pass, logits: bool) -> Reference:
        """An encoder has no probabilities of next tokens, whatever is asked for."""
        ids = self.tensor(one.ids[None])
        output = self.network.base_model(input_ids=ids, attention_mask=torch.ones_like(ids), output_hidden_states=True)
        return Reference((output.hidden_states or (),))
