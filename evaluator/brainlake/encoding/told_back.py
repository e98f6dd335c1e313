"""How much of what folds learn from each other they learn both ways.

What a model has learnt of the responses of fold l it tells of fold k, and what of those of k, of l: by products of
features and responses that are the same where they are of what varies inside the folds. But a fold teaches the mean of
its responses as well, and is not scored on it. Where folds differ as wholes, as passages do, that is most of what they
teach, and it goes one way.
"""

import numpy as np

from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.targets import Targets

ENOUGH = 200
"""Targets over which a share is averaged: more of them say nothing new."""


def told_back(operator: FloatArray | None, predictions: FloatArray | None, targets: Targets) -> float:
    """Return the share of products inside folds in all that a fold learns from another, from 0 to 1.

    Of the n degrees of freedom of a fold of n rows n - 1 are inside. Targets are taken together, since each by itself
    says little: where responses are of one scale all count alike. Means of folds count from what was expected of them:
    the mean of the training rows, or what nuisance regressors predict.

    Parameters
    ----------
    operator : array [m, n], or None
        Maps responses to out-of-fold predictions.
    predictions : array [m, v], or None
        Out-of-fold predictions, where there is no operator.
    targets : Targets
    """
    scored = np.flatnonzero(targets.tested.any(0) & (targets.responses != 0).any(0))
    columns = scored[:: max(1, len(scored) // ENOUGH)]
    folds, Y = targets.folds, targets.responses[:, columns].astype(np.float64)
    if predictions is not None:
        P = predictions[:, columns].astype(np.float64) - targets.mean[columns]
    else:
        assert operator is not None
        P = operator @ Y
    expected = targets.expected(columns)
    present = np.ones(Y.shape) if targets.gaps is None else targets.gaps.present[:, columns].astype(np.float64)
    there = present[folds.rows]
    inner = np.maximum(there.sum(0) / len(folds) - 1, 1.0).mean() if len(columns) else 1.0
    apart = [_apart(values, there, folds.slices) for values in (P - expected, Y[folds.rows] - expected)]
    one_way = float(inner) * float(np.prod([between for between, _ in apart]))
    both_ways = float(np.prod([within for _, within in apart]))
    return both_ways / (both_ways + one_way) if both_ways + one_way > 0 else 1.0


def _apart(values: FloatArray, there: FloatArray, slices: tuple[slice, ...]) -> tuple[float, float]:
    """Sums of squares over all targets: of the means of folds, and inside folds."""
    between = within = 0.0
    for s in slices:
        mean = (values[s] * there[s]).sum(0) / np.maximum(there[s].sum(0), 1)
        between += float((there[s] * mean**2).sum())
        within += float((there[s] * (values[s] - mean) ** 2).sum())
    return between, within
