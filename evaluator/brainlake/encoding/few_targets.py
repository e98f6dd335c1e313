"""Fewer targets than rows: residuals of single targets cost less than matrices that serve any number of them.

With two folds a and b left out, the rows held out have the residuals (G_hh)^-1 (G y)_h (`holdout`). One Cholesky
factorisation of G_aa = L L' serves every b: with W = L^-1 G_ab and r = L^-1 (G y)_a,

    e_b = (G_bb - W'W)^-1 ((G y)_b - W'r),   e_a = L^-1' (r - W e_b)

Of few features, weights cost less than residual makers. Let X be the features along their
principal axes, X'X = diag(l), and B a basis of constant and nuisance regressors, B'X = 0. Without the rows h, what B
does not explain of the other rows has the products

    N = diag(l) - X_h'X_h - X_h'B_h (I - B_h'B_h)^-1 B_h'X_h

and N = Q T Q', T tridiagonal, is found once for all penalties a: (N + a I)^-1 = Q (T + a I)^-1 Q'.
"""

from typing import TypeGuard

import numpy as np

from brainlake.encoding import lapack
from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.fold_pairs import Pair, blocks, chains, pairs
from brainlake.encoding.folds import Folds
from brainlake.encoding.positive_definite import SINGULAR, inverse_factor, solve_in_place, solve_lines_in_place
from brainlake.encoding.spectrum import Directions, Spectrum
from brainlake.encoding.targets import Targets
from brainlake.errors import BrainlakeError

# Features a row left out, up to which weights cost less than residual makers at ten penalties.
_FEATURES = 1.25
# Residuals that are kept until a penalty is chosen: 32 MB of them.
_KEPT = 2**22


def few(L: FloatArray) -> bool:
    """Whether columns [n, k] are so few that each is fitted by itself."""
    return bool(2 * L.shape[1] <= len(L))


def by_weights(spectrum: Spectrum, pair: Pair) -> TypeGuard[Directions]:
    """Whether features are so few beside the rows left out that their weights cost less than residual makers."""
    return isinstance(spectrum, Directions) and len(spectrum.values) < _FEATURES * len(pair.rows)


class ErrorsOfFew:
    """What makes of a residual maker the squared errors of every outer fold [F], summed over columns of L.

    Parameters
    ----------
    folds : Folds
    L : array [n, k]
    outer : sequence of int, optional
        Outer folds whose errors are asked for; those of the others are infinite.
    n_kept : int
        For so many residual makers, the residuals of the test rows with their fold alone left out are kept.

    Attributes
    ----------
    residuals : list of arrays [m, k]
        Those residuals, stacked as `folds.rows`; nan in outer folds that are not asked for.
    """

    def __init__(self, folds: Folds, L: FloatArray, outer: tuple[int, ...] | None = None, n_kept: int = 0) -> None:
        self._folds, self._L = folds, L.astype(np.float64)
        self._links, self._squares = chains(folds, outer), blocks(folds)
        self._asking = range(len(folds)) if outer is None else sorted(set(outer))
        self._silent = [k for k in range(len(folds)) if k not in self._asking]
        self._left = n_kept if len(folds.rows) * L.shape[1] * n_kept <= _KEPT else 0
        self.residuals: list[FloatArray] = []

    def __call__(self, G: FloatArray) -> FloatArray:
        """Return the errors under a residual maker [n, n]."""
        # Of a symmetric matrix, that product from the left is the faster one; residuals stay in lines of k.
        found, R = np.zeros(len(self._folds)), self._L.T @ G
        own = [G.take(block) for block in self._squares]
        alone: dict[int, FloatArray] = {}
        for link in self._links:
            # Products with the inverse of a factor are as exact here as solutions, and three times as fast.
            inverted = inverse_factor(own[link.a])
            r, W = R.take(link.rows, 1), G.take(link.across)
            lapack.multiply_by_triangular(r, inverted, transposed=True)
            lapack.multiply_triangular(inverted, W)
            E = R.take(link.later, 1) - r @ W
            before = np.empty((len(link.asking), *r.shape))
            for j, one in enumerate(link.others):
                S = own[one.b].copy() if one.block is None else own[one.b].take(one.block)
                w, e = W[:, one.place], E[:, one.place]
                lapack.subtract_square(S, w)
                solve_lines_in_place(S, e)
                if j < len(link.asking):
                    np.subtract(r, e @ w.T, out=before[j])
            lapack.multiply_by_triangular(before.reshape(-1, before.shape[-1]), inverted)
            found[link.a] += np.einsum("ij,ij,j->", E, E, link.tested)
            found[link.asking] += np.einsum("aij,aij,aj->a", before, before, link.tested_before)
            if self._left:
                lapack.multiply_by_triangular(r, inverted)
                alone[link.a] = r
        found[self._silent] = np.inf
        if self._left:
            self._keep(alone, own, R)
        return found

    def _keep(self, alone: dict[int, FloatArray], own: list[FloatArray], R: FloatArray) -> None:
        """Keep the residuals of folds left out alone; the last one that asks is left out beside none."""
        self._left -= 1
        kept = np.full((len(self._folds.rows), len(R)), np.nan)
        for k in self._asking:
            held, test = self._folds.held_out[k], self._folds.test[k]
            e = alone.get(k)
            if e is None:
                e = R.take(held, 1)
                solve_lines_in_place(own[k], e)
            kept[self._folds.slices[k]] = e.T[np.searchsorted(held, test)]
        self.residuals.append(kept)


