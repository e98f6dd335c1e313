"""Encoder-decoders: T5, and what is built like it.

``accumulate`` (Aw et al., 2023) gives encoder and decoder the same ids, unshifted, with the tokenizer's ``</s>``, and
reads both at the last token, which is ``</s>``; a word's surprisal is that of the last ids, as many as it has tokens,
so that a word of one token is scored by ``</s>`` alone. That is what the paper ran, and no next-word probability.

Every other context reads the encoder, one masked pass a prefix, at the last token of the stimulus. A word's
probability is what the model was trained to give, that of a gap's content (span corruption): the encoder reads the
text before the word, then the first sentinel and ``</s>``; the decoder reads its start token, the sentinel, and the
word's tokens one after the other. The word ends where a new word, another sentinel or ``</s>`` may begin.
"""

from typing import Any

import torch

from brainlake_builder.models.runner import Reference, Runner, positions, text_window
from brainlake_builder.text.batching import Batch
from brainlake_builder.text.contexts import Infilling, Limits
from brainlake_builder.text.passes import Pass

SENTINEL = "<extra_id_{}>"


class EncoderDecoder(Runner):
    """An encoder-decoder under one recipe; see :class:`Runner`."""

    def find_limits(self) -> Limits:
        """The tokenizer's own special tokens, in every context."""
        config, echo = self.network.config, self.recipe.context == "accumulate"
        window = text_window(self.model, self.recipe, positions(self.network))
        sentinels = self._sentinels()
        infilling = Infilling(config.decoder_start_token_id, sentinels[0]) if sentinels and not echo else None
        return Limits(window, *self.encoder.special_ids(), causal=False, scores=echo, infilling=infilling, echo=echo)

    def ends(self) -> list[int]:
        """The end of the text, and the sentinels, which end the content of a gap."""
        return [*super().ends(), *self._sentinels()]

    def read_stacks(self) -> list[Any]:
        """Both stacks where both are fed the text; the encoder elsewhere."""
        return self.stacks if self.recipe.context == "accumulate" else self.stacks[:1]

    def forward(self, batch: Batch) -> torch.Tensor:
        """Padding is masked in the encoder and in what the decoder sees of it."""
        ids, mask = self.tensor(batch.ids), self.mask(batch)
        if batch.decoder_ids is not None and self.head and self.head.logits is None:
            decoder_ids = self.tensor(batch.decoder_ids)
            logits: torch.Tensor = self.network(
                input_ids=ids, attention_mask=mask, decoder_input_ids=decoder_ids, use_cache=False
            ).logits
            return logits
        states: torch.Tensor = self.network.get_encoder()(input_ids=ids, attention_mask=mask).last_hidden_state
        if batch.decoder_ids is None:
            return states
        decoded: torch.Tensor = self.network.get_decoder()(
            input_ids=self.tensor(batch.decoder_ids),
            encoder_hidden_states=states,
            encoder_attention_mask=mask,
            use_cache=False,
        ).last_hidden_state
        return decoded

    @torch.inference_mode()
    def reference(self, one: Pass, logits: bool) -> Reference:
        """Both stacks, also where only the encoder is read: a pass without a decoder gives it the encoder's ids."""
        decoder_ids = one.ids if one.decoder_ids is None else one.decoder_ids
        ids = self.tensor(one.ids[None])
        output = self.network(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            decoder_input_ids=self.tensor(decoder_ids[None]),
            use_cache=False,
            output_hidden_states=True,
        )
        hidden = (output.encoder_hidden_states or (), output.decoder_hidden_states or ())
        return Reference(hidden[: len(self.read_stacks())], output.logits[0] if logits else None)

    def _sentinels(self) -> list[int]:
        """Ids of the sentinels that the tokenizer has, in order."""
        found: list[int] = []
        while (index := self.encoder.token_id(SENTINEL.format(len(found)))) is not None:
            found.append(index)
        return found
