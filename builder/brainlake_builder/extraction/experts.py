"""How much of a network's weights a token meets: of experts a few, of everything else all."""

from collections.abc import Iterator
from typing import Any, Final

from torch import nn

CHOSEN: Final = ("num_experts_per_tok", "num_experts_per_token", "moe_topk", "moe_k", "num_selected_experts")
THERE: Final = ("num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts")
"""What configurations call the experts that a token goes to, and those that it is routed among."""


def weights_a_token(blocks: nn.Module, config: Any) -> float:
    """Weights of a stack of blocks that a token is multiplied by.

    Parameters
    ----------
    blocks
        The stack, its experts in modules called ``experts``, or of a class that ends so.
    config
        Of the text model. Where it does not say how many experts a token goes to, all are counted.
    """
    every = sum(weight.numel() for weight in blocks.parameters())
    routed = sum(weight.numel() for experts in _experts(blocks) for weight in experts.parameters())
    return every - routed * (1 - _share(config))


def _experts(module: nn.Module, name: str = "") -> Iterator[nn.Module]:
    """Modules of experts, none inside another; those that every token meets are called shared."""
    if name == "experts" or type(module).__name__.endswith("Experts"):
        if "shared" not in name:
            yield module
        return
    for child_name, child in module.named_children():
        yield from _experts(child, child_name)


def _share(config: Any) -> float:
    chosen, there = (_number(config, names) for names in (CHOSEN, THERE))
    return min(1.0, chosen / there) if chosen and there else 1.0


def _number(config: Any, names: tuple[str, ...]) -> float | None:
    """A number of the configuration by the first name that it has; of one a layer, the mean."""
    for name in names:
        value = getattr(config, name, None)
        if isinstance(value, list | tuple) and value:
            return float(sum(value) / len(value))
        if isinstance(value, int) and value:
            return float(value)
    return None
