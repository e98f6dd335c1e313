"""Linear mixed model by REML for people reading words: both crossed, neither sampled nor averaged away.

    y = X b + (a_s + c_s x) + u_w + e

with intercept and slope (a_s, c_s) of a person bivariate normal, u_w of a word and e normal: ``y ~ X + (1 + x | person)
+ (1 | word)`` of lme4. The criterion is profiled over b and the residual variance (Bates et al., 2015, eq. 41).

Rows enter through their cross products alone. Words are eliminated first, since theirs are diagonal, and what is left
has two coefficients a person: an evaluation costs words x people² products, however many rows there are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import cholesky, solve_triangular
from scipy.optimize import minimize

from brainlake.encoding.arrays import FloatArray, IntArray, matrix
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


@dataclass(frozen=True, eq=False)
class _Products:
    """Cross products of rows: A = [1, X, y] standardised, Z what a person has (1, and x)."""

    n: int
    AA: FloatArray  # [k, k]
    ZZ: FloatArray  # [people * q, people * q], blocks on the diagonal
    ZA: FloatArray  # [people * q, k]
    counts: FloatArray  # [words]
    WA: FloatArray  # [words, k]
    WZ: FloatArray  # [words, people * q]


@dataclass(frozen=True, eq=False)
class _Scaling:
    """How the columns [X, y], and what a person has (1, and x), were centred and scaled."""

    mean: FloatArray
    scale: FloatArray
    of_person: FloatArray


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
    parts, scaling, q = _parts(X, y, people, words, slope, np.zeros(np.shape(people), int))
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
    parts, scaling, q = _parts(X, y, people, words, slope, groups)
    if len(parts) < 2:
        raise BrainlakeError("one group cannot be left out: at least two texts are needed")
    start, found = None, []
    for k, part in enumerate(parts):
        rest = _together([other for j, other in enumerate(parts) if j != k])
        start, fit = _fitted(rest, q, start)
        log_det, G = _reduced(part, start, q)
        error = np.append(-fit.beta, 1.0)
        quadratic = error @ G @ error / fit.variance
        log_density = -0.5 * (part.n * np.log(2 * np.pi * fit.variance) + log_det + quadratic)
        found.append(log_density / part.n - np.log(scaling.scale[-1]))
    return np.array(found)


@dataclass(frozen=True, eq=False)
class _Profile:
    """What follows from the relative covariances: fixed effects, residual variance, criterion."""

    beta: FloatArray
    precision: FloatArray
    variance: float
    criterion: float


def _parts(
    X: ArrayLike, y: ArrayLike, people: ArrayLike, words: ArrayLike, slope: ArrayLike | None, groups: ArrayLike
) -> tuple[list[_Products], _Scaling, int]:
    """Cross products a group, over all people; words are those of the group."""
    columns = np.column_stack([matrix(X, "predictors"), matrix(y, "values")]).astype(np.float64)
    person, word, group = (_codes(labels, len(columns)) for labels in (people, words, groups))
    if person.max() < 1 or word.max() < 1:
        raise BrainlakeError("a mixed model needs two people and two words or more")
    home = np.zeros(word.max() + 1, dtype=np.intp)
    home[word] = group
    if (home[word] != group).any():
        raise BrainlakeError("a word is in two groups: a group cannot be left out together with its words")
    Z = np.ones((len(columns), 1))
    if slope is not None:
        x = matrix(slope, "slope", rows=len(columns))[:, 0].astype(np.float64)
        Z = np.column_stack([Z, x - x.mean()])
    scaling = _Scaling(columns.mean(0), columns.std(0), np.sqrt(np.mean(Z**2, axis=0)))
    if not ((scaling.scale > 0).all() and (scaling.of_person > 0).all()):
        raise BrainlakeError("a predictor, or what is predicted, is constant")
    A = np.column_stack([np.ones(len(columns)), (columns - scaling.mean) / scaling.scale])
    Z /= scaling.of_person
    n_people = int(person.max()) + 1
    masks = (group == k for k in range(group.max() + 1))
    return [_products(A[m], Z[m], person[m], word[m], n_people) for m in masks], scaling, Z.shape[1]


def _products(A: FloatArray, Z: FloatArray, person: IntArray, word: IntArray, n_people: int) -> _Products:
    q, k = Z.shape[1], A.shape[1]
    _, word = np.unique(word, return_inverse=True)
    n_words = word.max() + 1
    ZZ, ZA = np.zeros((n_people, q, n_people, q)), np.zeros((n_people, q, k))
    WZ, WA = np.zeros((n_words, n_people, q)), np.zeros((n_words, k))
    for i in range(q):
        np.add.at(WZ[:, :, i], (word, person), Z[:, i])
        for j in range(q):
            ZZ[np.arange(n_people), i, np.arange(n_people), j] = np.bincount(person, Z[:, i] * Z[:, j], n_people)
        for j in range(k):
            ZA[:, i, j] = np.bincount(person, Z[:, i] * A[:, j], n_people)
    for j in range(k):
        WA[:, j] = np.bincount(word, A[:, j], n_words)
    wide = n_people * q
    counts = np.bincount(word, minlength=n_words).astype(np.float64)
    return _Products(
        len(A), A.T @ A, ZZ.reshape(wide, wide), ZA.reshape(wide, k), counts, WA, WZ.reshape(n_words, wide)
    )


def _together(parts: Sequence[_Products]) -> _Products:
    return _Products(
        sum(p.n for p in parts),
        *(np.sum([getattr(p, name) for p in parts], axis=0) for name in ("AA", "ZZ", "ZA")),
        *(np.concatenate([getattr(p, name) for p in parts]) for name in ("counts", "WA", "WZ")),
    )


def _without_words(part: _Products, relative: float) -> tuple[float, FloatArray, FloatArray, FloatArray]:
    """Log-determinant and products once the words, of that standard deviation over the residual's, are eliminated."""
    D = 1.0 + relative**2 * part.counts
    share = relative**2 / D
    weighted = part.WZ * share[:, None]
    return (
        float(np.log(D).sum()),
        part.ZZ - weighted.T @ part.WZ,
        part.ZA - weighted.T @ part.WA,
        part.AA - (part.WA * share[:, None]).T @ part.WA,
    )


