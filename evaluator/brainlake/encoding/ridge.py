"""Ridge regression with one penalty a layer, chosen strictly inside the training folds."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from brainlake.encoding.arrays import BoolArray, FloatArray, IntArray
from brainlake.encoding.few_targets import few, few_predictions
from brainlake.encoding.folds import Folds
from brainlake.encoding.holdout import fold_operator
from brainlake.encoding.inner_errors import Inner, summed_errors
from brainlake.encoding.layer_errors import from_layers
from brainlake.encoding.nested import Criterion
from brainlake.encoding.predict import gap_predictions
from brainlake.encoding.spectrum import Spectrum
from brainlake.encoding.targets import Targets
from brainlake.errors import BrainlakeError

DEFAULT_ALPHAS: tuple[float, ...] = tuple(float(a) for a in np.logspace(-4, 5, 10))


@dataclass(frozen=True, eq=False)
class RidgeFit:
    """A cross-validated ridge regression with one penalty per outer fold.

    Attributes
    ----------
    spectrum : Spectrum
    folds : Folds
    alphas : array [F]
        The penalty of each outer fold, relative to `scale`.
    errors : array [A, F]
        What the penalty was chosen by, the outer fold in none of its terms; nan if one penalty was given.
    at_edge : array [F] of bool
        The penalty chosen is the smallest or largest on offer: the grid may be too short.
    scale : float
        Mean eigenvalue trace(K)/n; `alphas * scale` are the penalties in units of the features.
    residuals : array [m, v] or None
        Residuals of the test rows in units of `Targets.factor`, where they came along with the errors.
    """

    spectrum: Spectrum
    folds: Folds
    alphas: FloatArray
    errors: FloatArray
    at_edge: BoolArray
    scale: float
    residuals: FloatArray | None = None

    @property
    def inner_error(self) -> FloatArray:
        """Error of the chosen penalty in each outer fold, by which layers are compared, [F]."""
        return np.asarray(self.errors.min(0))

    @cached_property
    def operator(self) -> FloatArray:
        """What maps whole responses to out-of-fold predictions, [m, n]; its lines follow `folds.rows`."""
        return _operator(self.spectrum, self.folds, self.alphas * self.scale)

    def predictions(self, targets: Targets) -> FloatArray | None:
        """Out-of-fold predictions [m, v] where `operator` would not give them, or cost more; None elsewhere."""
        if self.residuals is not None:
            return targets.responses[self.folds.rows] + targets.mean - self.residuals * targets.deviation
        penalties = self.alphas * self.scale
        if targets.gaps is not None:
            return predict_with_gaps(self.spectrum, targets, penalties)
        return few_predictions(self.spectrum, targets, penalties) if few(targets.responses) else None


def joint_ridge(
    spectra: Sequence[Spectrum],
    targets: Sequence[Targets],
    alphas: ArrayLike = DEFAULT_ALPHAS,
    inner: Inner = "folds",
    criterion: Criterion = "squared_error",
    outer: Sequence[int] | None = None,
) -> list[RidgeFit]:
    """Fit ridge regression with one penalty per outer fold, shared by all targets.

    Targets may differ in their nuisance regressors, as those of several subjects do. The penalty minimises the error
    of inner folds averaged over targets, a target's squared error in units of its variance (`Targets.variance` says
    why that does not leak), over the rows that it has.

    Parameters
    ----------
    spectra : sequence of Spectrum
        The same features, with the nuisance regressors of each set of targets.
    targets : sequence of Targets
        Under the same folds.
    alphas : sequence of positive floats
        Penalties relative to the mean of trace(K)/n over the spectra. A single one is used as it is and nothing is
        chosen.
    inner : {"folds", "leave_one_out", "gcv"}
        The other outer folds, each predicted without it and the outer one; or single training rows; or
        generalised cross-validation on the training rows. Only the first keeps groups whole.
    criterion : {"squared_error", "correlation"}
        Correlation is for inner folds of whole responses only.
    outer : sequence of int, optional
        Outer folds that penalties are needed for, by default all; what is said of the others means nothing.

    Raises
    ------
    BrainlakeError
        A penalty that is not positive, folds of another number of rows, or fewer than 3 folds to choose with.
    """
    return ridge_under_folds(spectra, [targets], alphas, inner, criterion, outer)[0]


def ridge_under_folds(
    spectra: Sequence[Spectrum],
    schemes: Sequence[Sequence[Targets]],
    alphas: ArrayLike = DEFAULT_ALPHAS,
    inner: Inner = "folds",
    criterion: Criterion = "squared_error",
    outer: Sequence[int] | None = None,
) -> list[list[RidgeFit]]:
    """Return `joint_ridge` under several folds, each with the same sets of targets under them.

    What depends on features and penalty alone is computed once for all folds.
    """
    grid, scale = _positive(alphas), mean_scale(spectra)
    for spectrum in spectra:
        for targets in schemes:
            _check_rows(spectrum, targets[0].folds)
    if len(grid) == 1:
        errors = [np.full((1, len(targets[0].folds)), np.nan) for targets in schemes]
        residuals: list[list[FloatArray | None]] = [[None for _ in spectra] for _ in schemes]
    else:
        errors = [np.zeros((len(grid), len(targets[0].folds))) for targets in schemes]
        residuals = [[] for _ in schemes]
        for spectrum, *sets in zip(spectra, *schemes, strict=True):
            asking = None if outer is None else tuple(outer)
            found = summed_errors(spectrum, sets, grid * (scale / spectrum.scale), inner, criterion, asking)
            for total, left, more in zip(errors, residuals, found, strict=True):
                total += more.errors
                left.append(more.residuals)
    of_schemes = zip(schemes, errors, residuals, strict=True)
    return [_fits(spectra, targets, grid, scale, one, left) for targets, one, left in of_schemes]


def _fits(
    spectra: Sequence[Spectrum],
    targets: Sequence[Targets],
    grid: FloatArray,
    scale: float,
    errors: FloatArray,
    residuals: Sequence[FloatArray | None],
) -> list[RidgeFit]:
    """Choose the penalties of least error; all sets of targets share them."""
    folds = targets[0].folds
    errors = errors / sum(one.responses.shape[1] for one in targets)
    best = np.zeros(len(folds), dtype=np.intp) if len(grid) == 1 else errors.argmin(0)
    edge = at_edge_of(best, grid)
    chosen = [None if one is None else from_layers(one, best, folds) for one in residuals]
    return [RidgeFit(s, folds, grid[best], errors, edge, scale, e) for s, e in zip(spectra, chosen, strict=True)]


def mean_scale(spectra: Sequence[Spectrum]) -> float:
    """Return the unit of penalties that targets of several spectra share."""
    return float(np.mean([spectrum.scale for spectrum in spectra]))


def predict_with_gaps(spectrum: Spectrum, targets: Targets, penalties: FloatArray) -> FloatArray:
    """Return out-of-fold predictions [m, v], each target fitted to the rows that it has, in the targets' precision.

    Parameters
    ----------
    spectrum : Spectrum
    targets : Targets
    penalties : array [F]
        The penalty of each outer fold, in units of the features.
    """
    P = np.zeros((len(targets.folds.rows), targets.responses.shape[1]), targets.dtype)
    for penalty in np.unique(penalties):
        gap_predictions(spectrum.residual_maker(penalty), targets, np.flatnonzero(penalties == penalty), out=P)
    P += targets.mean.astype(P.dtype)
    return P


def _operator(spectrum: Spectrum, folds: Folds, penalties: FloatArray) -> FloatArray:
    operator = np.empty((len(folds.rows), folds.n))
    for penalty in np.unique(penalties):
        G = spectrum.residual_maker(penalty)
        for k in np.flatnonzero(penalties == penalty):
            operator[folds.slices[k]] = fold_operator(G, folds, int(k))
    return operator


def at_edge_of(best: IntArray, grid: FloatArray) -> BoolArray:
    """Return where the penalty chosen is the first or last of several."""
    return np.asarray((len(grid) > 1) & ((best == 0) | (best == len(grid) - 1)))


def penalty_grid(spectrum: Spectrum, targets: Targets, alphas: ArrayLike) -> FloatArray:
    """Return the penalties ascending, or refuse them, and features whose rows are not those of the targets."""
    _check_rows(spectrum, targets.folds)
    return _positive(alphas)


def _check_rows(spectrum: Spectrum, folds: Folds) -> None:
    if spectrum.n != folds.n:
        raise BrainlakeError(f"features of {spectrum.n} rows for responses of {folds.n} rows")


def _positive(alphas: ArrayLike) -> FloatArray:
    """Return the penalties ascending, or refuse those that are not positive."""
    grid = np.unique(np.atleast_1d(np.asarray(alphas, dtype=np.float64)))
    if grid.size == 0 or not (np.isfinite(grid).all() and grid[0] > 0):
        raise BrainlakeError(f"penalties must be positive numbers, not {alphas!r}; for none use ols_operator")
    return grid
