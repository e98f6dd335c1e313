"""Decoder-only models: one causal pass serves every part of a text."""

import torch

from brainlake_builder.models.blocks import headless, language_model
from brainlake_builder.models.runner import Reference, Runner, positions, text_window
from brainlake_builder.text.batching import Batch
from brainlake_builder.text.contexts import Limits
from brainlake_builder.text.passes import Pass


class DecoderOnly(Runner):
    """A decoder-only model under one recipe; see :class:`Runner`."""

    def find_limits(self) -> Limits:
        """The start token that the recipe asks for, or all that the tokenizer puts around a text."""
        window = text_window(self.model, self.recipe, positions(self.network))
        if self.recipe.context == "accumulate" or self.recipe.start == "own":
            return Limits(window, *self.encoder.special_ids())
        start = self.model.tokenizer.bos_token_id
        return Limits(window, () if self.recipe.start == "none" or start is None else (start,))

    def forward(self, batch: Batch) -> torch.Tensor:
        """Right padding needs no mask: no token sees what comes after it."""
        ids = self.tensor(batch.ids)
        # Nothing masked, said aloud: transformers warns of a padding token that is also the start token otherwise.
        fed = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "use_cache": False}
        if self.head and self.head.logits is None:
            logits: torch.Tensor = language_model(self.network)(**fed).logits
            return logits
        states: torch.Tensor = headless(self.network)(**fed).last_hidden_state
        return states

    @torch.inference_mode()
    def reference(self, one: Pass, logits: bool) -> Reference:
        """The network with its head, or the model below it."""
        ids = self.tensor(one.ids[None])
        network = language_model(self.network) if logits else headless(self.network)
        output = network(input_ids=ids, attention_mask=torch.ones_like(ids), use_cache=False, output_hidden_states=True)
        return Reference((output.hidden_states or (),), output.logits[0] if logits else None)
