"""Encoders, which see a whole text at once: one masked pass a prefix, and no word probabilities."""

import torch

from brainlake_builder.models.runner import Reference, Runner, positions, text_window
from brainlake_builder.text.batching import Batch
from brainlake_builder.text.contexts import Limits
from brainlake_builder.text.passes import Pass

COUNTED_FROM_PADDING = ("roberta", "xlm-roberta", "camembert")
"""Families whose positions count from behind the padding token's."""


class EncoderOnly(Runner):
    """An encoder under one recipe; see :class:`Runner`.

    Its tokenizer's special tokens stand around every text (``start=none`` leaves them out): it was trained so.
    """

    def find_limits(self) -> Limits:
        """The tokenizer's own special tokens."""
        config = self.network.config
        own = positions(config)
        if own and config.model_type in COUNTED_FROM_PADDING:
            own -= config.pad_token_id + 1
        specials = self.encoder.special_ids() if self.recipe.start != "none" else ((), ())
        return Limits(text_window(self.model, self.recipe, own), *specials, causal=False, scores=False)

    def forward(self, batch: Batch) -> torch.Tensor:
        """Padding is masked: every token sees every other."""
        output = self.network.base_model(input_ids=self.tensor(batch.ids), attention_mask=self.mask(batch))
        states: torch.Tensor = output.last_hidden_state
        return states

    @torch.inference_mode()
    def reference(self, one: Pass) -> Reference:
        """The last of ``hidden_states`` may have gone through a norm, and is left out."""
        output = self.network.base_model(input_ids=self.tensor(one.ids[None]), output_hidden_states=True)
        return Reference(dict(enumerate(h[0] for h in output.hidden_states[:-1])), None)
