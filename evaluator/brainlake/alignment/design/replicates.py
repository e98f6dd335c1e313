"""How many bootstrap replicates an interval can be read from, and which protocols have p values."""

from typing import Final

from brainlake.alignment.design.protocols import Protocol
from brainlake.bank.arguments import number
from brainlake.errors import BrainlakeError

MIN_REPLICATES: Final = 40
"""The ends of a 95 % interval are the 2.5 % and 97.5 % quantiles: with fewer, not one replicate lies beyond each."""

MAX_REPLICATES: Final = 1_000_000
"""Of replicates or permutations: with more, no interval is narrower, and no call would end."""


def check_replicates(n_boot: object) -> int:
    """Return a number of bootstrap replicates; 0 asks for no interval.

    Raises
    ------
    BrainlakeError
        If it is none, or is negative, too small to read an interval from, or too large to be meant.
    """
    n_boot = number("n_boot", n_boot, at_most=MAX_REPLICATES)
    if n_boot and n_boot < MIN_REPLICATES:
        raise BrainlakeError(
            f"{n_boot} bootstrap replicates; a 95 % interval needs at least {MIN_REPLICATES}, and 0 is for no interval"
        )
    return n_boot


def check_permutations(n_permutations: int, protocol: Protocol) -> None:
    """Refuse permutations where they would be ignored, whatever the benchmark.

    Raises
    ------
    BrainlakeError
        If the protocol fits nothing, or chooses penalties in a way that no exchange repeats.
    """
    if not n_permutations:
        return
    if protocol.folds is None:
        raise BrainlakeError(f"protocol {protocol.name} has no p values: it fits nothing; leave out the permutations")
    if protocol.penalty == "target":
        raise BrainlakeError(
            f"protocol {protocol.name} has no p values: penalties of single targets are not refitted; leave out the "
            f"permutations or penalty=target"
        )
    if protocol.criterion != "squared_error":
        raise BrainlakeError(
            f"protocol {protocol.name} has no p values: penalties are chosen again in each exchange by squared error; "
            f"leave out the permutations or criterion={protocol.criterion}"
        )
    if protocol.inner != "folds":
        raise BrainlakeError(
            f"protocol {protocol.name} has no p values: penalties are chosen again in each exchange by inner folds; "
            f"leave out the permutations or inner={protocol.inner}"
        )
