"""Predictions and scores of a cross-validated operator, one product for all folds of all targets."""

import numpy as np
from numpy.typing import ArrayLike

from brainlake.encoding.arrays import FloatArray, matrix
from brainlake.encoding.folds import Folds
from brainlake.encoding.targets import Targets

# So that predictions and held-out responses of a block of targets stay in cache between the passes over them.
_BLOCK = 512
# A prediction that varies this much less than the response is constant up to rounding.
_CONSTANT = 1e-9


def predict(operator: ArrayLike, targets: Targets) -> FloatArray:
    """Return out-of-fold predictions [m, v] in units of the responses, stacked as `targets.folds.rows`."""
    S = matrix(operator, "operator", rows=len(targets.folds.rows)).astype(targets.dtype)
    return np.asarray(S @ targets.responses + targets.mean.astype(targets.dtype))


def fold_scores(operator: ArrayLike, targets: Targets) -> FloatArray:
    """Return the Pearson correlation of every fold and target without keeping the predictions.

    Parameters
    ----------
    operator : array [m, n]
        Maps responses to out-of-fold predictions.
    targets : Targets

    Returns
    -------
    array [F, v], float64
        nan where the test responses are constant. A constant prediction of responses that vary scores 0: it
        tells them apart no better than chance, and one such fold must not make a whole score undefined.
    """
    folds = targets.folds
    S = _centred_in_folds(matrix(operator, "operator", rows=len(folds.rows)), folds).astype(targets.dtype)
    Y, Z = targets.responses, targets.held_out
    v = Y.shape[1]
    product = np.empty((len(folds), v))
    power = np.empty((len(folds), v))
    for start in range(0, v, _BLOCK):
        block = slice(start, min(start + _BLOCK, v))
        P = S @ Y[:, block]
        for k, s in enumerate(folds.slices):
            product[k, block] = np.einsum("ij,ij->j", P[s], Z[s, block])
            power[k, block] = np.einsum("ij,ij->j", P[s], P[s])
    size = np.sqrt(np.einsum("ij,ij->j", Y, Y, dtype=np.float64))
    norm = np.sqrt(power)
    constant = norm <= _CONSTANT * size
    norm[targets.undefined] = np.nan
    norm[constant & ~targets.undefined] = np.inf
    return product / norm


def target_scores(scores: ArrayLike, folds: Folds) -> FloatArray:
    """Return the mean of per-fold correlations [F, v] weighted by fold size, [v].

    It equals the correlation over all tested rows after predictions and responses are standardised inside
    each fold; nan for a target that has no correlation in some fold.
    """
    weights = np.array([len(t) for t in folds.test], dtype=np.float64)
    return np.asarray(weights @ np.asarray(scores) / weights.sum())


def _centred_in_folds(S: FloatArray, folds: Folds) -> FloatArray:
    """Remove from each line the mean line of its fold, so that predictions have mean 0 in every fold."""
    S = S.copy()
    for s in folds.slices:
        S[s] -= S[s].mean(0)
    return S
