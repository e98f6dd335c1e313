"""What a network says of its own states in a pass, beside what was read there."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from brainlake_builder.models.blocks import hook_states
from brainlake_builder.models.runner import Runner, network_type
from brainlake_builder.text.passes import Int64, Pass

AFTER_EACH_BLOCK = ("mamba", "mamba2", "falcon_mamba", "rwkv")
"""Models whose ``hidden_states`` begin behind the first block, not with the embedding."""


@dataclass(frozen=True)
class OwnStates:
    """States of one pass, pooled as the recipe says, by the network and by the runner.

    Attributes
    ----------
    pooled, read
        By row of layers: the network's own, and what the runner read, shape (k, d) each.
    fed
        Ids that entered the embedding, shape (n,), without what the network pads itself.
    source
        Where the network's own come from.
    """

    pooled: list[torch.Tensor]
    read: torch.Tensor
    fed: Int64
    source: str


@torch.inference_mode()
def own_states(runner: Runner, one: Pass) -> OwnStates:
    """Run a pass once, read by the runner, and collect the network's own states from that same pass.

    Inputs and outputs of blocks are told from ``hidden_states``; the last, which a final norm has gone over there, is
    followed back through the modules behind the blocks. Other readouts are told from the module of that name.
    """
    inside = {module for _, blocks in runner.stacks for block in blocks for module in block.modules()}
    outside = _Outside(runner.network, inside)
    named: dict[int, torch.Tensor] = {}
    hooks = [
        hook_states(runner.network.get_submodule(_path(tap.name)), tap.entering, _keep(named, k))
        for k, tap in enumerate(runner.taps)
    ]
    fed: list[torch.Tensor] = []
    first = runner.network.get_encoder() if runner.model.kind == "encoder-decoder" else runner.network
    hooks.append(first.get_input_embeddings().register_forward_pre_hook(lambda _, args: fed.append(args[0])))
    try:
        with outside:
            reference, read = runner.observe(one)
    finally:
        for hook in hooks:
            hook.remove()
    hidden = _by_layer(runner, reference.hidden, outside)
    states = [hidden.get(tap.layer, named[k]) if _of_block(tap.name) else named[k] for k, tap in enumerate(runner.taps)]
    source = "hidden_states" if all(_of_block(tap.name) for tap in runner.taps) and hidden else "the modules named"
    ids: npt.NDArray[Any] = fed[0][0, : len(one.ids)].cpu().numpy()
    return OwnStates([_pool(one, found) for found in states], read, ids, source)


def _keep(named: dict[int, torch.Tensor], k: int) -> Any:
    return lambda states: named.__setitem__(k, states)


def _path(name: str) -> str:
    return name.removeprefix("input of ")


def _of_block(name: str) -> bool:
    """Whether a place is the input or output of a block itself: its name ends in the block's number."""
    return name.rpartition(".")[2].isdigit()


def _by_layer(
    runner: Runner, stacks: tuple[tuple[torch.Tensor, ...], ...], outside: "_Outside"
) -> dict[int, torch.Tensor]:
    found: dict[int, torch.Tensor] = {}
    layer = 0
    kind = network_type(runner.network)
    every = getattr(runner.network.config, "rescale_every", 0)
    for hidden, (_, blocks) in zip(stacks, runner.read_stacks(), strict=True):
        for k, states in enumerate(hidden[:-1]):
            if kind not in AFTER_EACH_BLOCK:
                found[layer + k] = states
            elif not every or (k + 1) % every:
                # RWKV halves its states between some blocks, and gives those.
                found[layer + k + 1] = states
        if hidden and kind not in AFTER_EACH_BLOCK:
            found[layer + len(blocks)] = outside.back_from(hidden[-1])
        layer += len(blocks) + 1
    return found


def _pool(one: Pass, states: torch.Tensor) -> torch.Tensor:
    chosen = states[0][torch.from_numpy(one.pooled).to(states.device)]
    lengths = np.bincount(one.pooled_item, minlength=len(one.items))
    if (lengths == 1).all():
        return chosen
    return torch.segment_reduce(chosen.float(), "mean", lengths=torch.from_numpy(lengths).to(states.device), axis=0)


class _Outside:
    """What went into and came out of the modules that are no part of a block, as a context."""

    def __init__(self, network: nn.Module, inside: set[nn.Module]) -> None:
        self._modules = [
            module
            for module in network.modules()
            if module not in inside and not any(m in inside for m in module.modules())
        ]
        self._seen: list[tuple[torch.Tensor, torch.Tensor]] = []

    def __enter__(self) -> None:
        def keep(_: nn.Module, args: Any, output: Any) -> None:
            if args and all(isinstance(x, torch.Tensor) and x.ndim == 3 for x in (args[0], output)):
                self._seen.append((args[0], output))

        self._hooks = [module.register_forward_hook(keep) for module in self._modules]

    def __exit__(self, *_: object) -> None:
        for hook in self._hooks:
            hook.remove()

    def back_from(self, states: torch.Tensor) -> torch.Tensor:
        """What a final norm, or several modules one behind the other, made these states of."""
        for entered, left in reversed(self._seen):
            if left.shape == states.shape and torch.equal(left, states):
                states = entered
        return states
