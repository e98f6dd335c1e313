"""How many bootstrap replicates an interval can be read from."""

from typing import Final

from brainlake.errors import BrainlakeError

MIN_REPLICATES: Final = 40
"""The ends of a 95 % interval are the 2.5 % and 97.5 % quantiles: with fewer, not one replicate lies beyond each."""


def check_replicates(n_boot: int) -> None:
    """Refuse a number of bootstrap replicates that gives no interval; 0 asks for none.

    Raises
    ------
    BrainlakeError
        If it is negative, or too small to read an interval from.
    """
    if n_boot and n_boot < MIN_REPLICATES:
        raise BrainlakeError(
            f"{n_boot} bootstrap replicates; a 95 % interval needs at least {MIN_REPLICATES}, and 0 is for no interval"
        )
