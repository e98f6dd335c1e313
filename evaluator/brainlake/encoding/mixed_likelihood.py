"""Restricted likelihood of a mixed model of people and words, from cross products, profiled over all but covariances.

Words are eliminated first, since their cross products are diagonal, and what is left has two coefficients a person.
The criterion is that of Bates et al. (2015), eq. 41. ``theta`` are the relative covariances: the lower triangle of a
person's over the residual variance, then the standard deviation of words over the residual's.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cholesky, solve_triangular

from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.mixed_products import Products
from brainlake.errors import BrainlakeError

Eliminated = tuple[float, FloatArray, FloatArray, FloatArray]
"""Log-determinant of the words, and ZZ, ZA and AA without them."""


@dataclass(frozen=True, eq=False)
class Profile:
    """What follows from the relative covariances: fixed effects, residual variance, criterion."""

    beta: FloatArray
    precision: FloatArray
    variance: float
    criterion: float


def without_words(part: Products, relative: float) -> Eliminated:
    """Eliminate the words, whose standard deviation over the residual's is ``relative``."""
    D = 1.0 + relative**2 * part.counts
    share = relative**2 / D
    weighted = part.WZ * share[:, None]
    return (
        float(np.log(D).sum()),
        part.ZZ - weighted.T @ part.WZ,
        part.ZA - weighted.T @ part.WA,
        part.AA - (part.WA * share[:, None]).T @ part.WA,
    )


def reduced(eliminated: Eliminated, theta: FloatArray, q: int) -> tuple[float, FloatArray]:
    """Eliminate people, who have q coefficients each, too.

    Returns
    -------
    Log \\|V\\| and A' V^-1 A, shape (k, k), with V the covariance of the rows over the residual variance.
    """
    log_det, ZZ, ZA, AA = eliminated
    factor = person_factor(theta, q)
    wide, k = ZA.shape
    right = (ZZ.reshape(-1, q) @ factor).reshape(wide // q, q, wide)
    M = (factor.T @ right).reshape(wide, wide)
    M.flat[:: wide + 1] += 1.0
    L = cholesky(M, lower=True, check_finite=False)
    B = solve_triangular(L, (factor.T @ ZA.reshape(wide // q, q, k)).reshape(wide, k), lower=True)
    return log_det + 2 * float(np.log(np.diag(L)).sum()), AA - B.T @ B


def person_factor(theta: FloatArray, q: int) -> FloatArray:
    """Lower triangle of a person's covariance over the residual variance."""
    factor = np.zeros((q, q))
    factor[np.tril_indices(q)] = theta[:-1]
    return factor


def profiled(log_det: float, G: FloatArray, n: int) -> Profile:
    """What follows from the products of :func:`reduced` for n rows.

    Raises
    ------
    BrainlakeError
        If predictors depend on one another.
    """
    p = len(G) - 1
    try:
        R = cholesky(G[:p, :p], lower=True)
    except np.linalg.LinAlgError:
        raise BrainlakeError("the mixed model cannot be fitted: predictors depend on one another") from None
    half = solve_triangular(R, G[:p, p], lower=True)
    rss = G[p, p] - half @ half
    variance = rss / (n - p)
    criterion = log_det + 2 * np.log(np.diag(R)).sum() + (n - p) * (1 + np.log(2 * np.pi * variance))
    return Profile(solve_triangular(R, half, lower=True, trans=1), G[:p, :p], float(variance), float(criterion))
