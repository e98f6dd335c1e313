"""Correlation over items that come in clusters, plain, of ranks, or given others; by a jackknife over clusters.

Models of one base have one size, nearly one score, and count as little more than one: Fisher's interval for
independent items, which promises .95, holds .68 to .96. Leaving out one cluster at a time on the scale of Fisher's z,
with Student's t of a degree of freedom less than clusters, holds .94 to .96, and of ranks up to .97
(`tests/benchmarks/bench_study_coverage.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from brainlake.encoding.arrays import FloatArray, matrix
from brainlake.encoding.correlation import standardised
from brainlake.encoding.student import student_quantile, student_tail
from brainlake.errors import BrainlakeError

_EPSILON: Final = float(np.finfo(np.float64).eps)
_IN_LINE: Final = 1e-9
"""Correlations so near to 1 are 1 but for rounding errors, of which Fisher's z would make numbers."""
MIN_CLUSTERS: Final = 5
"""Clusters below which a correlation gets no interval."""


@dataclass(frozen=True)
class ClusteredCorrelation:
    """A correlation with what is known of its error.

    Attributes
    ----------
    r
        nan where a variable does not vary, or not beyond what is given.
    low, high, p
        Interval and two-sided p value of 0 from the jackknife over clusters; nan with fewer than 5 clusters, or where
        a cluster left out leaves nothing that varies, or all in line.
    p_independent
        Two-sided p value as if items had nothing to do with each other: Student's t of r.
    """

    r: float
    low: float
    high: float
    p: float
    p_independent: float


def clustered_correlation(
    x: ArrayLike,
    y: ArrayLike,
    groups: ArrayLike,
    given: ArrayLike | None = None,
    *,
    ranks: bool = False,
    level: float = 0.95,
) -> ClusteredCorrelation:
    """Correlate x with y.

    Parameters
    ----------
    x, y : arrays [n]
    groups : array [n]
        The cluster of every item.
    given : array [n], optional
        What both are freed from first, by regression: a partial correlation.
    ranks
        Whether ranks are correlated (Spearman), those of ``given`` too.
    level

    Raises
    ------
    BrainlakeError
        Different lengths, fewer than 4 items (5 where something is given), or values that are not finite.
    """
    columns: FloatArray = np.column_stack([x, y] if given is None else [x, y, given]).astype(np.float64)
    labels = np.unique(np.asarray(groups), return_inverse=True)[1].ravel()
    n, least = len(columns), 4 + (given is not None)
    if n < least:
        raise BrainlakeError(f"a correlation of {n} items: at least {least} are needed")
    columns = matrix(columns, "properties and scores", rows=len(labels))
    r = _correlation(columns, ranks)
    df = n - 2 - (given is not None)
    p_independent = _two_sided(r * np.sqrt(df / max(1 - r * r, _EPSILON)), df)
    rest = [columns[labels != g] for g in np.unique(labels)]
    without = [_correlation(one, ranks) if len(one) >= least else float("nan") for one in rest]
    return ClusteredCorrelation(r, *_jackknife(r, without, level), p_independent)


def _jackknife(r: float, without: Sequence[float], level: float) -> tuple[float, float, float]:
    """Ends of the interval and p, from the correlation and those without each cluster; nan where there are none."""
    if len(without) >= MIN_CLUSTERS and (np.abs([r, *without]) < 1 - _IN_LINE).all():
        z, centre, df = np.arctanh(without), np.arctanh(r), len(without) - 1
        error = np.sqrt(df * np.var(z))
        if error > 0:  # else ranks that no cluster changes, which is no certainty
            half = student_quantile((1 + level) / 2, df) * error
            return float(np.tanh(centre - half)), float(np.tanh(centre + half)), _two_sided(centre / error, df)
    return (float("nan"),) * 3


def _correlation(columns: FloatArray, ranks: bool) -> float:
    """Correlation of the first two columns, given the third."""
    from scipy.stats import rankdata  # Imported here: scipy.stats takes a second to load.

    values = standardised(rankdata(columns, axis=0) if ranks else columns)
    r = values.T @ values
    if len(r) == 2:
        return float(r[0, 1])
    left = (1 - r[0, 2] ** 2) * (1 - r[1, 2] ** 2)
    # What another variable tells wholly leaves nothing to correlate.
    return float((r[0, 1] - r[0, 2] * r[1, 2]) / np.sqrt(left)) if left > len(values) * _EPSILON else float("nan")


def _two_sided(t: float, df: int) -> float:
    return float(2 * student_tail(abs(t), df))
