"""Ridge regression with a penalty, and a layer, of its own for every target."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from brainlake.encoding.arrays import BoolArray, FloatArray, IntArray, column_blocks
from brainlake.encoding.folds import Folds
from brainlake.encoding.gcv import predict_by_gcv
from brainlake.encoding.holdout import fold_operator
from brainlake.encoding.inner_errors import Inner, inner_errors
from brainlake.encoding.nested import Criterion
from brainlake.encoding.predict import FoldOperator, gap_predictions
from brainlake.encoding.ridge import DEFAULT_ALPHAS, at_edge_of, penalty_grid
from brainlake.encoding.spectrum import Spectrum
from brainlake.encoding.targets import Targets


@dataclass(frozen=True, eq=False)
class TargetRidgeFit:
    """A cross-validated ridge regression with one penalty per outer fold and target.

    Attributes
    ----------
    predictions : array [m, v]
        Out-of-fold predictions in units of the responses, stacked as `folds.rows`.
    alphas : array [F, v]
        Relative penalties.
    inner_errors : array [F, v]
        Error of the chosen penalties, a target's squared error in units of its variance.
    at_edge : array [F, v] of bool
    scale : float
    """

    predictions: FloatArray
    alphas: FloatArray
    inner_errors: FloatArray
    at_edge: BoolArray
    scale: float

    @property
    def inner_error(self) -> FloatArray:
        """Mean error over targets in each outer fold, by which layers are compared, [F]."""
        return np.asarray(self.inner_errors.mean(1))


def ridge_per_target(
    spectrum: Spectrum,
    targets: Targets,
    alphas: ArrayLike = DEFAULT_ALPHAS,
    inner: Inner = "folds",
    criterion: Criterion = "squared_error",
    scale: float | None = None,
) -> TargetRidgeFit:
    """Fit ridge regression with a penalty of its own for every outer fold and target.

    Parameters and errors are those of `joint_ridge`; penalties are relative to `scale`, by default trace(K)/n.
    """
    grid = penalty_grid(spectrum, targets, alphas)
    scale = scale or spectrum.scale
    folds, Y, scaled = targets.folds, targets.responses, grid * (scale / spectrum.scale)
    if (inner, criterion, targets.gaps) == ("gcv", "squared_error", None):
        best, error, predictions = predict_by_gcv(spectrum, folds, Y, scaled)
    else:
        errors = inner_errors(spectrum, targets, scaled, inner, criterion)
        best = errors.argmin(0)
        error = np.take_along_axis(errors, best[None], 0)[0]
        if targets.gaps is None:
            predictions = _predictions(spectrum, folds, Y, scaled, best)
        else:
            predictions = _predictions_with_gaps(spectrum, targets, grid * scale, best)
    predictions += targets.mean
    if criterion == "squared_error":
        error /= targets.variance
    return TargetRidgeFit(predictions, grid[best], error, at_edge_of(best, grid), scale)


def _predictions(spectrum: Spectrum, folds: Folds, Y: FloatArray, grid: FloatArray, best: IntArray) -> FloatArray:
    """Predict each fold and target with the penalty of its index in the grid."""
    operators: dict[int, list[FoldOperator]] = {}
    for i in np.unique(best):
        G = spectrum.residual_maker(grid[i] * spectrum.scale)
        operators[i] = [FoldOperator.of(fold_operator(G, folds, k), Y.dtype) for k in range(len(folds))]
    predictions = np.empty((len(folds.rows), Y.shape[1]))
    for block in column_blocks(Y.shape[1]):
        # Rows are gathered ten times faster than columns.
        transposed = np.ascontiguousarray(Y[:, block].T)
        for k, s in enumerate(folds.slices):
            for i in np.unique(best[k, block]):
                columns = np.flatnonzero(best[k, block] == i)
                predictions[s, block.start + columns] = operators[i][k].apply(transposed[columns].T)
    return predictions


def _predictions_with_gaps(spectrum: Spectrum, targets: Targets, penalties: FloatArray, best: IntArray) -> FloatArray:
    """The same for targets that lack some of the rows."""
    predictions = np.empty((len(targets.folds.rows), best.shape[1]))
    for i in np.unique(best):
        some = np.flatnonzero((best == i).any(1))
        found = gap_predictions(spectrum.residual_maker(penalties[i]), targets, some)
        for k in some:
            s = targets.folds.slices[k]
            predictions[s] = np.where(best[k] == i, found[s], predictions[s])
    return predictions
