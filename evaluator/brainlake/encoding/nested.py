"""Errors of inner folds, the outer fold in none of their terms: what penalties and layers are chosen by.

For outer fold t the error of a penalty is the squared error of every other fold s, predicted by a fit to the
rows that are neither in s nor in t. Scores of the other outer folds would not do: those were trained on t,
and the best of 33 layers on pure noise then scores r = .06 instead of 0.
"""

from typing import Literal

import numpy as np
from scipy.linalg import eigh, lapack

from brainlake.encoding.arrays import FloatArray, IntArray, column_blocks
from brainlake.encoding.correlation import standardised
from brainlake.encoding.fold_pairs import Pair, pairs
from brainlake.encoding.folds import Folds
from brainlake.encoding.gaps import Gaps, scattered_errors, without_rows
from brainlake.encoding.spectrum import Spectrum
from brainlake.errors import BrainlakeError

Criterion = Literal["squared_error", "correlation"]

# With so few folds, leaving two out halves the rows: fits to what is left cost less than hold-out blocks.
_FEW_FOLDS = 5

_SINGULAR = "leaving two folds out leaves a nuisance regressor without variation: drop it, or use other folds"
# What is left of a regressor in the training rows, below which its weight there is rounding noise.
_DETERMINED = 1e-8


def shared_errors(spectrum: Spectrum, folds: Folds, L: FloatArray, alphas: FloatArray) -> FloatArray:
    """Return the squared error [A, F], summed over the columns of L, of every relative penalty.

    Parameters
    ----------
    spectrum : Spectrum
    folds : Folds
    L : array [n, k]
        Responses, or `Targets.factor`: with L L' alone known, n columns stand for any number of targets.
    alphas : array [A]
    """
    couples = pairs(folds)
    if len(folds) <= _FEW_FOLDS and spectrum.unpenalised.shape[1] == 1:
        return _errors_by_training_rows(spectrum, folds, couples, L, alphas)
    check_determined(spectrum, couples)
    errors = np.zeros((len(alphas), len(folds)))
    for i, alpha in enumerate(alphas):
        add_errors(errors[i], spectrum.residual_maker(alpha * spectrum.scale), couples, L)
    return errors


def scattered_target_errors(
    spectrum: Spectrum, folds: Folds, Y: FloatArray, gaps: Gaps, alphas: FloatArray
) -> FloatArray:
    """Return the squared error [A, F, k] of the k scattered targets, each over the rows that it has.

    Parameters
    ----------
    Y : array [n, k]
        Responses of mean 0 in the order of `gaps.scattered`, 0 where missing.
    """
    couples = pairs(folds)
    check_determined(spectrum, couples)
    present = gaps.present[:, gaps.scattered].T
    errors = np.zeros((len(alphas), len(folds), Y.shape[1]))
    for i, alpha in enumerate(alphas if gaps.blocks else ()):
        G = spectrum.residual_maker(alpha * spectrum.scale)
        for number, s, E in scattered_errors(G, [pair.rows for pair in couples], Y, gaps):
            pair = couples[number]
            E *= present[s][:, pair.rows]
            E *= E
            errors[i, pair.b, s] += E[:, pair.in_a].sum(1)
            errors[i, pair.a, s] += E[:, pair.in_b].sum(1)
    return errors


def add_errors(errors: FloatArray, G: FloatArray, couples: list[Pair], L: FloatArray) -> None:
    """Add the squared errors of every outer fold [F], summed over columns of L, under one residual maker."""
    wide = 2 * L.shape[1] > len(G)
    R = G.astype(L.dtype) @ L
    M = R @ R.T if wide else R
    for pair in couples:
        # Squared errors are the diagonal of J R R' J, J = (G_hh)^-1: many columns need only M = R R'.
        if wide:
            J = inverse(G.take(pair.block)).astype(L.dtype)
            squared = np.einsum("ij,ij->i", J @ M.take(pair.block), J)
        else:
            E = solve(G.take(pair.block), R[pair.rows])
            squared = np.einsum("ij,ij->i", E, E)
        errors[pair.b] += squared[pair.in_a].sum()
        errors[pair.a] += squared[pair.in_b].sum()


