"""Predictions of rows that were left out of a fit, without fitting again.

Let G be a residual maker, G y = y - yhat in the sample, with the intercept in it: a P (K + a I)^-1 P for
ridge, I - H for least squares. Leaving out any rows h changes the fit so that (Cook & Weisberg 1982, section
2.2, in block form; for kernels Rasmussen & Williams 2006, section 5.4.2)

    y_h - yhat_h = (G_hh)^-1 (G y)_h

exactly, the intercept refitted. So yhat_h = S_h y with S_h = -(G_hh)^-1 G_h,rest: one matrix predicts every
fold.
"""

import numpy as np

from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.folds import Folds
from brainlake.encoding.positive_definite import solve


def fold_operator(G: FloatArray, folds: Folds, k: int) -> FloatArray:
    """Return the rows [n_k, n] that map responses to the predictions of fold k's test rows.

    Columns of rows that are held out, tested or in the gap, are 0.
    """
    h = folds.held_out[k]
    S: FloatArray = solve(G[np.ix_(h, h)], G[h])
    np.negative(S, out=S)
    S[:, h] = 0.0
    tested = np.searchsorted(h, folds.test[k])
    return np.asarray(S if np.array_equal(folds.test[k], h) else S[tested])
