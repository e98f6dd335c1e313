"""Ordinary least squares with an intercept; of minimum norm where features outnumber rows."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import qr
from scipy.linalg.lapack import dtrcon

from brainlake.encoding import lapack
from brainlake.encoding.arrays import FloatArray, IntArray, matrix
from brainlake.encoding.folds import Folds
from brainlake.encoding.holdout import fold_operator
from brainlake.encoding.kernel import centre_kernel, centred, centred_gram
from brainlake.encoding.positive_definite import invert
from brainlake.encoding.predict import gap_predictions
from brainlake.encoding.targets import Targets
from brainlake.errors import BrainlakeError

# Below this reciprocal condition number a product in float64 no longer predicts to 1e-6.
_WELL_CONDITIONED = 1e-10
# An eigenvalue of I - H_tt this small means that fold t holds a direction no other row has.
_RANK_KEPT = 1e-6


def ols_operator(X: ArrayLike, folds: Folds) -> FloatArray:
    """Return the matrix S that maps responses to out-of-fold least-squares predictions.

    One factorisation serves every fold wherever leaving the fold out does not change the rank of the
    features: from the n x n Gram matrix if that has full rank, from an orthonormal basis of the features if
    they are fewer than the rows. Any other fold (duplicated stimuli, about as many features as rows) is
    solved by itself with a truncated singular value decomposition, so the result is always that of
    scikit-learn's float64 `LinearRegression` wherever the rank of the training features is unambiguous.

    `LinearRegression` given float32 features differs from both by up to 5e-2 in r where the features
    outnumber the training rows, because centring noise then counts as a direction.

    Parameters
    ----------
    X : array [n, d]
    folds : Folds of n rows

    Returns
    -------
    array [m, n]
        S; its lines follow `folds.rows`.

    Raises
    ------
    BrainlakeError
        X is not a finite matrix of `folds.n` rows.
    """
    X = matrix(X, "features", rows=folds.n)
    n, d = X.shape
    if d >= n - 1:
        G = _kernel_residual_maker(centred_gram(X))
        if G is not None:
            return np.concatenate([fold_operator(G, folds, k) for k in range(len(folds))])
    Xc = centred(X)
    basis = _basis(Xc)
    G = -(basis @ basis.T) - 1.0 / n
    G.flat[:: n + 1] += 1.0
    # A rotation of the features changes no prediction; afterwards a fold costs n^3 whatever d is.
    coordinates = qr(Xc.T, mode="economic")[1].T if d > n else Xc
    lines = []
    for k, h in enumerate(folds.held_out):
        keeps_rank = np.linalg.eigvalsh(G[np.ix_(h, h)])[0] > _RANK_KEPT
        lines.append(
            fold_operator(G, folds, k)
            if keeps_rank
            else _truncated_operator(coordinates, folds.train[k], folds.test[k])
        )
    return np.concatenate(lines)


def kernel_ols_operator(K: ArrayLike, folds: Folds) -> FloatArray:
    """Return the same matrix from a Gram matrix alone.

    Raises
    ------
    BrainlakeError
        The kernel does not have full rank in float64 (fewer features than rows, duplicated stimuli): its
        small eigenvalues are then rounding noise and least squares needs the features.
    """
    G = _full_rank_residual_maker(K, folds)
    return np.concatenate([fold_operator(G, folds, k) for k in range(len(folds))])


def ols_with_gaps(X: ArrayLike, targets: Targets) -> FloatArray:
    """Return out-of-fold least-squares predictions [m, v], each target fitted to the rows that it has.

    Where the Gram matrix of the features [n, d] has full rank, that of fewer rows has too, and one factorisation
    serves every target. Otherwise every pattern of gaps is solved by itself with `ols_operator`.
    """
    X = matrix(X, "features", rows=targets.folds.n)
    G = _kernel_residual_maker(centred_gram(X)) if X.shape[1] >= len(X) - 1 else None
    if G is not None:
        return gap_predictions(G, targets, np.arange(len(targets.folds))) + targets.mean
    folds, gaps = targets.folds, targets.gaps
    assert gaps is not None
    P = np.zeros((len(folds.rows), targets.responses.shape[1]))
    for rows, columns in gaps.patterns:
        there = np.isin(folds.rows, rows)
        S = ols_operator(X[rows], folds.subset(rows, keep_empty=True))
        P[np.ix_(there, columns)] = S @ targets.responses[np.ix_(rows, columns)]
    return P + targets.mean


def kernel_ols_with_gaps(K: ArrayLike, targets: Targets) -> FloatArray:
    """Return the same predictions from a Gram matrix alone.

    Raises
    ------
    BrainlakeError
        As `kernel_ols_operator`.
    """
    G = _full_rank_residual_maker(K, targets.folds)
    return gap_predictions(G, targets, np.arange(len(targets.folds))) + targets.mean


def _full_rank_residual_maker(K: ArrayLike, folds: Folds) -> FloatArray:
    G = _kernel_residual_maker(centre_kernel(matrix(K, "kernel", rows=folds.n)))
    if G is None:
        raise BrainlakeError(
            "least squares from this kernel is undefined: it is rank deficient (fewer features than rows, or "
            "duplicated rows); use the activations, or ridge regression"
        )
    return G


def _kernel_residual_maker(K: FloatArray) -> FloatArray | None:
    """Return P K^-1 P up to scale, or None where K has (nearly) lost rank beyond the constant direction."""
    n = len(K)
    scale = np.trace(K) / n
    if scale <= 0:
        return None
    # P K P has the eigenvalue 0 along the constant: give it the mean eigenvalue, and take that back below.
    M = np.array(K, order="C") / scale + 1.0 / n
    norm = np.abs(M).sum(0).max()
    if not invert(M):
        return None
    inverted = lapack.mirror(M)
    if norm * np.abs(inverted).sum(0).max() * _WELL_CONDITIONED > 1:
        return None
    inverted -= 1.0 / n
    return inverted


def _basis(Xc: FloatArray) -> FloatArray:
    """Return orthonormal columns that span the columns of Xc."""
    n, d = Xc.shape
    if d < n:
        Q, R = qr(Xc, mode="economic", check_finite=False)
        if dtrcon(R)[0] > _WELL_CONDITIONED:
            return np.asarray(Q)
    left, singular, _ = np.linalg.svd(Xc, full_matrices=False)
    return np.asarray(left[:, singular > _cutoff(singular, n, d)])


def _truncated_operator(X: FloatArray, train: IntArray, test: IntArray) -> FloatArray:
    """Return the lines [n_test, n] of one fold from the pseudo-inverse of its centred training features."""
    mean = X[train].mean(0)
    left, singular, right = np.linalg.svd(X[train] - mean, full_matrices=False)
    rank = int((singular > _cutoff(singular, *X.shape)).sum())
    S = np.zeros((len(test), len(X)))
    S[:, train] = ((X[test] - mean) @ right[:rank].T / singular[:rank]) @ left[:, :rank].T + 1.0 / len(train)
    return S


def _cutoff(singular: FloatArray, n: int, d: int) -> float:
    return float(singular.max(initial=0.0)) * max(n, d) * float(np.finfo(np.float64).eps)
