"""Exchanges of whole blocks of rows, and shifts of a series around the circle.

Responses that share a passage are no independent draws: exchanged one by one they make far too many scores significant.
Exchanged in blocks they do not. Responses that follow one another have no blocks: wherever a series is cut its memory
is, and a fit that has learnt from the neighbours of what it is tested on loses what it learnt. Shifted around the
circle it is cut in one place only (`tests/benchmarks/bench_coverage.py`).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from brainlake.encoding.arrays import IntArray
from brainlake.errors import BrainlakeError


def contiguous_blocks(n: int, length: int, runs: ArrayLike | None = None) -> IntArray:
    """Return block labels [n]: stretches of `length` rows, none across two runs; the last of a run may be shorter.

    Raises
    ------
    BrainlakeError
        Blocks of no rows.
    """
    if length < 1:
        raise BrainlakeError(f"blocks of {length} rows: at least 1 is needed")
    run = np.zeros(n, dtype=np.intp) if runs is None else np.unique(np.asarray(runs), return_inverse=True)[1]
    position = np.empty(n, dtype=np.intp)
    for r in np.unique(run):
        rows = np.flatnonzero(run == r)
        position[rows] = np.arange(len(rows)) // length
    return np.unique(np.stack([run.ravel(), position]), axis=1, return_inverse=True)[1].ravel()


@dataclass(frozen=True, eq=False)
class Blocks:
    """Blocks that may change places; those whose length no other has stay where they are.

    Attributes
    ----------
    n : int
        Number of rows.
    alike : list of arrays [B, m]
        Rows of the B > 1 blocks of m rows, for every length m that several blocks have.
    """

    n: int
    alike: list[IntArray]

    @property
    def n_orders(self) -> int:
        """How many different orders there are, the one as it is among them."""
        return math.prod(math.factorial(len(rows)) for rows in self.alike)

    @classmethod
    def of(cls, labels: ArrayLike) -> "Blocks":
        """Blocks of rows with the same of n labels.

        Raises
        ------
        BrainlakeError
            If no two blocks have the same number of rows.
        """
        member = np.unique(np.asarray(labels), return_inverse=True)[1].ravel()
        rows = np.split(np.argsort(member, kind="stable"), np.cumsum(np.bincount(member))[:-1])
        lengths = np.array([len(r) for r in rows])
        found = [np.stack([rows[i] for i in np.flatnonzero(lengths == m)]) for m in np.unique(lengths)]
        alike = [r for r in found if len(r) > 1]
        if not alike:
            raise BrainlakeError("no two blocks have the same number of rows: there is nothing to exchange")
        return cls(len(member), alike)


def block_orders(blocks: Blocks, n: int, rng: np.random.Generator) -> IntArray:
    """Return n exchanges of blocks of equal length as the rows that come to each row, [n, rows]."""
    orders = np.tile(np.arange(blocks.n), (n, 1))
    for order in orders:
        for rows in blocks.alike:
            order[rows.ravel()] = rng.permutation(rows).ravel()
    return orders


def shift_orders(n_rows: int, n: int, rng: np.random.Generator) -> IntArray:
    """Return different shifts of a series around the circle, n of them or all that there are, [at most n, rows]."""
    shifts = 1 + rng.permutation(n_rows - 1)[:n]
    return (np.arange(n_rows) + shifts[:, None]) % n_rows
