"""What all architectures share: a batch in, pooled states and next-token distributions out."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import torch

from brainlake.contract.recipe import Recipe
from brainlake.errors import BrainlakeError
from brainlake_builder.models.blocks import Pooling, Recorder, find_stacks, taps
from brainlake_builder.models.foreign import running
from brainlake_builder.models.head import Head, find_head
from brainlake_builder.models.loading import LoadedModel
from brainlake_builder.models.state import AsLoaded
from brainlake_builder.text.batching import Batch, Batching, pad
from brainlake_builder.text.contexts import Limits
from brainlake_builder.text.passes import Bool, Int64, Pass
from brainlake_builder.text.surprisal import NextToken, next_token
from brainlake_builder.text.tokenizer import Encoder

Float32 = npt.NDArray[np.float32]

SAMPLE_TOKENS = 32

READS_ITS_WIDTH = {
    "big_bird": "the last block of the batch is attended by all",
    "fnet": "it mixes tokens by a Fourier transform over the whole width, padding included",
    "convbert": "a convolution reads beyond the last token",
    "mobilebert": "each token's embedding holds that of the next, padding included",
}
"""Models that give a padded text other states than the text alone, and why: passes of one length run together."""

RECURRENT = ("mamba", "mamba2", "falcon_mamba", "recurrent_gemma", "xlstm")
"""Models that have no positions: a text of any length is read in one pass."""

UNLIMITED = 1 << 40
"""Window of a model without one."""


@dataclass(frozen=True)
class BatchResult:
    """What one batch gave.

    Attributes
    ----------
    items, states
        Stimuli, shape (k,), and their pooled states, shape (n_layers, k, d), in the precision of the pass: a mean is
        float32.
    slots, log_p, log_new, log_opening, entropy
        Places in the table of tokens, and :class:`NextToken` there, shape (s,).
    """

    items: Int64
    states: torch.Tensor
    slots: Int64
    log_p: Float32
    log_new: Float32
    log_opening: Float32
    entropy: Float32

    @property
    def activations(self) -> Float32:
        """The states as float32, which holds all that they can be."""
        values: Float32 = self.states.float().numpy()
        return values


def join_results(results: Sequence[BatchResult]) -> BatchResult:
    """Results of several batches as one."""
    joined: dict[str, Any] = {
        field.name: np.concatenate([getattr(r, field.name) for r in results])
        for field in fields(BatchResult)
        if field.name != "states"
    }
    return BatchResult(states=torch.cat([r.states for r in results], dim=1), **joined)


@dataclass(frozen=True)
class Reference:
    """What a model returns itself, the slow way, for one pass.

    Attributes
    ----------
    hidden
        Its ``hidden_states``, shape (1, t, d) each, one tuple a stack; empty if it gives none.
    logits
        Shape (t, v); null if they were not asked for.
    """

    hidden: tuple[tuple[torch.Tensor, ...], ...]
    logits: torch.Tensor | None = None


class Runner(ABC):
    """A model under one recipe. As a context it can be run: its hooks come off at the end.

    Parameters
    ----------
    model
        The loaded model.
    recipe
        What to read.
    surprisal
        Whether next-token distributions are wanted, where the model gives them; activations alone take no head.

    Attributes
    ----------
    encoder
        Its tokenizer.
    stacks, taps
        Its blocks, and where they are read, in layer order.
    limits
        What a pass may hold.
    head
        How its logits are computed; null if it has none.
    begins
        Tokens that begin a word, shape (v,); null if the tokenizer does not tell, or there is no head.
    batching
        Which passes may be run together.
    as_loaded
        The network before its first pass.
    """

    def __init__(self, model: LoadedModel, recipe: Recipe, surprisal: bool = True) -> None:
        self.model = model
        self.recipe = recipe
        self.network: Any = model.network
        self.encoder = Encoder(model.tokenizer)
        self.stacks = find_stacks(model.network, model.kind)
        self.taps = taps(self.read_stacks(), recipe.readout, network_type(self.network))
        self.limits = self.find_limits()
        if not surprisal:
            self.limits = replace(self.limits, scores=False, infilling=None)
        self.head: Head | None = None
        self.begins: Bool | None = None
        self.batching: Batching = "one_width" if network_type(self.network) in READS_ITS_WIDTH else "padded"
        if model.quantization == "8bit":
            self.batching = "one_pass"
        self.as_loaded = AsLoaded(self.network)

    def __enter__(self) -> Self:
        self._recorder = Recorder(self.taps)
        if self.limits.scores or self.limits.infilling:
            with running(self.model.identity.model):
                self._find_head()
        return self

    def __exit__(self, *_: object) -> None:
        self._recorder.close()

    @abstractmethod
    def find_limits(self) -> Limits:
        """What a pass may hold; the network is not run."""

    def read_stacks(self) -> list[Any]:
        """Stacks that the recipe reads."""
        return self.stacks

    def ends(self) -> list[int]:
        """Tokens after which a text is over."""
        end = self.model.tokenizer.eos_token_id
        return [] if end is None else [end]

    @abstractmethod
    def forward(self, batch: Batch) -> torch.Tensor:
        """Feed a batch; last hidden states, or logits if the head cannot, shape (b, t, d or v)."""

    @abstractmethod
    def reference(self, one: Pass, logits: bool) -> Reference:
        """Feed one pass and keep all that the model returns; its head runs only if logits are wanted."""

    @torch.inference_mode()
    def run(self, batch: Batch) -> BatchResult:
        """Feed a batch and read it."""
        if self.batching == "one_width":
            self.as_loaded.restore()
        with self._recorder.pooled(_pooling(batch)) as found:
            output = self.forward(batch)
        scores = self._next_token(output, batch)
        return BatchResult(
            batch.items,
            _to_host(self._stack(found)),
            batch.slots,
            *(getattr(scores, field.name).cpu().numpy() for field in fields(NextToken)),
        )

    @torch.inference_mode()
    def observe(self, one: Pass, logits: bool = False) -> tuple[Reference, torch.Tensor]:
        """Feed one pass, read it as ever, and keep what the model returns from that same pass.

        Returns
        -------
        The model's own, and what was read, shape (n_layers, k, d), in the precision of the pass.
        """
        with self._recorder.pooled(_pooling(pad([one]))) as found:
            reference = self.reference(one, logits)
        return reference, self._stack(found)

    def _stack(self, found: dict[int, torch.Tensor]) -> torch.Tensor:
        device = found[self.taps[0].layer].device
        return torch.stack([found[tap.layer].to(device) for tap in self.taps])

    def tensor(self, values: npt.NDArray[Any]) -> torch.Tensor:
        """Values on the device that token ids go to."""
        return torch.from_numpy(values).to(self.model.device)

    def mask(self, batch: Batch) -> torch.Tensor:
        """1 for tokens, 0 for padding, shape (b, t)."""
        return self.tensor((np.arange(batch.ids.shape[1]) < batch.lengths[:, None]).astype(np.int64))

    @torch.inference_mode()
    def _find_head(self) -> None:
        """Find a head, and decide which tokens begin a word."""
        if self.recipe.boundary != "none" and self.encoder.spaces == "none":
            raise BrainlakeError(
                f"the tokenizer of {self.model.identity.model} does not keep spaces, so that no token tells where a "
                f"word ends; use +boundary=none"
            )
        # Ids across the vocabulary: a head is tried where its rows differ, whatever the text.
        n_vocabulary, n = self.network.config.get_text_config().vocab_size, min(SAMPLE_TOKENS, self.limits.window)
        ids, nothing = np.linspace(0, n_vocabulary - 1, n).astype(np.int64), np.array([], np.int64)
        decoder_ids = ids if self.model.kind == "encoder-decoder" else None
        sample = Pass(ids, nothing, nothing, nothing, nothing, nothing, nothing, decoder_ids)
        own = self.reference(sample, logits=True).logits
        assert own is not None
        self.head = find_head(self.network, self.forward(pad([sample]))[0], own)
        spaced = self.encoder.begins_with_space(own.shape[-1], self.recipe.boundary == "white_space")
        begins = spaced.copy()
        begins[self.ends()] = True
        self._classes = torch.from_numpy(np.stack([begins, ~spaced, np.ones_like(begins)]).astype(np.float32))
        if self.recipe.boundary != "none" and self.encoder.spaces == "leading":
            self.begins = begins

    def _next_token(self, output: torch.Tensor, batch: Batch) -> NextToken:
        if not len(batch.slots):
            nothing = torch.empty(0)
            return NextToken(nothing, nothing, nothing, nothing)
        assert self.head is not None
        flat = output.reshape(-1, output.shape[-1])
        device = flat.device
        places = torch.from_numpy(batch.before_row * output.shape[1] + batch.before)
        chosen = flat.index_select(0, places.to(device))
        targets = torch.from_numpy(batch.targets).to(device)
        return next_token(chosen, targets, self.head.logits or (lambda rows: rows), self._classes.to(device))


def _to_host(states: torch.Tensor) -> torch.Tensor:
    """States in the memory of the host; from a GPU through pinned memory, four times as fast as without."""
    if states.device.type != "cuda":
        return states.cpu()
    kept = torch.empty(states.shape, dtype=states.dtype, pin_memory=True)
    kept.copy_(states, non_blocking=True)
    torch.cuda.current_stream(states.device).synchronize()
    return kept


def _pooling(batch: Batch) -> Pooling:
    lengths = np.bincount(batch.pooled_item, minlength=len(batch.items))
    averaged = None if (lengths == 1).all() else torch.from_numpy(lengths)
    return Pooling(torch.from_numpy(batch.pooled_row), torch.from_numpy(batch.pooled), averaged)


def network_type(network: Any) -> str:
    """What ``transformers`` calls the language model of a network."""
    return str(network.config.get_text_config().model_type)


def positions(network: Any) -> int | None:
    """Tokens that a model was built for; null for no limit.

    A configuration has one of several names for them. Where positions count from behind the padding token's
    (RoBERTa and its kin), the embedding of positions says so itself, and the first ones belong to no token.
    """
    config = network.config.get_text_config()
    if network_type(network) in RECURRENT:
        return None
    names = ("max_position_embeddings", "seq_length", "max_seq_len")
    found = [int(getattr(config, name)) for name in names if getattr(config, name, None)][:1]
    for name, module in network.named_modules():
        padding = getattr(module, "padding_idx", None) if isinstance(module, torch.nn.Embedding) else None
        if "position" in name.rpartition(".")[2] and padding is not None:
            found.append(module.weight.shape[0] - padding - 1)
    return min(found, default=None)


def text_window(model: LoadedModel, recipe: Recipe, own: int | None) -> int:
    """Tokens that a model takes at once: what the recipe says, else the model, else the tokenizer.

    Parameters
    ----------
    own
        Positions that the model has; null if it has no limit.
    """
    declared = int(model.tokenizer.model_max_length)
    if recipe.max_tokens is not None:
        if own and recipe.max_tokens > own:
            raise BrainlakeError(f"max_tokens={recipe.max_tokens} is more than {model.identity.model} takes ({own})")
        return recipe.max_tokens
    if recipe.context == "accumulate" and own:
        return min(own, declared)
    window = own or declared
    if window > 10**9:
        if network_type(model.network) in RECURRENT:
            return UNLIMITED
        raise BrainlakeError(f"{model.identity.model} does not say how long its texts may be; add +max_tokens=N")
    return window
