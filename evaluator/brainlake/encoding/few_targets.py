"""Fewer targets than rows: residuals of single targets cost less than matrices that serve any number of them.

With two folds a and b left out, the rows held out have the residuals (G_hh)^-1 (G y)_h (`holdout`). One Cholesky
factorisation of G_aa = L L' serves every b: with W = L^-1 G_ab and r = L^-1 (G y)_a,

    e_b = (G_bb - W'W)^-1 ((G y)_b - W'r),   e_a = L'^-1 (r - W e_b)

Of features fewer than the rows left out, weights cost less than residual makers. In the basis U of constant, nuisance
regressors and eigenvectors, with s^2 = l / (l + a) (1 where there is no penalty) and C = U_h'U_h, the fit without the
rows h is y = U w, w = s (I - s C s)^-1 s U_rest'y_rest.
"""

from collections.abc import Callable

import numpy as np
from scipy.linalg import blas, lapack

from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.fold_pairs import chains, pairs
from brainlake.encoding.folds import Folds
from brainlake.encoding.positive_definite import SINGULAR, solve
from brainlake.encoding.spectrum import Spectrum
from brainlake.encoding.targets import Targets
from brainlake.errors import BrainlakeError


def few(L: FloatArray) -> bool:
    """Whether columns [n, k] are so few that each is fitted by itself."""
    return bool(2 * L.shape[1] <= len(L))


def errors_of_few(folds: Folds, L: FloatArray) -> Callable[[FloatArray], FloatArray]:
    """Return what makes of a residual maker the squared errors of every outer fold [F], summed over columns of L."""
    links, L = chains(folds), L.astype(np.float64)

    def errors(G: FloatArray) -> FloatArray:
        found, R = np.zeros(len(folds)), G @ L
        blocks = [G.take(link.block) for link in links]
        for a, link in enumerate(links):
            lower, failed = lapack.dpotrf(blocks[a].T, lower=1)
            if failed:
                raise BrainlakeError(SINGULAR)
            r = lapack.dtrtrs(lower, R[link.rows], lower=1)[0]
            W = blas.dtrsm(1.0, lower, G.take(link.across).T, lower=1, overwrite_b=1)
            left = []
            for one in link.others:
                w = W[:, one.place]
                S = blas.dsyrk(-1.0, w, beta=1.0, c=blocks[one.b].take(one.block).T, trans=1, lower=1, overwrite_c=1)
                e = solve(S, R[one.rows] - w.T @ r)
                left.append(r - w @ e)
                found[a] += np.square(e[one.tested]).sum()
            if left:
                e_a = lapack.dtrtrs(lower, np.hstack(left), lower=1, trans=1)[0]
                for one, e in zip(link.others, np.split(e_a, len(left), axis=1), strict=True):
                    found[one.b] += np.square(e[one.tested_before]).sum()
        return found

    return errors


def errors_of_weights(spectrum: Spectrum, folds: Folds, L: FloatArray, alphas: FloatArray) -> FloatArray:
    """Return the squared error [A, F] of every relative penalty, summed over columns of L, from weights of features."""
    L, errors = L.astype(np.float64), np.zeros((len(alphas), len(folds)))
    U = np.hstack([spectrum.unpenalised, spectrum.vectors])
    shrunken = spectrum.values / (spectrum.values + alphas[:, None] * spectrum.scale)
    s = np.sqrt(np.hstack([np.ones((len(alphas), spectrum.unpenalised.shape[1])), shrunken]))
    whole, identity = U.T @ L, np.eye(U.shape[1])
    for pair in pairs(folds):
        u, y = U[pair.rows], L[pair.rows]
        C, rest = u.T @ u, whole - u.T @ y
        for i, one in enumerate(s):
            e = y - u @ (one[:, None] * solve(identity - one[:, None] * C * one, one[:, None] * rest))
            errors[i, pair.b] += np.square(e[pair.in_a]).sum()
            errors[i, pair.a] += np.square(e[pair.in_b]).sum()
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
        R = spectrum.residuals(penalty, Y)
        for k in np.flatnonzero(penalties == penalty):
            held, test = folds.held_out[k], folds.test[k]
            e = solve(spectrum.residual_block(penalty, held), R[held])
            P[folds.slices[k]] = Y[test] - e[np.searchsorted(held, test)]
    P += targets.mean
    return P
