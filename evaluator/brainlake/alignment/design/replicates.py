"""How many bootstrap replicates an interval can be read from."""

from typing import Final

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
