"""Exchanges of whole blocks of rows, and what an operator makes of the responses in each of them.

Responses that follow one another, or share a passage, are no independent draws: exchanged one by one they make far too
many scores significant (`tests/benchmarks/bench_null.py`). Exchanged in blocks as long as their memory they do not.

One random exchange costs a product of the operator with all responses. Here exchanges are drawn by the circle: the
places of B blocks of equal length are put on a circle in random order, their contents on another, and one is turned
against the other. Each of the B turns is a uniformly random exchange, and the products of an operator with the
contents at all turns are one circular correlation: at B / 2 + 1 frequencies a product of n x m by m x v, for blocks of
m rows, as much work as two products of n x n by n x v instead of B.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import fft

from brainlake.encoding.arrays import FloatArray, IntArray
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
    """Blocks that may change places.

    Attributes
    ----------
    n : int
        Number of rows.
    alike : list of arrays [B, m]
        Rows of the B > 1 blocks of m rows, for every length m that several blocks have.
    fixed : array
        Rows of blocks whose length no other has: they stay in place.
    """

    n: int
    alike: list[IntArray]
    fixed: IntArray

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
        return cls(len(member), alike, np.concatenate([np.empty(0, np.intp), *(r[0] for r in found if len(r) == 1)]))

    @property
    def n_turns(self) -> int:
        """Turns of the largest circle; smaller ones go round more than once."""
        return max(len(rows) for rows in self.alike)


@dataclass(frozen=True, eq=False)
class Turns:
    """Exchanges of blocks: at turn j, place b of a circle takes what is at b + j of its contents.

    Attributes
    ----------
    blocks : Blocks
    places, contents : list of arrays [B, m]
        Rows in the order of each circle.
    n : int
        Number of turns.
    """

    blocks: Blocks
    places: list[IntArray]
    contents: list[IntArray]
    n: int

    @classmethod
    def draw(cls, blocks: Blocks, n: int, rng: np.random.Generator) -> "Turns":
        """Put the blocks of each length on two circles in random order."""
        return cls(blocks, [rng.permutation(r) for r in blocks.alike], [rng.permutation(r) for r in blocks.alike], n)

    def orders(self) -> IntArray:
        """Rows [n turns, n rows] that come to each row."""
        orders = np.tile(np.arange(self.blocks.n), (self.n, 1))
        for places, contents in zip(self.places, self.contents, strict=True):
            turned = (np.arange(len(places)) + np.arange(self.n)[:, None]) % len(places)
            orders[:, places.ravel()] = contents[turned].reshape(self.n, -1)
        return orders

    def products(self, operator: FloatArray) -> Callable[[FloatArray], FloatArray]:
        """Return a function from responses Y [n, v] to operator @ Y[order] at every turn, [n turns, k, v].

        Parameters
        ----------
        operator : array [k, n]
            Its precision, and that of the responses, is that of the products.
        """
        spectra = [fft.rfft(operator[:, places], axis=1).conj().transpose(1, 0, 2).copy() for places in self.places]
        staying = operator[:, self.blocks.fixed]

        def apply(Y: FloatArray) -> FloatArray:
            products = np.empty((self.n, len(operator), Y.shape[1]), Y.dtype)
            products[:] = staying @ Y[self.blocks.fixed]
            for spectrum, contents in zip(spectra, self.contents, strict=True):
                turned = fft.irfft(spectrum @ fft.rfft(Y[contents], axis=0), len(contents), axis=0)
                for start in range(0, self.n, len(turned)):
                    products[start : start + len(turned)] += turned[: self.n - start]
            return products

        return apply
