"""Log-likelihood of left-out groups under least squares: what a predictor adds, on texts that were not fitted."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from brainlake.encoding.arrays import BoolArray, FloatArray, IntArray, matrix
from brainlake.errors import BrainlakeError

# A direction of the predictors whose share outside a group is smaller than this cannot be fitted without the group.
_SHARE_KEPT = 1e-9


def left_out_log_likelihood(X: ArrayLike, y: ArrayLike, groups: ArrayLike, spare: float = 0.0) -> FloatArray:
    """Return the log-likelihood of every value, its group left out of the fit.

    A linear regression with an intercept is fitted to all other groups; its residual variance there (sum of
    squares over degrees of freedom) is that of the normal density, in which the left-out values are read. The
    difference between two sets of predictors is the held-out delta log-likelihood of psycholinguistics
    (Goodkind and Bicknell, 2018; Wilcox et al., 2020).

    One factorisation serves all groups: with Q an orthonormal basis of the intercept and the predictors, a fit without
    group k solves (I - Q_k' Q_k) b = Q'y - Q_k'y_k.

    Parameters
    ----------
    X : array [n, p]
        Predictors; columns that depend on others change nothing.
    y : array [n]
        What is predicted.
    groups : array of n labels
        What is left out together, such as stories.
    spare
        Degrees of freedom that have to be left a coefficient; one is needed at least.

    Returns
    -------
    array [n]
        Nats.

    Raises
    ------
    BrainlakeError
        X or y not finite, or of other lengths; fewer than two groups; a predictor that varies in one group alone;
        too few degrees of freedom or no residual variance left.
    """
    X, y, member = _checked(X, y, groups)
    Q, least = _basis(X), np.finfo(np.float64).eps * np.var(y)
    freedom = len(y) - np.bincount(member) - Q.shape[1]
    if freedom.min() < max(1.0, spare * Q.shape[1]):
        outside = freedom.min() + Q.shape[1]
        raise BrainlakeError(f"too few values to fit {Q.shape[1]} coefficients: {outside} outside a group")
    log_likelihood = np.empty(len(y))
    for (out, coefficients), left in zip(_fits(Q, y, member), freedom, strict=True):
        errors = y - Q @ coefficients
        variance = np.sum(errors[~out] ** 2) / left
        if not variance > least:
            raise BrainlakeError("the predictors fit the values without error: their likelihood is undefined")
        log_likelihood[out] = -0.5 * (np.log(2 * np.pi * variance) + errors[out] ** 2 / variance)
    return log_likelihood


def left_out_coefficients(X: ArrayLike, y: ArrayLike, groups: ArrayLike) -> FloatArray:
    """Return the slopes [g, p] of the regression fitted without each group, in the order of sorted labels.

    Raises
    ------
    BrainlakeError
        As :func:`left_out_log_likelihood`; and if columns of X depend on one another, since slopes are then undefined.
    """
    X, y, member = _checked(X, y, groups)
    mean, scale = X.mean(0), _scale(X)
    A = np.column_stack([np.ones(len(X)), (X - mean) / scale])
    Q, R = np.linalg.qr(A)
    if np.abs(np.diag(R)).min() < _SHARE_KEPT * np.abs(R).max():
        raise BrainlakeError("slopes are undefined: a predictor is constant or depends on the others")
    return np.stack([np.linalg.solve(R, coefficients)[1:] / scale for _, coefficients in _fits(Q, y, member)])


def _checked(X: ArrayLike, y: ArrayLike, groups: ArrayLike) -> tuple[FloatArray, FloatArray, IntArray]:
    X = matrix(X, "predictors").astype(np.float64)
    y = matrix(y, "values", rows=len(X))[:, 0].astype(np.float64)
    labels = np.asarray(groups)
    if labels.shape != (len(X),):
        raise BrainlakeError(f"{labels.shape} group labels for {len(X)} rows")
    member = np.unique(labels, return_inverse=True)[1].ravel()
    if member.max() < 1:
        raise BrainlakeError("one group cannot be left out: at least two texts are needed")
    # There is an intercept: the level of the values changes nothing but rounding.
    return X, y - y.mean(), member


def _basis(X: FloatArray) -> FloatArray:
    """Orthonormal columns that span the constant and the columns of X."""
    A = np.column_stack([np.ones(len(X)), (X - X.mean(0)) / _scale(X)])
    left, singular, _ = np.linalg.svd(A, full_matrices=False)
    return np.asarray(left[:, singular > singular[0] * 1e-10])


def _scale(X: FloatArray) -> FloatArray:
    scale = X.std(0)
    return np.where(scale > 0, scale, 1.0)


def _fits(Q: FloatArray, y: FloatArray, member: IntArray) -> Iterator[tuple[BoolArray, FloatArray]]:
    """Rows of every group, and coefficients on Q of the fit without them."""
    whole = Q.T @ y
    for k in range(member.max() + 1):
        out = member == k
        own = Q[out]
        shares, directions = np.linalg.eigh(np.eye(Q.shape[1]) - own.T @ own)
        if shares[0] < _SHARE_KEPT:
            raise BrainlakeError(
                "a predictor varies in one group alone, so that its effect cannot be fitted without that group: "
                "leave the predictor out, or score more texts"
            )
        yield out, directions @ (directions.T @ (whole - own.T @ y[out]) / shares)