def target_errors(
    spectrum: Spectrum,
    folds: Folds,
    Y: FloatArray,
    alphas: FloatArray,
    criterion: Criterion,
    missing: IntArray | None = None,
) -> FloatArray:
    """Return the error [A, F, v] of every relative penalty, outer fold and target.

    Parameters
    ----------
    spectrum : Spectrum
    folds : Folds
    Y : array [n, v]
        Responses of mean 0; their precision is that of the products.
    alphas : array [A]
    criterion : {"squared_error", "correlation"}
        Squared error, or 1 - r times the number of rows (r = 0 where undefined), summed over inner folds.
    missing : array, optional
        Rows that all these targets lack, where Y is 0 (for squared errors only).
    """
    couples = pairs(folds)
    score = _squared_error if criterion == "squared_error" else _correlation_error
    check_determined(spectrum, couples)
    errors = np.zeros((len(alphas), len(folds), Y.shape[1]))
    wide = 2 * Y.shape[1] > folds.n
    for i, alpha in enumerate(alphas):
        G = spectrum.residual_maker(alpha * spectrum.scale)
        if missing is not None:
            G = without_rows(G, missing)
        blocks = [G.take(pair.block) for pair in couples]
        if wide:
            blocks = [inverse(block).astype(Y.dtype) for block in blocks]
        G = G.astype(Y.dtype)
        for block in column_blocks(Y.shape[1]):
            R = G @ Y[:, block]
            for pair, J in zip(couples, blocks, strict=True):
                E = J @ R[pair.rows] if wide else solve(J, R[pair.rows])
                for inner, outer in ((pair.in_a, pair.b), (pair.in_b, pair.a)):
                    errors[i, outer, block] += score(E[inner], Y[pair.rows[inner], block])
    return errors


def inverse(G: FloatArray) -> FloatArray:
    """Return the inverse of a symmetric positive definite matrix (four times the speed of `np.linalg.inv`).

    Raises
    ------
    BrainlakeError
        The matrix is singular.
    """
    # LAPACK wants columns together: the transpose of a symmetric matrix is that without a copy.
    factor, failed = lapack.dpotrf(G.T, lower=1)
    if failed:
        raise BrainlakeError(_SINGULAR)
    lower = lapack.dpotri(factor, lower=1, overwrite_c=1)[0]
    J: FloatArray = lower + lower.T
    J.flat[:: len(J) + 1] /= 2
    return J


def solve(G: FloatArray, R: FloatArray) -> FloatArray:
    """Return G^-1 R in float64 for a symmetric positive definite matrix.

    Raises
    ------
    BrainlakeError
        The matrix is singular.
    """
    _, E, failed = lapack.dposv(G.T, R, lower=1)
    if failed:
        raise BrainlakeError(_SINGULAR)
    return np.asarray(E)


def check_determined(spectrum: Spectrum, couples: list[Pair]) -> None:
    """Refuse nuisance regressors that do not vary where some two folds are left out."""
    if spectrum.unpenalised.shape[1] > 1:
        for pair in couples:
            B = spectrum.unpenalised[pair.rows]
            if np.linalg.eigvalsh(B.T @ B)[-1] > 1 - _DETERMINED:
                raise BrainlakeError(_SINGULAR)


def _squared_error(E: FloatArray, Y: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("ij,ij->j", E, E))


def _correlation_error(E: FloatArray, Y: FloatArray) -> FloatArray:
    r = np.einsum("ij,ij->j", standardised(Y - E), standardised(Y))
    return np.asarray(len(E) * (1.0 - np.nan_to_num(r)))


def _errors_by_training_rows(
    spectrum: Spectrum, folds: Folds, couples: list[Pair], L: FloatArray, alphas: FloatArray
) -> FloatArray:
    """One eigendecomposition of the rows left by each pair of folds; the penalty then costs nothing.

    With K = Q diag(l) Q' there, Z = Q' L, P = K_test Q and W = diag(1 / (l + a)), predictions are P W Z, so
    the squared error is |L|^2 - 2 w'c + w'(A o B) w, with A = Z Z', B = P'P and c = diag(P' L Z').
    """
    K = spectrum.kernel()
    penalties = alphas * spectrum.scale
    errors = np.zeros((len(alphas), len(folds)))
    for pair in couples:
        train = np.setdiff1d(np.arange(folds.n), pair.rows)
        values, Q, cross = _trained(K, train, pair.rows)
        W = 1.0 / (values + penalties[:, None])
        mean = L[train].mean(0)
        Z = Q.T.astype(L.dtype) @ (L[train] - mean)
        A = Z @ Z.T
        for inner, outer in ((pair.in_a, pair.b), (pair.in_b, pair.a)):
            P = (cross[inner] @ Q).astype(L.dtype)
            T = L[pair.rows[inner]] - mean
            c = np.einsum("ij,ij->j", P, T @ Z.T)
            quadratic = np.einsum("ai,ij,aj->a", W, A * (P.T @ P), W, optimize=True)
            errors[:, outer] += np.einsum("ij,ij", T, T) - 2 * W @ c + quadratic
    return errors


def _trained(K: FloatArray, train: IntArray, test: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Decompose the kernel of some rows, centred on them; return also the rows of the test kernel."""
    inside = K[np.ix_(train, train)]
    mean = inside.mean(0)
    cross = K[np.ix_(test, train)]
    cross = cross - mean - (cross.mean(1) - mean.mean())[:, None]
    inside = inside - mean - (mean - mean.mean())[:, None]
    values, Q = eigh(inside, driver="evd", check_finite=False)
    return np.maximum(values, 0.0), Q - Q.mean(0), cross
