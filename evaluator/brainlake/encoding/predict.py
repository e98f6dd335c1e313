"""Predictions and scores of a cross-validated operator, one product for all folds of all targets."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from brainlake.encoding.arrays import FloatArray, IntArray, column_blocks, matrix
from brainlake.encoding.folds import Folds
from brainlake.encoding.gaps import scattered_errors, without_rows
from brainlake.encoding.holdout import fold_operator
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

    The correlation inside every fold, except that the prediction of nuisance regressors is taken off both sides.
    """
    P = matrix(predictions, "predictions", rows=len(targets.folds.rows))
    if P.shape[1] != targets.responses.shape[1]:
        raise BrainlakeError(f"{P.shape[1]} columns of predictions for {targets.responses.shape[1]} targets")
    expected = None if targets.nuisance_operator is None else targets.expected()
    scores = np.empty(targets.undefined.shape)
    for block in column_blocks(P.shape[1]):
        p = P[:, block].astype(np.float64)
        p -= targets.mean[block]
        if expected is not None:
            p -= expected[:, block]
        there = None if targets.gaps is None else targets.gaps.present[:, block]
        if there is None or there.all():
            for s in targets.folds.slices:
                p[s] -= p[s].mean(0)
        else:
            for s, test in zip(targets.folds.slices, targets.folds.test, strict=True):
                tested = there[test]
                p[s] -= np.einsum("ij,ij->j", p[s], tested.astype(np.float64)) / np.maximum(tested.sum(0), 1)
                p[s] *= tested
        scores[:, block] = _correlations(p.astype(targets.dtype, copy=False), targets, block)
    return scores


def gap_predictions(G: FloatArray, targets: Targets, some: IntArray, out: FloatArray | None = None) -> FloatArray:
    """Return predictions [m, v] of some folds, each target fitted to the rows that it has, less `targets.mean`.

    Parameters
    ----------
    G : array [n, n]
        Residual maker of all rows (see `holdout`).
    targets : Targets
        With gaps.
    some : array
        Numbers of the folds.
    out : array [m, v], optional
        Where they are written, by default an array of 0; lines of other folds stay as they are.
    """
    folds, gaps = targets.folds, targets.gaps
    assert gaps is not None
    P = np.zeros((len(folds.rows), targets.responses.shape[1])) if out is None else out
    places = [folds.slices[k] for k in some]
    ends = np.cumsum([0, *(s.stop - s.start for s in places)]).tolist()
    for missing, columns in gaps.shared:
        left = without_rows(G, missing)
        parts = [FoldOperator.of(fold_operator(left, folds, int(k)), targets.dtype) for k in some]
        lines, common = (
            np.concatenate(stack) for stack in zip(*((p.lines, p.common[None]) for p in parts), strict=True)
        )
        for block in column_blocks(len(columns)):
            place = _stretch(columns[block])
            Y = targets.responses[:, place]
            found, shared = lines @ Y, common @ Y
            for s, start, end, more in zip(places, ends, ends[1:], shared, strict=False):
                P[s, place] = found[start:end] + more
    # In float64, or what is left of a shrunken prediction after the difference would have lost its digits.
    Y = targets.responses[:, gaps.scattered].astype(np.float64)
    for i, s, E in scattered_errors(G, [folds.held_out[k] for k in some], Y, gaps):
        k = some[i]
        tested = np.searchsorted(folds.held_out[k], folds.test[k])
        P[folds.slices[k], gaps.scattered[s]] = Y[folds.test[k], s] - E[:, tested].T
    return P


def _stretch(columns: IntArray) -> IntArray | slice:
    """The same columns as a slice where they are neighbours: nothing is copied."""
    first, last = int(columns[0]), int(columns[-1])
    return slice(first, last + 1) if last - first + 1 == len(columns) else columns


def target_scores(scores: ArrayLike, folds: Folds, tested: IntArray | None = None) -> FloatArray:
    """Return the mean of per-fold correlations [F, v] weighted by fold size, [v].

    It equals the correlation over all tested rows after predictions and responses are standardised inside
    each fold; nan for a target that has no correlation in some fold.

    Parameters
    ----------
    scores : array [F, v]
    folds : Folds
    tested : array [F, v] of int, optional
        Rows of each fold that a target is scored on (`Targets.tested`), by default all; a fold of none does not count.
    """
    r = np.asarray(scores)
    if tested is None:
        weights = np.array([len(t) for t in folds.test], dtype=np.float64)
        return np.asarray(weights @ r / weights.sum())
    total = np.where(tested > 0, tested * r, 0.0).sum(0)
    return np.asarray(np.divide(total, tested.sum(0), out=np.full(total.shape, np.nan), where=tested.any(0)))


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
