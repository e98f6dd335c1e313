"""How many tokens run at once: what keeps a CPU busy, what a card's memory holds, and half where that was too much.

Batches of other shapes round otherwise, by .02 of a state in bfloat16: a task has one size of batch, which stands in
its sidecars.
"""

from typing import Final

import torch

from brainlake.errors import BrainlakeError
from brainlake_builder.text.batching import BUDGETS, Budget

LEAST: Final = 256
"""Padded tokens of the smallest batch on a card."""

SHARE: Final = 0.4
"""Of the memory that is free on a card, what a batch may fill by estimate: there are two at a time."""

STATES: Final = 16
"""Values of its width that a pass holds at once for a token: a handful of states, and those of the MLP."""


def token_bytes(width: int, n_taps: int, itemsize: int) -> int:
    """Memory that a token of a batch needs, if every token is read at every layer."""
    return (STATES + n_taps) * width * itemsize


def budget_of(device: torch.device, bytes_a_token: int) -> Budget:
    """The batches of a task.

    Parameters
    ----------
    device
        Where the network is, its weights included in what is taken.
    bytes_a_token
        As from :func:`token_bytes`.
    """
    if device.type != "cuda":
        return BUDGETS["cpu"]
    free, total = torch.cuda.mem_get_info(device)
    mine = torch.cuda.get_per_process_memory_fraction(device) * total - torch.cuda.memory_reserved(device)
    return fitting(BUDGETS["cuda"], int(min(free, mine)), bytes_a_token)


def keep_to_share(gpus: float) -> None:
    """Take no more than a share of the memory of the GPU that this process sees: others run on it as well."""
    torch.cuda.set_per_process_memory_fraction(gpus)


def fitting(largest: Budget, free: int, bytes_a_token: int) -> Budget:
    """The largest batch, halved until it fits into memory.

    Examples
    --------
    >>> fitting(Budget(16384, 16384), free=10 << 30, bytes_a_token=400_000)
    Budget(batch=8192, part=8192)
    """
    budget = largest
    while budget.batch > LEAST and budget.batch * bytes_a_token > SHARE * free:
        budget = Budget(budget.batch // 2, budget.part // 2)
    return budget


def halved(budget: Budget, longest: int, title: str) -> Budget:
    """The next size to try when memory ran out.

    Raises
    ------
    BrainlakeError
        If batches hold one pass already.
    """
    if budget.batch <= longest:
        raise BrainlakeError(
            f"{title}: memory runs out with one text of {longest} tokens at a time; take a larger device, --dtype "
            f"bfloat16, or shorter windows with +max_tokens=N"
        )
    return Budget(budget.batch // 2, max(1, budget.part // 2))
