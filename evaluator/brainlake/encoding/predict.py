"""Predictions and scores of a cross-validated operator, one product for all folds of all targets."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from brainlake.encoding.arrays import FloatArray, column_blocks, matrix
from brainlake.encoding.folds import Folds
from brainlake.encoding.targets import Targets
from brainlake.errors import BrainlakeError

# A prediction that varies this much less than the response is constant up to rounding.
_CONSTANT = 1e-9


def predict(operator: ArrayLike, targets: Targets) -> FloatArray:
    """Return out-of-fold predictions [m, v] in units of the responses, stacked as `targets.folds.rows`."""
    S = matrix(operator, "operator", rows=len(targets.folds.rows))
    parts = [FoldOperator.of(S[s], targets.dtype) for s in targets.folds.slices]
    P = np.concatenate([part.apply(targets.responses) for part in parts])
    P += targets.mean
    return P


class FoldOperator(NamedTuple):
    """The lines of an operator in one fold: what they share, and what is left.

    A heavily shrunken prediction hardly varies from row to row. What its rows share is added last, in float64,
    so that what varies keeps its digits when the products are float32.
    """

    lines: FloatArray
    common: FloatArray

    @classmethod
    def of(cls, S: FloatArray, dtype: DTypeLike) -> "FoldOperator":
        """Split the lines [n_test, n] of one fold."""
        common = S.mean(0)
        return cls((S - common).astype(dtype), common.astype(dtype))

    def apply(self, Y: FloatArray) -> FloatArray:
        """Return predictions [n_test, v] in float64."""
        P: FloatArray = (self.lines @ Y).astype(np.float64)
        P += self.common @ Y
        return P


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
    S = matrix(operator, "operator", rows=len(targets.folds.rows))
    if targets.nuisance_operator is not None:
        S = S - targets.nuisance_operator
    # With the mean line of its fold taken from every line, predictions have mean 0 in every fold.
    S = np.concatenate([S[s] - S[s].mean(0) for s in targets.folds.slices]).astype(targets.dtype)
    scores = np.empty(targets.undefined.shape)
    for block in column_blocks(targets.responses.shape[1]):
        scores[:, block] = _correlations(S @ targets.responses[:, block], targets, block)
    return scores


def prediction_scores(predictions: ArrayLike, targets: Targets) -> FloatArray:
    """Return the Pearson correlation [F, v] of predictions [m, v] with what `targets` scores.

    The same as `fold_pearson`, except that the prediction of nuisance regressors is taken off both sides.
    """
    P = matrix(predictions, "predictions", rows=len(targets.folds.rows))
    if P.shape[1] != targets.responses.shape[1]:
        raise BrainlakeError(f"{P.shape[1]} columns of predictions for {targets.responses.shape[1]} targets")
    scores = np.empty(targets.undefined.shape)
    for block in column_blocks(P.shape[1]):
        p = P[:, block].astype(np.float64) - targets.mean[block]
        if targets.nuisance_operator is not None:
            p -= targets.nuisance_operator @ targets.responses[:, block]
        for s in targets.folds.slices:
            p[s] -= p[s].mean(0)
        scores[:, block] = _correlations(p, targets, block)
    return scores


def without_nuisance(predictions: ArrayLike, targets: Targets) -> tuple[FloatArray, FloatArray]:
    """Return predictions [m, v] and responses [n, v] less what the nuisance regressors predict out of fold.

    Raises
    ------
    BrainlakeError
        Overlapping folds, which predict a row more than once.
    """
    if targets.folds.overlapping:
        raise BrainlakeError("overlapping folds predict a row more than once: responses have no single residual")
    P = matrix(predictions, "predictions", rows=len(targets.folds.rows))
    Y = targets.responses + targets.mean
    if targets.nuisance_operator is None:
        return P, Y
    explained = targets.nuisance_operator @ Y
    Y[targets.folds.rows] -= explained
    return P - explained, Y


def target_scores(scores: ArrayLike, folds: Folds) -> FloatArray:
    """Return the mean of per-fold correlations [F, v] weighted by fold size, [v].

    It equals the correlation over all tested rows after predictions and responses are standardised inside
    each fold; nan for a target that has no correlation in some fold.
    """
    weights = np.array([len(t) for t in folds.test], dtype=np.float64)
    return np.asarray(weights @ np.asarray(scores) / weights.sum())


def _correlations(P: FloatArray, targets: Targets, block: slice) -> FloatArray:
    """Correlate predictions that have mean 0 in every fold with the standardised test responses."""
    product = np.empty(targets.undefined[:, block].shape)
    power = np.empty_like(product)
    for k, s in enumerate(targets.folds.slices):
        product[k] = np.einsum("ij,ij->j", P[s], targets.held_out[s, block])
        power[k] = np.einsum("ij,ij->j", P[s], P[s])
    norm = np.sqrt(power)
    norm[norm <= _CONSTANT * targets.size[block]] = np.inf
    norm[targets.undefined[:, block]] = np.nan
    return np.asarray(product / norm)
