"""Which rows come to each row in every exchange, and where there are too few exchanges for a p value."""

from dataclasses import dataclass

import numpy as np

from brainlake.alignment.design.setting import Setting
from brainlake.encoding.arrays import IntArray
from brainlake.encoding.exchange import Blocks, block_orders, shift_orders
from brainlake.recordings.recording import Recording

PIECES = 10
"""Independent pieces of a series below which its shifts are too much alike."""


@dataclass(frozen=True, eq=False)
class Exchanges:
    """Rows that come to each row: as they are, then in every exchange, shape (1 + exchanges, n).

    Attributes
    ----------
    name
        How many there are of what.
    different
        Orders that can be told apart: of few groups fewer than were drawn.
    """

    orders: IntArray
    name: str
    different: int

    @classmethod
    def of(cls, setting: Setting, seed: int = 0) -> "Exchanges":
        """Exchanges of groups, or of single stimuli where there are none; of TRs, shifts around the circle.

        Raises
        ------
        BrainlakeError
            If no two groups have the same number of stimuli.
        """
        recording, rng = setting.recording, np.random.default_rng(seed)
        n = different = len(recording.responses)
        if recording.volumes is not None:
            orders, name = shift_orders(n, setting.n_permutations, rng), "shifts of the series"
        else:
            groups = np.arange(n) if recording.groups is None else recording.groups
            blocks = Blocks.of(groups)
            orders, different = block_orders(blocks, setting.n_permutations, rng), blocks.n_orders
            name = f"exchanges of {'stimuli' if recording.groups is None else 'groups'}"
        return cls(np.concatenate([np.arange(n)[None], orders]), f"{len(orders)} {name}", different)

    @property
    def smallest_p(self) -> float:
        """The p value of a score that no exchange reaches."""
        return 1 / min(len(self.orders), self.different)


def too_few_exchanges(recording: Recording) -> str | None:
    """Why groups cannot be exchanged, or shifts of a series tell nothing; None if they do."""
    if recording.volumes is None:
        sizes = np.unique([] if recording.groups is None else recording.groups, return_counts=True)[1].tolist()
        unequal = sizes and len(set(sizes)) == len(sizes)
        return "no two groups have the same number of stimuli, and only those can be exchanged" if unequal else None
    pieces = len(recording.responses) / recording.memory
    if pieces >= PIECES:
        return None
    return f"the series is worth about {pieces:.0f} independent pieces, and shifts need {PIECES}"
