"""Squared errors of single training rows, each left out beside the outer fold, in closed form.

They know no groups: rows that share a passage or follow one another make them choose penalties that are too
small. They are here because others use them; inner folds (`nested`) are the default.
"""

import numpy as np

from brainlake.encoding.arrays import FloatArray, column_blocks
from brainlake.encoding.folds import Folds
from brainlake.encoding.positive_definite import inverse
from brainlake.encoding.spectrum import Spectrum


def leave_one_out_errors(spectrum: Spectrum, folds: Folds, Y: FloatArray, alphas: FloatArray) -> FloatArray:
    """Return the leave-one-out squared error [A, F, v] of each fold's training rows, exactly.

    With F = (G_hh)^-1 G_h for the rows h of the outer fold and g the diagonal of G - G_h' F, a training row i
    has the error (R - F' R_h)_i / g_i, R = G Y; squared and summed over i that is d.R^2 + R_h'(N R) with
    d = 1 / g^2 and N = -2 F D + F D F', so one product with N and a thin one with d serve all folds.
    """
    errors = np.empty((len(alphas), len(folds), Y.shape[1]))
    ends = np.cumsum([len(h) for h in folds.held_out])
    parts = [slice(int(e) - len(h), int(e)) for e, h in zip(ends, folds.held_out, strict=True)]
    for i, alpha in enumerate(alphas):
        G = spectrum.residual_maker(alpha * spectrum.scale)
        d = np.zeros((len(folds), folds.n))
        N = np.zeros((int(ends[-1]), folds.n))
        for k, (h, part) in enumerate(zip(folds.held_out, parts, strict=True)):
            F = inverse(G[np.ix_(h, h)]) @ G[h]
            train = folds.train[k]
            g = G.diagonal()[train] - np.einsum("ij,ij->j", G[np.ix_(h, train)], F[:, train])
            d[k, train] = g**-2
            FD = F[:, train] * d[k, train]
            N[part, train] = -2 * FD
            N[part, h] = FD @ F[:, train].T
        G, d, N = G.astype(Y.dtype), d.astype(Y.dtype), N.astype(Y.dtype)
        for block in column_blocks(Y.shape[1]):
            R = G @ Y[:, block]
            NR = N @ R
            errors[i, :, block] = d @ (R * R)
            for k, (h, part) in enumerate(zip(folds.held_out, parts, strict=True)):
                errors[i, k, block] += np.einsum("ij,ij->j", NR[part], R[h])
    return errors
