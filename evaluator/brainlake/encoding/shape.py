"""The shape of an effect: partial residuals of a smooth curve, and their means in bins of equal counts."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from brainlake.encoding.arrays import BoolArray, FloatArray
from brainlake.encoding.left_out import left_out_coefficients, left_out_log_likelihood
from brainlake.encoding.small_samples import MIN_UNITS, deviation_interval
from brainlake.encoding.spline import knots_of, natural_spline

CURVES: Final = ("quadratic", "spline")
"""What may add to a straight line."""


@dataclass(frozen=True)
class Bin:
    """One bin of a predictor.

    Attributes
    ----------
    low, high, mean : float
        Least, largest and mean value of the predictor.
    value : float
        Mean in the bin less the mean of all, in the unit of what is predicted.
    ci_low, ci_high : float
        95 % interval over groups; nan where fewer than 6 groups have values in the bin.
    n : int
        Values.
    """

    low: float
    high: float
    mean: float
    value: float
    ci_low: float
    ci_high: float
    n: int


def partial_residuals(controls: ArrayLike, x: ArrayLike, y: ArrayLike, groups: ArrayLike) -> FloatArray:
    """Return y less what the controls explain beside a spline of x, each group fitted from the others.

    The residuals of a regression on the controls alone would be biased where x and the controls correlate: the controls
    take what is x's. Here both are fitted together, and what is shown is the curve of x plus the residual
    (Larsen and McCleary, 1972), which is y less the controls' part.

    Parameters
    ----------
    controls : array [n, p]
        Constant or dependent columns are refused.
    x, y : arrays [n]
    groups : array of n labels

    Returns
    -------
    array [n]
        In the unit of y, of mean 0.

    Raises
    ------
    BrainlakeError
        As :func:`brainlake.encoding.left_out.left_out_coefficients`, and for x of few different values.
    """
    C, y = np.asarray(controls, dtype=np.float64), np.asarray(y, dtype=np.float64)
    slopes = left_out_coefficients(np.column_stack([C, natural_spline(x, knots_of(x))]), y, groups)
    member = np.unique(np.asarray(groups), return_inverse=True)[1].ravel()
    rest = y - np.einsum("ij,ij->i", C - C.mean(0), slopes[member, : C.shape[1]])
    return np.asarray(rest - rest.mean())


def bins(x: ArrayLike, values: ArrayLike, groups: ArrayLike, n_bins: int = 10, n_boot: int = 1000) -> list[Bin]:
    """Means of values [n] in bins of x [n] with equal counts, less the mean of all, with intervals over groups.

    Equal values of x fall into one bin, so that the counts may differ, and bins may be fewer.
    """
    x, values, groups = np.asarray(x, np.float64), np.asarray(values, np.float64), np.asarray(groups)
    edges = np.unique(np.quantile(x, np.linspace(0, 1, n_bins + 1)[1:-1]))
    place = np.searchsorted(edges, x, side="left")
    return [_bin(x, values, groups, place == k, n_boot) for k in np.unique(place)]


def curvature_gains(controls: ArrayLike, x: ArrayLike, y: ArrayLike, groups: ArrayLike) -> dict[str, FloatArray]:
    """What curvature adds to a straight line, in held-out log-likelihood a value (nats).

    Parameters
    ----------
    controls, x, y, groups
        As :func:`partial_residuals`; constant or dependent controls are allowed here.

    Returns
    -------
    ``quadratic`` and ``spline``: arrays [n] of the gain of each over the line.

    Raises
    ------
    BrainlakeError
        As :func:`brainlake.encoding.left_out.left_out_log_likelihood`.
    """
    C, x = np.asarray(controls, dtype=np.float64), np.asarray(x, dtype=np.float64)
    line = left_out_log_likelihood(np.column_stack([C, x]), y, groups)
    curves = (np.column_stack([x, (x - x.mean()) ** 2]), natural_spline(x, knots_of(x)))
    return {
        name: left_out_log_likelihood(np.column_stack([C, curve]), y, groups) - line
        for name, curve in zip(CURVES, curves, strict=True)
    }


def _bin(x: FloatArray, values: FloatArray, groups: FloatArray, inside: BoolArray, n_boot: int) -> Bin:
    enough = n_boot > 0 and len(np.unique(groups[inside])) >= MIN_UNITS
    low, high = deviation_interval(values, inside, groups, n_boot=n_boot) if enough else (float("nan"), float("nan"))
    own, value = x[inside], float(values[inside].mean() - values.mean())
    return Bin(float(own.min()), float(own.max()), float(own.mean()), value, low, high, len(own))