def errors_of_weights(
    spectrum: Directions, folds: Folds, L: FloatArray, alphas: FloatArray, outer: tuple[int, ...] | None = None
) -> FloatArray:
    """Return the squared error [A, F] of every relative penalty, summed over columns of L, from weights of features.

    With `outer` those of some outer folds alone, infinite for the others.
    """
    L, errors = L.astype(np.float64), np.zeros((len(alphas), len(folds)))
    X, B = np.ascontiguousarray(spectrum.vectors * np.sqrt(spectrum.values)), spectrum.unpenalised
    of_features, of_basis, penalties = L.T @ X, B.T @ L, alphas * spectrum.scale + spectrum.floor
    identity, p = np.eye(B.shape[1]), X.shape[1]
    silent = [] if outer is None else [k for k in range(len(folds)) if k not in outer]
    for pair in pairs(folds):
        if pair.a in silent and pair.b in silent:
            continue
        x, b, y = X[pair.rows], B[pair.rows], L[pair.rows]
        shared = b.T @ x
        solved = np.linalg.solve(identity - b.T @ b, np.hstack([shared, of_basis - b.T @ y]))
        weights, constant = solved[:, :p], solved[:, p:]
        N = -(shared.T @ weights)
        N.flat[:: p + 1] += spectrum.values
        lapack.subtract_square(N, x)
        found = lapack.Tridiagonal.of(N).solve(penalties, of_features - y.T @ x + constant.T @ shared)
        if found is None:
            raise BrainlakeError(SINGULAR)
        e = y.T - (b @ constant).T - found @ (x + b @ weights).T
        squared = np.square(e).sum(1)
        errors[:, pair.b] += squared[:, pair.in_a].sum(1)
        errors[:, pair.a] += squared[:, pair.in_b].sum(1)
    errors[:, silent] = np.inf
    return errors


def few_predictions(spectrum: Spectrum, targets: Targets, penalties: FloatArray) -> FloatArray:
    """Return out-of-fold predictions [m, v] of few targets without gaps.

    Parameters
    ----------
    spectrum : Spectrum
    targets : Targets
    penalties : array [F]
        The penalty of each outer fold, in units of the features.
    """
    folds, Y = targets.folds, targets.responses.astype(np.float64)
    P = np.empty((len(folds.rows), Y.shape[1]))
    for penalty in np.unique(penalties):
        some = np.flatnonzero(penalties == penalty).tolist()
        R, blocks = spectrum.residuals(penalty, Y, [folds.held_out[k] for k in some])
        for k, block in zip(some, blocks, strict=True):
            held, test = folds.held_out[k], folds.test[k]
            e = R[held]
            solve_in_place(block, e)
            P[folds.slices[k]] = Y[test] - e[np.searchsorted(held, test)]
    P += targets.mean
    return P
