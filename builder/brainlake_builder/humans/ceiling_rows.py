"""What computing a ceiling gives: rows of ``ceilings``, sentences on those that cannot be had, and intervals."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from brainlake.contract.schema import TABLES
from brainlake.encoding.arrays import FloatArray, Labels
from brainlake_builder.humans.dataset import table_of

SOURCE: Final = "brainlake, from the responses"
READERS: Final = "brainlake, from the standard deviation and number of readers of every scored word"
MIN_DRAWN: Final = 5
"""Subjects, or groups of stimuli, of which fewer are not drawn for an interval."""


@dataclass(frozen=True)
class Computed:
    """Rows of ``ceilings``, and why there are no others."""

    rows: pa.Table
    why_not: tuple[str, ...]


def joined(parts: Iterable[Computed]) -> Computed:
    """All rows and all sentences."""
    parts = list(parts)
    return Computed(pa.concat_tables([part.rows for part in parts]), tuple(w for part in parts for w in part.why_not))


def none(why: str) -> Computed:
    """No row, and the reason."""
    return Computed(TABLES["ceilings"].empty_table(), (why,))


def ceiling_rows(benchmark: str, n: int, **columns: Any) -> pa.Table:
    """``n`` rows of ``ceilings``."""
    return table_of("ceilings", n, benchmark=benchmark, **columns)


def interval_of_draws(
    units: Labels, statistic: Callable[[np.ndarray], FloatArray], n: int
) -> tuple[FloatArray, FloatArray]:
    """95 % interval of a statistic when whole units are drawn with replacement.

    Parameters
    ----------
    units
        Label of each of N rows (or subjects).
    statistic
        Function from the numbers of the rows drawn, some more than once, to k numbers.
    n
        Replicates.

    Returns
    -------
    low, high : arrays [k]
    """
    member = np.unique(units, return_inverse=True)[1].ravel()
    rows = [np.flatnonzero(member == i) for i in range(member.max() + 1)]
    rng = np.random.default_rng(0)
    draws = rng.integers(len(rows), size=(n, len(rows)))
    replicates = np.stack([statistic(np.concatenate([rows[i] for i in draw])) for draw in draws])
    ends = np.full((2, replicates.shape[1]), np.nan)
    some = ~np.isnan(replicates).all(0)
    with np.errstate(invalid="ignore"):  # between minus infinities, of halves that are opposite, lies none
        ends[:, some] = np.nanquantile(replicates[:, some], [0.025, 0.975], axis=0)
    return ends[0], ends[1]