def _reduced(
    part: _Products,
    theta: FloatArray,
    q: int,
    without_words: Callable[[float], tuple[float, FloatArray, FloatArray, FloatArray]] | None = None,
) -> tuple[float, FloatArray]:
    """Log \\|V\\| and A' V^-1 A, V the covariance of the rows over the residual variance."""
    log_det, ZZ, ZA, AA = (without_words or (lambda relative: _without_words(part, relative)))(float(theta[-1]))
    factor = _factor(theta, q)
    wide, k = ZA.shape
    right = (ZZ.reshape(-1, q) @ factor).reshape(wide // q, q, wide)
    M = (factor.T @ right).reshape(wide, wide)
    M.flat[:: wide + 1] += 1.0
    L = cholesky(M, lower=True, check_finite=False)
    B = solve_triangular(L, (factor.T @ ZA.reshape(wide // q, q, k)).reshape(wide, k), lower=True)
    return log_det + 2 * float(np.log(np.diag(L)).sum()), AA - B.T @ B


def _factor(theta: FloatArray, q: int) -> FloatArray:
    """Lower triangle of a person's covariance over the residual variance."""
    factor = np.zeros((q, q))
    factor[np.tril_indices(q)] = theta[:-1]
    return factor


def _profile(log_det: float, G: FloatArray, n: int) -> _Profile:
    p = len(G) - 1
    try:
        R = cholesky(G[:p, :p], lower=True)
    except np.linalg.LinAlgError:
        raise BrainlakeError("the mixed model cannot be fitted: predictors depend on one another") from None
    half = solve_triangular(R, G[:p, p], lower=True)
    rss = G[p, p] - half @ half
    variance = rss / (n - p)
    criterion = log_det + 2 * np.log(np.diag(R)).sum() + (n - p) * (1 + np.log(2 * np.pi * variance))
    return _Profile(solve_triangular(R, half, lower=True, trans=1), G[:p, :p], float(variance), float(criterion))


def _fitted(part: _Products, q: int, start: FloatArray | None = None) -> tuple[FloatArray, _Profile]:
    """Relative covariances that minimise the criterion, and what follows from them."""
    # The words' elimination is what costs, and depends on one parameter of up to four.
    eliminated = lru_cache(maxsize=4)(lambda relative: _without_words(part, relative))

    def profile(theta: FloatArray) -> _Profile:
        return _profile(*_reduced(part, theta, q, eliminated), part.n)

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


def _in_units(part: _Products, theta: FloatArray, q: int, scaling: _Scaling) -> MixedFit:
    """The fit in the units of X and y."""
    log_det, G = _reduced(part, theta, q)
    fit = _profile(log_det, G, part.n)
    size, p = scaling.scale[-1], len(fit.beta)
    # beta of [1, X] from that of [1, (X - mean) / scale].
    back = np.zeros((p, p))
    back[0, 0] = size
    back[np.arange(1, p), np.arange(1, p)] = size / scaling.scale[:-1]
    back[0, 1:] = -size * scaling.mean[:-1] / scaling.scale[:-1]
    coefficients = back @ fit.beta
    coefficients[0] += scaling.mean[-1]
    covariance = back @ np.linalg.inv(fit.precision) @ back.T * fit.variance
    factor = _factor(theta, q) / scaling.of_person[:, None]
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


def _codes(labels: ArrayLike, n: int) -> IntArray:
    labels = np.asarray(labels)
    if labels.shape != (n,):
        raise BrainlakeError(f"{labels.shape} labels for {n} rows")
    return np.unique(labels, return_inverse=True)[1].ravel()
