"""Means and ratios of values that come in clusters, such as models that were tuned from one base.

Everything here is about sum(values) / sum(weights): the mean where every weight is 1, the ratio of means where values
are changes and weights are what changed. Who shares a cluster shares its luck, so clusters are what is counted.
`tests/benchmarks/bench_study_coverage.py` counts how often the intervals hold what they should.
"""

from dataclasses import dataclass
from itertools import product
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.student import student_quantile, student_tail
from brainlake.errors import BrainlakeError

EXACT_UP_TO: Final = 14
"""Clusters whose signs are flipped in every possible way; with more, ways are drawn."""
DRAWN: Final = 4999
_TIE: Final = 1e-9


@dataclass(frozen=True, eq=False)
class Clusters:
    """Sums of values and of weights over every cluster, both [G].

    Examples
    --------
    >>> gains = Clusters.of([0.1, 0.2, 0.6], [1, 1, 1], ["a", "a", "b"])
    >>> float(round(gains.estimate, 3))
    0.3
    """

    values: FloatArray
    weights: FloatArray

    @classmethod
    def of(cls, values: ArrayLike, weights: ArrayLike, groups: ArrayLike) -> "Clusters":
        """Sum values and weights [n] over groups [n].

        Raises
        ------
        BrainlakeError
            Values that are not finite, or weights that are not positive.
        """
        y, w = np.asarray(values, dtype=np.float64), np.asarray(weights, dtype=np.float64)
        if not (np.isfinite(y).all() and np.isfinite(w).all() and (w > 0).all()):
            raise BrainlakeError("values have to be finite numbers, and their weights positive ones")
        member = np.unique(np.asarray(groups), return_inverse=True)[1].ravel()
        return cls(np.bincount(member, y).astype(np.float64), np.bincount(member, w).astype(np.float64))

    @property
    def estimate(self) -> float:
        """Sum of values over sum of weights."""
        return float(self.values.sum() / self.weights.sum())


class Robust(NamedTuple):
    """Standard error, degrees of freedom, interval, and two-sided p value of 0."""

    error: float
    df: float
    low: float
    high: float
    p: float


def robust(clusters: Clusters, level: float = 0.95) -> Robust:
    """Return the bias-reduced cluster-robust error (CR2), with Satterthwaite's degrees of freedom.

    Variances are taken to grow with weights: it is the CR2 of a regression of values / sqrt(weight) on sqrt(weight),
    that is of values on a constant where weights are 1 (Bell & McCaffrey, 2002; Pustejovsky & Tipton, 2018). Sums of
    residuals over clusters are divided by sqrt(1 - share of the weights).

    Raises
    ------
    BrainlakeError
        If there is one cluster only.
    """
    total, w = clusters.weights.sum(), clusters.weights
    if len(w) < 2:
        raise BrainlakeError("one cluster shows no spread between clusters: at least 2 are needed")
    scale = 1 / (1 - w / total)
    residuals = clusters.values - clusters.estimate * w
    error = float(np.sqrt((residuals**2 * scale).sum()) / total)
    # Covariance of the scaled residuals, up to a factor.
    working = np.sqrt(np.outer(scale, scale)) * (np.diag(w) - np.outer(w, w) / total)
    df = float(np.trace(working) ** 2 / (working**2).sum())
    half = float(student_quantile((1 + level) / 2, df)) * error
    with np.errstate(divide="ignore", invalid="ignore"):
        p = float(2 * student_tail(np.abs(np.float64(clusters.estimate) / error), df))
    return Robust(error, df, clusters.estimate - half, clusters.estimate + half, p)


class SignFlip(NamedTuple):
    """Interval by inversion, two-sided p value of 0, and the smallest p value that so many clusters can show."""

    low: float
    high: float
    p: float
    floor: float


def sign_flip(clusters: Clusters, level: float = 0.95, seed: int = 0) -> SignFlip:
    """Test by flipping the signs of whole clusters, and invert the test into an interval.

    Exact where clusters are symmetric around the true value, however unequal they are. Under the value m the statistic
    is the absolute sum of values - m weights. The values of m at which a flip is at least as extreme as no flip lie
    between the ratio of the flipped clusters and that of the others, so that ends of intervals are order statistics.
    The ends are infinite where the smallest possible p value exceeds 1 - level.

    Parameters
    ----------
    clusters
    level
    seed
        Of the flips that are drawn where there are more than 14 clusters.
    """
    flips = _flips(len(clusters.values), seed)
    flipped, kept = (m @ np.stack([clusters.values, clusters.weights], axis=1) for m in (flips, ~flips))
    below, above = np.sort(np.stack([flipped[:, 0] / flipped[:, 1], kept[:, 0] / kept[:, 1]]), axis=0)
    n = len(flips) + 1  # and the clusters as they are
    total = abs(clusters.values.sum())
    extreme = int((np.abs(kept[:, 0] - flipped[:, 0]) >= total * (1 - _TIE)).sum())
    allowed = int(np.floor((1 - level) * n + _TIE))
    if allowed < 1:
        return SignFlip(-np.inf, np.inf, (1 + extreme) / n, 1 / n)
    # No flip is the most extreme under every value: it stands at infinity, before all others.
    low = float(np.sort(below)[allowed - 1])
    high = float(np.sort(above)[::-1][allowed - 1])
    return SignFlip(low, high, (1 + extreme) / n, 1 / n)


def _flips(n: int, seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Which clusters are flipped, [ways, n]; not in: none, all, and the opposite of a way."""
    if n <= EXACT_UP_TO:
        ways = np.array(list(product((False, True), repeat=n - 1)), dtype=np.bool_).reshape(2 ** (n - 1), n - 1)
        return np.concatenate([np.zeros((len(ways) - 1, 1), np.bool_), ways[1:]], axis=1)
    drawn = np.random.default_rng(seed).random((DRAWN, n)) < 0.5
    return drawn[drawn.any(1) & ~drawn.all(1)]


def bootstrap(clusters: Clusters, n_boot: int = 1999, level: float = 0.95, seed: int = 0) -> tuple[float, float]:
    """Return percentiles of the estimate over clusters drawn with replacement: too narrow where clusters are few."""
    n = len(clusters.values)
    draws = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=n_boot)
    low, high = np.quantile((draws @ clusters.values) / (draws @ clusters.weights), [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
