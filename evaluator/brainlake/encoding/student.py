"""Student's t and the normal distribution, as `scipy.stats` has them, whose import takes a second."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri, stdtr, stdtrit


def student_quantile(share: float, freedom: ArrayLike) -> Any:
    """Return the value below which Student's t lies with this probability: `scipy.stats.t.ppf`."""
    return stdtrit(freedom, share)


def student_tail(t: ArrayLike, freedom: ArrayLike) -> Any:
    """Return the probability that Student's t is larger: `scipy.stats.t.sf`."""
    return stdtr(freedom, -np.asarray(t))


def normal_upper_quantile(p: ArrayLike) -> NDArray[np.float64]:
    """Return the value above which a standard normal variable lies with this probability: `scipy.stats.norm.isf`."""
    return np.asarray(-ndtri(p))
