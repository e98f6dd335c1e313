"""The blocks of a network, the modules that a readout names, and hooks that pool what they put out at once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from brainlake.contract.recipe import READOUTS, Readout
from brainlake.errors import BrainlakeError
from brainlake_builder.models.files import Kind
from brainlake_builder.models.paper_readout import as_in_llama


@dataclass(frozen=True)
class Tap:
    """A place where states are read.

    Attributes
    ----------
    layer
        0 for the embedding, k for the k-th block; a decoder behind an encoder of E blocks: E + 1 for its embedding,
        E + 1 + k for its k-th block.
    name
        What the sidecar calls it: the module's path in the network.
    module
        The module.
    entering
        Read what enters the module instead of what leaves it.
    """

    layer: int
    name: str
    module: nn.Module
    entering: bool = False


def find_stacks(network: Any, kind: Kind) -> list[tuple[str, nn.ModuleList]]:
    """Path and list of the blocks of each stack: the encoder's before the decoder's.

    Raises
    ------
    BrainlakeError
        If a stack is built in no way that is known.
    """
    config: Any = network.config
    if kind != "encoder-decoder":
        # A wrapper's vision tower may have as many blocks as its language model.
        text = network.get_decoder() if config.get_text_config() is not config else network
        return [_find_blocks(network, text, config.get_text_config().num_hidden_layers)]
    stacks = (network.get_encoder(), network.get_decoder())
    return [
        _find_blocks(network, stack, _depth(config, side))
        for stack, side in zip(stacks, ("encoder", "decoder"), strict=True)
    ]


def _depth(config: Any, side: str) -> int:
    """Blocks of a stack: by BART's name for them, T5's, or a configuration of its own."""
    names = {"encoder": ("encoder_layers", "num_layers"), "decoder": ("decoder_layers", "num_decoder_layers")}
    found = [getattr(config, name, None) for name in names[side]]
    found.append(getattr(getattr(config, side, None), "num_hidden_layers", None))
    depth = next((int(n) for n in found if n), None)
    if depth is None:
        raise BrainlakeError(f"a configuration of type {config.model_type} does not say how deep its {side} is")
    return depth


def language_model(network: Any) -> Any:
    """The language model with its head that a network for pictures and text may wrap, or the network itself."""
    inner = getattr(network, "language_model", None)
    return network if inner is None or inner.get_output_embeddings() is None else inner


def headless(network: Any) -> Any:
    """A network without its head; not every class names its base model."""
    base = network.base_model
    while base.get_output_embeddings() is not None:
        inner = next((getattr(base, name) for name in ("model", "language_model") if hasattr(base, name)), None)
        if inner is None:
            raise BrainlakeError(f"{type(network).__name__}: no model without its head is found in it")
        base = inner
    return base


def _find_blocks(network: nn.Module, stack: nn.Module, n_layers: int) -> tuple[str, nn.ModuleList]:
    """The outermost list with one module a layer inside a stack of the network."""
    paths = {module: name for name, module in network.named_modules()}
    for module in stack.modules():
        if isinstance(module, nn.ModuleList) and len(module) == n_layers:
            return paths[module], module
    raise BrainlakeError(
        f"{type(network).__name__} has no list of {n_layers} blocks: how it is built is not known; "
        f"describe it in brainlake_builder.models"
    )


def taps(stacks: list[tuple[str, nn.ModuleList]], readout: str, model_type: str) -> list[Tap]:
    """Where a readout reads, in layer order; the layers of a second stack go on behind those of the first.

    A readout is one of :data:`~brainlake.contract.recipe.READOUTS`, or a module's path inside a block.

    Raises
    ------
    BrainlakeError
        If a block has no such module.
    """
    named = READOUTS.get(readout) or Readout("", module=readout)
    found: list[Tap] = []
    embedding = 0
    for path, blocks in stacks:
        llama = named.llama is not None and as_in_llama(blocks[0], model_type, named.llama)
        inside = named.llama if llama and named.llama else named.module
        if named.embedding:
            found.append(Tap(embedding, f"input of {path}.0", blocks[0], entering=True))
        for k, block in enumerate(blocks):
            name = f"{path}.{k}.{inside}".rstrip(".")
            found.append(Tap(embedding + 1 + k, name, _submodule(block, inside)))
        embedding += len(blocks) + 1
    return found


def _submodule(block: nn.Module, path: str) -> nn.Module:
    try:
        return block.get_submodule(path)
    except AttributeError:
        there = ", ".join(name for name, _ in block.named_modules() if name)
        raise BrainlakeError(f"readout {path!r}: no such module in every block; one has {there}") from None


@dataclass(frozen=True)
class Pooling:
    """Tokens to average.

    Attributes
    ----------
    rows, columns
        Pass and place in it of each token, shape (m,), those of one stimulus together. A model that pads by itself
        (Longformer, BigBird) is read at the right place, since nothing is said of the width of its states.
    lengths
        Tokens of each stimulus, shape (k,); null if every one has one.
    """

    rows: torch.Tensor
    columns: torch.Tensor
    lengths: torch.Tensor | None

    def __call__(self, states: torch.Tensor) -> torch.Tensor:
        """Pool states of shape (b, t, d) to (k, d); means are taken, and given, in float32."""
        places = (self.rows * states.shape[1] + self.columns).to(states.device)
        chosen = states.reshape(-1, states.shape[-1]).index_select(0, places)
        if self.lengths is None:
            return chosen
        return torch.segment_reduce(chosen.float(), "mean", lengths=self.lengths.to(chosen.device), axis=0)


class Recorder:
    """Hooks that pool what a network puts out, for each thread that runs it by itself.

    Only pooled states are kept: memory does not grow with layers times tokens.

    Parameters
    ----------
    taps
        Where to read.
    """

    def __init__(self, taps: list[Tap]) -> None:
        self._current: ContextVar[tuple[Pooling, dict[int, torch.Tensor]] | None] = ContextVar("current", default=None)
        self._hooks = [self._hook(tap) for tap in taps]

    @contextmanager
    def pooled(self, pooling: Pooling) -> Iterator[dict[int, torch.Tensor]]:
        """Collect pooled states, shape (k, d), by layer, while the network runs inside the block."""
        found: dict[int, torch.Tensor] = {}
        token = self._current.set((pooling, found))
        try:
            yield found
        finally:
            self._current.reset(token)

    def close(self) -> None:
        """Take the hooks off the network."""
        for hook in self._hooks:
            hook.remove()

    def _hook(self, tap: Tap) -> Any:
        def keep(states: torch.Tensor) -> None:
            if current := self._current.get():
                pooling, found = current
                found[tap.layer] = pooling(states)

        return hook_states(tap.module, tap.entering, keep)


def hook_states(module: nn.Module, entering: bool, keep: Callable[[torch.Tensor], None]) -> Any:
    """Hand the states that enter or leave a module to a function, whenever it runs; returns the hook's handle."""
    if entering:
        return module.register_forward_pre_hook(
            lambda _, args, kwargs: keep(_states(args[0] if args else kwargs["hidden_states"])), with_kwargs=True
        )
    return module.register_forward_hook(lambda _, args, output: keep(_states(output)))


def _states(found: Any) -> torch.Tensor:
    """The states among what a module takes or gives, shape (b, t, d)."""
    states: torch.Tensor = found[0] if isinstance(found, tuple | list) else found
    if states.ndim != 3:
        raise BrainlakeError(
            f"a block gives states of shape {tuple(states.shape)}, not one vector a token: such a model is not read"
        )
    return states
