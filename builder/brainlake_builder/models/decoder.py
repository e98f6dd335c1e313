"""How a decoder-only model is run: one causal pass, pooled states and next-token distributions."""

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import torch

from brainlake.errors import BrainlakeError
from brainlake.recipe import Recipe
from brainlake_builder.models.blocks import Pooling, Recorder, Tap, taps
from brainlake_builder.models.head import Head, find_head
from brainlake_builder.models.loading import LoadedModel
from brainlake_builder.sequences import Batch, Limits
from brainlake_builder.surprisal import NextToken, begins_word, next_token
from brainlake_builder.text import Encoder

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]

SAMPLE_TOKENS = 32


@dataclass(frozen=True)
class BatchResult:
    """What one batch gave.

    Attributes
    ----------
    items, activations
        Stimuli, shape (k,), and their pooled states, float32, shape (n_layers, k, d).
    slots, log_p, log_new, log_inner, entropy
        Places in the table of tokens, and :class:`NextToken` there, shape (s,).
    """

    items: Int64
    activations: Float32
    slots: Int64
    log_p: Float32
    log_new: Float32
    log_inner: Float32
    entropy: Float32


class DecoderOnly:
    """A decoder-only model under one recipe, as a context: its hooks come off at the end.

    Parameters
    ----------
    model
        The loaded model.
    recipe
        What to read.

    Attributes
    ----------
    taps
        Where it is read, in layer order.
    limits
        Window and start token.
    begins
        Tokens that begin a word, shape (v,).
    head
        How its logits are computed.
    """

    def __init__(self, model: LoadedModel, recipe: Recipe) -> None:
        self.model = model
        self.encoder = Encoder(model.tokenizer, literal_special=recipe.context != "accumulate")
        self.taps: list[Tap] = taps(model.network, model.identity.n_layers, recipe.readout)
        self._recorder = Recorder(self.taps)
        self.limits = Limits(window=_window(model, recipe), start=_start(model, recipe))
        n_vocabulary = model.network.config.get_text_config().vocab_size
        self.begins = begins_word(self.encoder, model.tokenizer.eos_token_id, n_vocabulary)
        self._masks = torch.from_numpy(np.stack([self.begins, ~self.begins], 1).astype(np.float32))
        with torch.inference_mode():
            # Ids across the vocabulary: the head is tried where its rows differ, whatever the text.
            ids = torch.linspace(0, n_vocabulary - 1, min(SAMPLE_TOKENS, self.limits.window)).long()[None]
            self.head: Head = find_head(model.network, ids.to(model.device))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._recorder.close()

    @torch.inference_mode()
    def run(self, batch: Batch) -> BatchResult:
        """Feed a batch; right padding needs no mask, as no token sees what comes after it."""
        lengths = np.bincount(batch.pooled_item, minlength=len(batch.items))
        pooling = Pooling(torch.from_numpy(batch.pooled), None if (lengths == 1).all() else torch.from_numpy(lengths))
        network: Any = self.model.network
        ids = torch.from_numpy(batch.ids).to(self.model.device)
        with self._recorder.pooled(pooling) as found:
            if self.head.logits is None:
                output = network(input_ids=ids, use_cache=False).logits
            else:
                output = network.base_model(input_ids=ids, use_cache=False).last_hidden_state
        states = output.reshape(-1, output.shape[-1])
        scores = self._next_token(states, torch.from_numpy(batch.before), torch.from_numpy(batch.targets))
        activations = torch.stack([found[tap.layer].cpu() for tap in self.taps])
        return BatchResult(
            batch.items,
            activations.numpy(),
            batch.slots,
            *(getattr(scores, field.name).cpu().numpy() for field in fields(NextToken)),
        )

    def _next_token(self, states: torch.Tensor, before: torch.Tensor, targets: torch.Tensor) -> NextToken:
        device = states.device
        logits = self.head.logits or (lambda rows: rows)
        chosen = states.index_select(0, before.to(device))
        return next_token(chosen, targets.to(device), logits, self._masks.to(device))


def _start(model: LoadedModel, recipe: Recipe) -> tuple[int, ...]:
    """The tokenizer's start token, if the recipe wants one and there is one."""
    token = model.tokenizer.bos_token_id
    return () if recipe.start == "none" or token is None else (int(token),)


def _window(model: LoadedModel, recipe: Recipe) -> int:
    """Tokens that the model takes at once: the recipe's word, else the model's, else the tokenizer's."""
    config = model.network.config.get_text_config()
    own = getattr(config, "max_position_embeddings", None)
    declared = model.tokenizer.model_max_length
    known = [n for n in (own, declared if recipe.context == "accumulate" or own is None else None) if n and n < 10**9]
    if recipe.max_tokens is not None:
        if own and recipe.max_tokens > own:
            raise BrainlakeError(f"max_tokens={recipe.max_tokens} is more than {model.identity.model} takes ({own})")
        return recipe.max_tokens
    if not known:
        raise BrainlakeError(f"{model.identity.model} does not say how long its texts may be; add max_tokens=N")
    return int(min(known))
