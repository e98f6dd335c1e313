"""Targets that lack some of the rows: what is fitted to the rows that each has, without fitting each again.

Let G be the residual maker of all rows (`holdout`). Leaving out rows makes another of the rest,

    G - G_:h (G_hh)^-1 G_h:

and a missing response is a row left out for its target alone. Targets that miss the same rows share this matrix. Where
nearly every target misses rows of its own, the hold-out of all targets is corrected instead: with J = (G_hh)^-1,
C = G - G_:h J G_h: and e_m = (C_mm)^-1 (C y)_m for the missing rows m of a target, its errors in the rows h are
J (G y)_h - J G_hm e_m, y being 0 where it is missing. That is one small system a target instead of one fit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from brainlake.encoding.arrays import BoolArray, FloatArray, IntArray
from brainlake.errors import BrainlakeError

# A pattern of gaps that so many targets share has matrices of its own: for fewer, a correction each costs less.
_SHARED = 200
# Numbers in the arrays that a block of targets goes through: they stay in cache.
_VALUES = 2**20
# A pivot this small belongs to a direction that the rows left do not determine.
_SINGULAR = 1e-13


@dataclass(frozen=True, eq=False)
class Gaps:
    """Which responses are there, and which targets lack the same rows.

    Attributes
    ----------
    present : array [n, v] of bool
    shared : list of (rows, columns)
        Missing rows, none for targets that are whole, and the targets that share them. Targets that have no row at
        all are neither here nor among the scattered.
    scattered : array
        All other targets, those that miss equally many rows together.
    blocks : list of (slice, array [m, b])
        Where b targets lie in `scattered`, and the m rows that each of them misses.
    """

    present: BoolArray
    shared: list[tuple[IntArray, IntArray]]
    scattered: IntArray
    blocks: list[tuple[slice, IntArray]]

    @classmethod
    def of(cls, present: BoolArray) -> "Gaps | None":
        """Find the gaps of responses [n, v]; None if all are present."""
        if present.all():
            return None
        n_missing = len(present) - present.sum(0)
        known = n_missing < len(present)
        seen: dict[bytes, int] = {}
        packed = np.packbits(present, axis=0).T
        member = np.array([seen.setdefault(line.tobytes(), len(seen)) for line in packed], dtype=np.intp)
        count = np.bincount(member)
        alone = known & (count[member] < _SHARED) & (n_missing > 0)
        together = [np.flatnonzero(member == i) for i in np.unique(member[known & ~alone])]
        order = np.flatnonzero(alone)
        order = order[np.argsort(n_missing[order], kind="stable")]
        blocks, start = [], 0
        while start < len(order):
            m = int(n_missing[order[start]])
            width = max(1, _VALUES // (m * (m + len(present) // 4)))
            s = slice(start, min(start + width, int(np.searchsorted(n_missing[order], m, side="right"))))
            rows = np.nonzero(~present[:, order[s]].T)[1].reshape(-1, m)
            blocks.append((s, np.ascontiguousarray(rows.T)))
            start = s.stop
        return cls(present, [(np.flatnonzero(~present[:, c[0]]), c) for c in together], order, blocks)

    @property
    def patterns(self) -> list[tuple[IntArray, IntArray]]:
        """Rows that are there and the targets that have them, for every pattern of gaps, shared or not."""
        found = [(np.flatnonzero(self.present[:, c[0]]), c) for _, c in self.shared]
        scattered = self.present[:, self.scattered]
        different, member = np.unique(scattered, axis=1, return_inverse=True)
        member = member.ravel()
        return found + [(np.flatnonzero(d), self.scattered[member == i]) for i, d in enumerate(different.T)]


def without_rows(G: FloatArray, rows: IntArray) -> FloatArray:
    """Return the residual maker [n, n] of all other rows; what it makes of `rows` is nothing, of them alone 1."""
    if not len(rows):
        return G
    left: FloatArray = G - G[:, rows] @ np.linalg.solve(G[np.ix_(rows, rows)], G[rows])
    left[rows] = 0.0
    left[:, rows] = 0.0
    left[rows, rows] = 1.0
    return left


def scattered_errors(
    G: FloatArray, held_out: Sequence[IntArray], responses: FloatArray, gaps: Gaps
) -> Iterator[tuple[int, slice, FloatArray]]:
    """Yield errors of rows held out, each target fitted to the rows that it has among the others.

    Parameters
    ----------
    G : array [n, n]
        Residual maker of all rows.
    held_out : sequence of int arrays
        Rows that are left out together.
    responses : array [n, number of scattered targets]
        In the order of `gaps.scattered`, 0 where missing; its precision is that of the products.
    gaps : Gaps

    Yields
    ------
    i : int
        Number of the rows held out.
    s : slice
        Targets, as in `gaps.blocks`.
    E : array [b, number of rows held out]
        Response (0 where missing) less prediction.

    Raises
    ------
    BrainlakeError
        The rows that a target has left do not determine its fit.
    """
    if not gaps.blocks:
        return
    dtype = responses.dtype
    R = responses.T @ G.astype(dtype)
    for i, h in enumerate(held_out):
        J = np.linalg.inv(G[np.ix_(h, h)])
        W = G[:, h] @ J
        C = G - W @ G[h]
        C[h] = 0.0
        C[:, h] = 0.0
        C[h, h] = 1.0
        J, W = J.astype(dtype), W.astype(dtype)
        for s, rows in gaps.blocks:
            r = R[s]
            in_h = r[:, h]
            lines = W[rows]
            e = np.take_along_axis(r, rows.T, axis=1).T - np.einsum("mbh,bh->mb", lines, in_h)
            e = _solved(C[rows[:, None], rows[None]], e.astype(np.float64)).astype(dtype)
            yield i, s, in_h @ J - np.einsum("mbh,mb->bh", lines, e)


def _solved(S: FloatArray, b: FloatArray) -> FloatArray:
    """Solve v positive definite systems at once, S [m, m, v] and b [m, v], by elimination; both are overwritten."""
    m = len(S)
    for k in range(m):
        if S[k, k].min() < _SINGULAR:
            raise BrainlakeError(
                "the responses that a target has do not determine its fit when folds are left out: leave the target "
                "out, or drop a nuisance regressor"
            )
        factor = S[k + 1 :, k] / S[k, k]
        S[k + 1 :, k + 1 :] -= factor[:, None] * S[k, k + 1 :]
        b[k + 1 :] -= factor * b[k]
    for k in reversed(range(m)):
        b[k] -= np.einsum("jv,jv->v", S[k, k + 1 :], b[k + 1 :])
        b[k] /= S[k, k]
    return b
