"""What a network is besides its weights: found changed after a pass, and put back.

Some networks change by what they are fed. BigBird goes over to full attention at its first short text, for good;
rotary embeddings of the kinds ``dynamic`` and ``longrope`` take their frequencies from the width of the last batch.
What such a network gives for a text would depend on the texts before it.
"""

from typing import Any

import torch
from torch import nn

_TORCH = frozenset(nn.Module().__dict__)


class AsLoaded:
    """Attributes, submodules and buffers of all modules of a network, as they are now.

    Attributes that a pass adds are left alone: they hold what was computed once (the factors of ``longrope``), or that
    hooks of ``transformers`` are in place.

    Parameters
    ----------
    network
        Its weights are not looked at: no pass may change them.
    """

    def __init__(self, network: nn.Module) -> None:
        self._modules = [(module, *_facts(module)) for module in network.modules()]
        self._buffers = [
            (module, name, buffer, buffer.clone())
            for module in network.modules()
            for name, buffer in module._buffers.items()
            if buffer is not None
        ]

    def changed(self) -> bool:
        """Whether anything is not as it was."""
        return any(
            _facts(module)[1] != children or not all(_same(vars(module).get(name), v) for name, v in attributes.items())
            for module, attributes, children in self._modules
        ) or any(not _same(module._buffers.get(name), copy) for module, name, _, copy in self._buffers)

    def restore(self) -> None:
        """Put everything back."""
        for module, attributes, children in self._modules:
            module.__dict__.update(attributes)
            module._modules.clear()
            module._modules.update(children)
        for module, name, buffer, copy in self._buffers:
            module._buffers[name] = buffer.copy_(copy)


def _facts(module: nn.Module) -> tuple[dict[str, Any], dict[str, Any]]:
    attributes = {name: value for name, value in module.__dict__.items() if name not in _TORCH}
    return attributes, dict(module._modules)


def _same(one: Any, other: Any) -> bool:
    """Whether two attributes hold the same; what cannot be compared is the same if it is the same object."""
    if one is other:
        return True
    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        return one.shape == other.shape and one.device == other.device and bool(torch.equal(one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    return type(one) is type(other) and isinstance(one, int | float | str | bool) and one == other
