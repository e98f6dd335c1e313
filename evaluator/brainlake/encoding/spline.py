"""Natural cubic splines: curves that are straight outside their knots."""

import numpy as np
from numpy.typing import ArrayLike

from brainlake.encoding.arrays import FloatArray
from brainlake.errors import BrainlakeError

KNOT_QUANTILES = (0.05, 0.275, 0.5, 0.725, 0.95)
"""Where five knots lie (Harrell, 2015, table 2.3)."""


def knots_of(x: ArrayLike) -> FloatArray:
    """Five knots at the quantiles of x [n].

    Raises
    ------
    BrainlakeError
        If x has too few different values for five knots.
    """
    knots = np.unique(np.quantile(np.asarray(x, dtype=np.float64), KNOT_QUANTILES))
    if len(knots) < len(KNOT_QUANTILES):
        raise BrainlakeError(f"too few different values for a spline: of its 5 knots {len(knots)} would differ")
    return knots


def natural_spline(x: ArrayLike, knots: ArrayLike) -> FloatArray:
    """Return a basis of the natural cubic splines, without the constant.

    Truncated powers constrained to be linear beyond the outer knots (Hastie, Tibshirani and Friedman, 2009, eq. 5.4).

    Parameters
    ----------
    x : array [n]
    knots : array [k], ascending
        At least three.

    Returns
    -------
    array [n, k - 1]
        The first column is x itself, so that what the others add is curvature.

    Raises
    ------
    BrainlakeError
        Fewer than three knots, or knots that do not ascend.
    """
    x, knots = np.asarray(x, dtype=np.float64), np.asarray(knots, dtype=np.float64)
    if len(knots) < 3 or (np.diff(knots) <= 0).any():
        raise BrainlakeError("a spline needs three knots or more, ascending")
    width = knots[-1] - knots[0]
    cubes = np.maximum(x[:, None] - knots, 0) ** 3 / width**2
    slopes = (cubes[:, :-1] - cubes[:, -1:]) / ((knots[-1] - knots[:-1]) / width)
    return np.column_stack([x, slopes[:, :-1] - slopes[:, -1:]])
