"""Errors of inner folds, the outer fold in none of their terms: what penalties and layers are chosen by.

For outer fold t the error of a penalty is the squared error of every other fold s, predicted by a fit to the
rows that are neither in s nor in t. Scores of the other outer folds would not do: those were trained on t,
and the best of 33 layers on pure noise then scores r = .06 instead of 0.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np

from brainlake.encoding import lapack
from brainlake.encoding.arrays import FloatArray, IntArray, column_blocks
from brainlake.encoding.correlation import standardised
from brainlake.encoding.fold_pairs import Pair, pairs
from brainlake.encoding.folds import Folds
from brainlake.encoding.gaps import Gaps, scattered_errors, without_rows
from brainlake.encoding.positive_definite import SINGULAR, inverse, solve
from brainlake.encoding.spectrum import Spectrum
from brainlake.errors import BrainlakeError

Criterion = Literal["squared_error", "correlation"]

# What is left of a regressor in the training rows, below which its weight there is rounding noise.
_DETERMINED = 1e-8


def errors_of_many(folds: Folds, L: FloatArray) -> Callable[[FloatArray], FloatArray]:
    """Return what makes of a residual maker the squared errors of every outer fold [F], summed over columns of L.

    Parameters
    ----------
    folds : Folds
    L : array [n, k]
        Responses, or `Targets.factor`: with L L' alone known, n columns stand for any number of targets.
    """
    couples = pairs(folds)

    def errors(G: FloatArray) -> FloatArray:
        found = np.zeros(len(folds))
        add_errors(found, G, couples, L)
        return found

    return errors


def errors_of_scattered(folds: Folds, Y: FloatArray, gaps: Gaps) -> Callable[[FloatArray], FloatArray]:
    """Return what makes of a residual maker the squared errors [F, k] of the scattered targets.

    Parameters
    ----------
    folds : Folds
    Y : array [n, k]
        Responses of mean 0 in the order of `gaps.scattered`, 0 where missing. The errors of each are over the rows
        that it has.
    gaps : Gaps
    """
    couples, present = pairs(folds), gaps.present[:, gaps.scattered].T

    def errors(G: FloatArray) -> FloatArray:
        found = np.zeros((len(folds), Y.shape[1]))
        for number, s, E in scattered_errors(G, [pair.rows for pair in couples], Y, gaps):
            pair = couples[number]
            E *= present[s][:, pair.rows]
            E *= E
            found[pair.b, s] += E[:, pair.in_a].sum(1)
            found[pair.a, s] += E[:, pair.in_b].sum(1)
        return found

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


def check_determined(spectrum: Spectrum, couples: list[Pair]) -> None:
    """Refuse nuisance regressors that do not vary where some two folds are left out."""
    if spectrum.unpenalised.shape[1] > 1:
        for pair in couples:
            B = spectrum.unpenalised[pair.rows]
            if np.linalg.eigvalsh(B.T @ B)[-1] > 1 - _DETERMINED:
                raise BrainlakeError(SINGULAR)


def _squared_error(E: FloatArray, Y: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("ij,ij->j", E, E))


def _correlation_error(E: FloatArray, Y: FloatArray) -> FloatArray:
    r = np.einsum("ij,ij->j", standardised(Y - E), standardised(Y))
    return np.asarray(len(E) * (1.0 - np.nan_to_num(r)))


def errors_by_training_rows(spectrum: Spectrum, folds: Folds, L: FloatArray, alphas: FloatArray) -> FloatArray:
    """Return the squared error [A, F], summed over the columns of L, of every relative penalty.

    One eigendecomposition of the rows left by each two folds; the penalty then costs nothing. With so few folds that
    two are half of the rows, this costs less than hold-out blocks.

    With K = Q diag(l) Q' there, Z = Q' L, P = K_test Q and W = diag(1 / (l + a)), predictions are P W Z, so
    the squared error is |L|^2 - 2 w'c + w'(A o B) w, with A = Z Z', B = P'P and c = diag(P' L Z').
    """
    K = spectrum.kernel()
    penalties = alphas * spectrum.scale
    errors = np.zeros((len(alphas), len(folds)))
    for pair in pairs(folds):
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
    values, Q = lapack.eigh(inside)
    return np.maximum(values, 0.0), Q - Q.mean(0), cross
