"""Folds are data: which rows are trained on and which are tested, under a name that stays with the score."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike

from brainlake.encoding.arrays import MIN_ROWS, BoolArray, IntArray
from brainlake.errors import BrainlakeError

Kind = Literal["shuffled", "disjoint"]
Whole = Literal["groups", "stretches", "stimuli"]

N_FOLDS: Final = 10
N_STRETCHES: Final = 4


@dataclass(frozen=True)
class FoldPlan:
    """Which folds are asked for, before the rows are known.

    Attributes
    ----------
    kind : str
        `shuffled`: random splits, which may overlap; `disjoint`: every row is tested once, and what the benchmark
        names is kept whole (groups, stretches of successive rows, or single stimuli where it has neither).
    number : int or None
        How many; None for 10, or as many as there are groups, if those are fewer, and 4 stretches.
    seed : int
        Seed of what is random in them.
    gap : int
        Time points before and after each test stretch that are not trained on; stimuli have no gap.
    """

    kind: Kind
    number: int | None = None
    seed: int = 0
    gap: int = 0


@dataclass(frozen=True, eq=False)
class Folds:
    """Train and test rows of every fold.

    Attributes
    ----------
    name : str
        `shuffled` or `disjoint`.
    n : int
        Number of rows that are split.
    train, test : tuple of int arrays
        Row numbers, ascending for folds that partition the rows. Rows in neither (a gap) are purged.
    overlapping : bool
        True if a row may be tested in several folds, as in shuffled splits.
    whole : str or None
        What no fold splits: `groups`, `stretches` or `stimuli`; None for shuffled splits.
    """

    name: Kind
    n: int
    train: tuple[IntArray, ...]
    test: tuple[IntArray, ...]
    overlapping: bool
    whole: Whole | None = None

    def __len__(self) -> int:
        return len(self.test)

    @cached_property
    def rows(self) -> IntArray:
        """Tested rows, fold after fold: the order of every stacked array of predictions."""
        return np.concatenate(self.test)

    @cached_property
    def slices(self) -> tuple[slice, ...]:
        """Where each fold lies in a stacked array."""
        ends = np.cumsum([len(t) for t in self.test])
        return tuple(slice(int(e) - len(t), int(e)) for e, t in zip(ends, self.test, strict=True))

    @cached_property
    def held_out(self) -> tuple[IntArray, ...]:
        """Per fold all rows that are not trained on: the test rows and their gap, ascending."""
        return tuple(np.flatnonzero(~_mask(t, self.n)) for t in self.train)

    def subset(self, rows: ArrayLike, keep_empty: bool = False) -> "Folds":
        """The same folds on some of the rows, renumbered from 0; folds left without test rows are dropped, or kept.

        Raises
        ------
        BrainlakeError
            Fewer than 2 folds, or a fold with fewer than 2 training rows, would be left.
        """
        kept = np.asarray(rows, dtype=np.intp)
        number = np.full(self.n, -1, dtype=np.intp)
        number[kept] = np.arange(len(kept))
        pairs = [
            (a[a >= 0], b[b >= 0])
            for a, b in ((number[i], number[j]) for i, j in zip(self.train, self.test, strict=True))
        ]
        pairs = [(a, b) for a, b in pairs if keep_empty or len(b)]
        if len(pairs) < 2 or min(len(a) for a, _ in pairs) < 2:
            raise BrainlakeError(f"{self.name} folds: too few of the {self.n} rows are left ({len(kept)})")
        train, test = (tuple(side) for side in zip(*pairs, strict=True))
        return Folds(self.name, len(kept), train, test, self.overlapping, self.whole)


def shuffle_split(n: int, n_splits: int = N_FOLDS, train_size: float = 0.9, seed: int = 1) -> Folds:
    """Random splits that may overlap: scikit-learn's `ShuffleSplit`, row for row.

    With the defaults these are the splits of Brain-Score Language and of Aw et al. (2024).

    Raises
    ------
    BrainlakeError
        Fewer than 3 rows, or a train or test part that would be empty.
    """
    _enough_rows(n)
    n_train = math.floor(train_size * n)
    if not 0 < n_train < n or n_splits < 1:
        raise BrainlakeError(
            f"shuffled folds of {n} rows: {n_splits} splits that train on {train_size} of them leave nothing to train "
            "on, or to test"
        )
    # As scikit-learn draws them, which takes a second to load.
    generator = np.random.RandomState(seed)
    orders = [generator.permutation(n) for _ in range(n_splits)]
    test, train = (tuple(order[s] for order in orders) for s in (slice(n - n_train), slice(n - n_train, n)))
    return Folds("shuffled", n, train, test, overlapping=True)


def grouped(groups: ArrayLike, n_folds: int = N_FOLDS, seed: int = 0, gap: int = 0) -> Folds:
    """Folds that never split a group (passage, story, run), as equal in size as whole groups allow.

    The largest groups are dealt first, each to the smallest fold so far; `seed` orders groups of equal size.
    With fewer groups than folds every group is a fold.

    Parameters
    ----------
    groups : array of n labels
    n_folds : int
    seed : int
    gap : int
        Rows before and after each stretch of test rows that are not trained on (time series).

    Raises
    ------
    BrainlakeError
        Fewer than 3 rows or 3 groups (strictly nested choices leave two groups out and train on the rest),
        fewer than 3 folds asked for, or a missing label.
    """
    labels = np.asarray(groups)
    _enough_rows(len(labels))
    if labels.dtype == object and any(g is None for g in labels):
        raise BrainlakeError("folds of whole groups: some rows have no group; use by_stimulus if there are none")
    names, member, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    if len(names) < 3:
        raise BrainlakeError(
            f"folds of whole groups: {len(names)} group(s); strictly nested choices leave two out, so 3 are needed"
        )
    shuffled = np.random.default_rng(seed).permutation(len(names))
    fold_of_group = np.empty(len(names), dtype=np.intp)
    load = np.zeros(min(_enough_folds(n_folds), len(names)), dtype=np.intp)
    for g in shuffled[np.argsort(-sizes[shuffled], kind="stable")]:
        fold_of_group[g] = load.argmin()
        load[fold_of_group[g]] += sizes[g]
    return _partition("groups", fold_of_group[member.ravel()], len(load), gap)


def by_stimulus(n: int, n_folds: int = N_FOLDS, seed: int = 0) -> Folds:
    """Random disjoint folds of single rows, for stimuli that have no groups.

    Raises
    ------
    BrainlakeError
        Fewer than 3 rows, or fewer than 3 folds asked for.
    """
    _enough_rows(n)
    n_folds = min(_enough_folds(n_folds), n)
    fold = np.random.default_rng(seed).permutation(np.arange(n) % n_folds)
    return _partition("stimuli", fold, n_folds, gap=0)


def contiguous(n: int, n_folds: int = N_STRETCHES, gap: int = 0) -> Folds:
    """Equal stretches of successive rows; `gap` rows on either side of a test stretch are not trained on.

    Raises
    ------
    BrainlakeError
        Fewer than 3 rows, fewer than 3 folds, or a gap that leaves a fold fewer than 2 training rows.
    """
    _enough_rows(n)
    n_folds = min(_enough_folds(n_folds), n)
    return _partition("stretches", np.arange(n) * n_folds // n, n_folds, gap)


def _partition(whole: Whole, fold: IntArray, n_folds: int, gap: int) -> Folds:
    if gap < 0:
        raise BrainlakeError(f"folds of whole {whole}: gap is {gap}; it cannot be negative")
    test = [np.flatnonzero(fold == k) for k in range(n_folds)]
    train = [np.flatnonzero(~_widen(fold == k, gap)) for k in range(n_folds)]
    if min(len(t) for t in train) < 2:
        raise BrainlakeError(f"folds of whole {whole}: a gap of {gap} rows leaves a fold with nothing to train on")
    return Folds("disjoint", len(fold), tuple(train), tuple(test), overlapping=False, whole=whole)


def _widen(mask: BoolArray, gap: int) -> BoolArray:
    return np.convolve(mask, np.ones(2 * gap + 1))[gap : gap + len(mask)] > 0.5 if gap else mask


def _mask(rows: Sequence[int] | IntArray, n: int) -> BoolArray:
    mask = np.zeros(n, dtype=np.bool_)
    mask[rows] = True
    return mask


def _enough_rows(n: int) -> None:
    if n < MIN_ROWS:
        raise BrainlakeError(f"{n} rows cannot be split into folds; at least {MIN_ROWS} are needed")


def _enough_folds(n_folds: int) -> int:
    if n_folds < 3:
        raise BrainlakeError(f"{n_folds} folds: strictly nested choices leave two out, so 3 are needed")
    return n_folds
