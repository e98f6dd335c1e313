"""Generalised cross-validation of the training rows of each fold (Golub, Heath & Wahba 1979).

The penalty minimises |y - yhat|^2 / trace(I - H)^2 in the sample, constant and nuisance counted in H. One
eigendecomposition per fold serves any number of penalties and targets: this is the cheapest penalty per target. It
knows no groups: rows that share a passage or follow one another make it choose penalties that are too small.
"""

from typing import NamedTuple

import numpy as np

from brainlake.encoding import lapack
from brainlake.encoding.arrays import FloatArray, IntArray, column_blocks
from brainlake.encoding.folds import Folds
from brainlake.encoding.predict import FoldOperator
from brainlake.encoding.spectrum import Spectrum


class _TrainingRows(NamedTuple):
    """The kernel of the training rows of a fold, M K M = Q diag(values) Q', M without constant and nuisance."""

    values: FloatArray
    Q: FloatArray
    basis: FloatArray


def generalised_errors(spectrum: Spectrum, folds: Folds, Y: FloatArray, alphas: FloatArray) -> FloatArray:
    """Return the generalised cross-validation error [A, F, v] of every relative penalty, fold and target."""
    K = spectrum.kernel()
    penalties = alphas * spectrum.scale
    errors = np.empty((len(alphas), len(folds), Y.shape[1]))
    for k, train in enumerate(folds.train):
        rows = _training_rows(K, spectrum.unpenalised, train)
        weights = _weights(rows, penalties).astype(Y.dtype)
        rotate = rows.Q.T.astype(Y.dtype)
        for block in column_blocks(Y.shape[1]):
            errors[:, k, block] = weights @ np.square(rotate @ Y[train, block])
    return errors


def predict_by_gcv(
    spectrum: Spectrum, folds: Folds, Y: FloatArray, alphas: FloatArray
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Choose a penalty for every fold and target and predict with it, in one pass over the responses.

    Returns
    -------
    best : array [F, v] of int
        Index of the penalty.
    errors : array [F, v]
        Its error.
    predictions : array [m, v], float64, stacked as `folds.rows`
    """
    K, B = spectrum.kernel(), spectrum.unpenalised
    penalties = alphas * spectrum.scale
    best = np.empty((len(folds), Y.shape[1]), dtype=np.intp)
    errors = np.empty((len(folds), Y.shape[1]))
    predictions = np.empty((len(folds.rows), Y.shape[1]))
    for k, (train, test, s) in enumerate(zip(folds.train, folds.test, folds.slices, strict=True)):
        rows = _training_rows(K, B, train)
        weights = _weights(rows, penalties).astype(Y.dtype)
        rotate = rows.Q.T.astype(Y.dtype)
        shrink = (1.0 / (np.maximum(rows.values, 0.0)[:, None] + penalties)).astype(Y.dtype)
        # Constant and nuisance predict y by B w, w = coefficients @ y, and the kernel's test rows likewise.
        coefficients = np.linalg.pinv(B[train])
        cross = K[np.ix_(test, train)] - B[test] @ (coefficients @ K[np.ix_(train, train)])
        operator = FoldOperator.of(cross @ rows.Q, Y.dtype)
        for block in column_blocks(Y.shape[1]):
            y = Y[train, block]
            Z = rotate @ y
            table = weights @ (Z * Z)
            chosen = table.argmin(0)
            Z *= np.take(shrink, chosen, axis=1)
            predictions[s, block] = operator.apply(Z)
            predictions[s, block] += B[test] @ (coefficients @ y)
            best[k, block] = chosen
            errors[k, block] = table[chosen, np.arange(len(chosen))]
    return best, errors, predictions


def _training_rows(K: FloatArray, unpenalised: FloatArray, train: IntArray) -> _TrainingRows:
    basis = np.linalg.qr(unpenalised[train])[0]
    inside = K[np.ix_(train, train)]
    inside -= basis @ (basis.T @ inside)
    inside -= (inside @ basis) @ basis.T
    values, Q = lapack.eigh(inside)
    return _TrainingRows(values, Q - basis @ (basis.T @ Q), basis)


def _weights(rows: _TrainingRows, penalties: FloatArray) -> FloatArray:
    """Return [A, n_train]: what squared rotated responses are weighted by in the error of each penalty."""
    kept = penalties[:, None] / (np.maximum(rows.values, 0.0) + penalties[:, None])
    free = kept.sum(1, keepdims=True) - rows.basis.shape[1]
    return np.asarray((kept / free) ** 2)
