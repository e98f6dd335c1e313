"""Linear mixed model by REML for people reading words: both crossed, neither sampled nor averaged away.

    y = X b + (a_s + c_s x) + u_w + e

with intercept and slope (a_s, c_s) of a person bivariate normal, u_w of a word and e normal: ``y ~ X + (1 + x | person)
+ (1 | word)`` of lme4. Rows enter through their cross products alone, so that an evaluation of the likelihood costs
words x people² products, however many rows there are.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize

from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.mixed_likelihood import Profile, person_factor, profiled, reduced, without_words
from brainlake.encoding.mixed_products import Products, Scaling, cross_products, together
from brainlake.errors import BrainlakeError

# Central differences of this step give the gradient: the criterion a row has a rounding error of some 1e-15.
_STEP = 1e-4
# Largest gradient, a row, at what counts as the minimum.
_FLAT = 1e-5


@dataclass(frozen=True, eq=False)
class MixedFit:
    """A fitted model.

    Attributes
    ----------
    coefficients, errors : array [p + 1]
        Fixed effects, intercept first, and their standard errors.
    people : array [1, 1] or [2, 2]
        Covariance of a person's intercept and, where there is one, slope. The intercept is that at the mean of x.
    word_variance, residual_variance : float
    criterion : float
        -2 log restricted likelihood, as lme4 gives it.
    """

    coefficients: FloatArray
    errors: FloatArray
    people: FloatArray
    word_variance: float
    residual_variance: float
    criterion: float


def fit_mixed(
    X: ArrayLike, y: ArrayLike, people: ArrayLike, words: ArrayLike, slope: ArrayLike | None = None
) -> MixedFit:
    """Fit the model to all rows.

    Parameters
    ----------
    X : array [n, p]
        Fixed effects, without the intercept.
    y : array [n]
    people, words : arrays of n labels
    slope : array [n], optional
        What every person has a slope of; without it people have intercepts alone.

    Raises
    ------
    BrainlakeError
        Values that are not finite, fewer than two people or words, predictors that depend on one another.
    """
    parts, scaling, q = cross_products(X, y, people, words, slope, np.zeros(np.shape(people), int))
    theta, _ = _fitted(parts[0], q)
    return _in_units(parts[0], theta, q, scaling)


def left_out_marginal(
    X: ArrayLike,
    y: ArrayLike,
    people: ArrayLike,
    words: ArrayLike,
    groups: ArrayLike,
    slope: ArrayLike | None = None,
) -> FloatArray:
    """Log-likelihood of every left-out group of rows, marginal over people and words.

    The model is fitted without the group; the density of the group's rows together is normal with mean X b and the
    covariance that the fitted variances give people and words, so that nothing is known of a person but the variance.

    Parameters
    ----------
    X, y, people, words, slope
        As :func:`fit_mixed`.
    groups : array of n labels
        Stories; no word may be in two.

    Returns
    -------
    array [g]
        Nats a row, in the order of the sorted labels.

    Raises
    ------
    BrainlakeError
        As :func:`fit_mixed`; fewer than two groups, or a word in two of them.
    """
    parts, scaling, q = cross_products(X, y, people, words, slope, groups)
    if len(parts) < 2:
        raise BrainlakeError("one group cannot be left out: at least two texts are needed")
    start, found = None, []
    for k, part in enumerate(parts):
        rest = together([other for j, other in enumerate(parts) if j != k])
        start, fit = _fitted(rest, q, start)
        log_det, G = reduced(without_words(part, float(start[-1])), start, q)
        error = np.append(-fit.beta, 1.0)
        quadratic = error @ G @ error / fit.variance
        log_density = -0.5 * (part.n * np.log(2 * np.pi * fit.variance) + log_det + quadratic)
        found.append(log_density / part.n - np.log(scaling.scale[-1]))
    return np.array(found)


def _fitted(part: Products, q: int, start: FloatArray | None = None) -> tuple[FloatArray, Profile]:
    """Relative covariances that minimise the criterion, and what follows from them."""
    # The words' elimination is what costs, and depends on one parameter of up to four.
    eliminated = lru_cache(maxsize=4)(lambda relative: without_words(part, relative))

    def profile(theta: FloatArray) -> Profile:
        return profiled(*reduced(eliminated(float(theta[-1])), theta, q), part.n)

    def criterion(theta: FloatArray) -> float:
        return profile(theta).criterion / part.n

    def gradient(theta: FloatArray) -> FloatArray:
        steps = _STEP * np.eye(len(theta))
        return np.array([(criterion(theta + h) - criterion(theta - h)) / (2 * _STEP) for h in steps])

    # Signs change nothing, so that nothing has to be bounded: at a bound of 0 the criterion is flat whatever the data.
    begin = np.array([0.3, *([0.0, 0.3] if q == 2 else []), 0.3]) if start is None else start
    found = minimize(criterion, begin, jac=gradient, method="L-BFGS-B", options={"ftol": 1e-14, "gtol": 1e-8})
    if np.abs(gradient(found.x)).max() > _FLAT:
        raise BrainlakeError(f"the mixed model did not converge: {found.message}")
    return found.x, profile(found.x)


def _in_units(part: Products, theta: FloatArray, q: int, scaling: Scaling) -> MixedFit:
    """The fit in the units of X and y."""
    log_det, G = reduced(without_words(part, float(theta[-1])), theta, q)
    fit = profiled(log_det, G, part.n)
    size, p = scaling.scale[-1], len(fit.beta)
    # beta of [1, X] from that of [1, (X - mean) / scale].
    back = np.zeros((p, p))
    back[0, 0] = size
    back[np.arange(1, p), np.arange(1, p)] = size / scaling.scale[:-1]
    back[0, 1:] = -size * scaling.mean[:-1] / scaling.scale[:-1]
    coefficients = back @ fit.beta
    coefficients[0] += scaling.mean[-1]
    covariance = back @ np.linalg.inv(fit.precision) @ back.T * fit.variance
    factor = person_factor(theta, q) / scaling.of_person[:, None]
    variance = fit.variance * size**2
    shift = 2 * (part.n - p) * np.log(size) + 2 * np.log(scaling.scale[:-1]).sum()
    return MixedFit(
        coefficients,
        np.sqrt(np.diag(covariance)),
        factor @ factor.T * variance,
        float(theta[-1] ** 2 * variance),
        float(variance),
        float(fit.criterion + shift),
    )
