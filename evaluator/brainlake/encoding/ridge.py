"""Ridge regression with one penalty a layer, chosen strictly inside the training folds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike

from brainlake.encoding.arrays import BoolArray, FloatArray, IntArray
from brainlake.encoding.folds import Folds
from brainlake.encoding.gcv import generalised_errors
from brainlake.encoding.holdout import fold_operator
from brainlake.encoding.leave_one_out import leave_one_out_errors
from brainlake.encoding.nested import (
    Criterion,
    scattered_target_errors,
    shared_errors,
    target_errors,
)
from brainlake.encoding.predict import gap_predictions
from brainlake.encoding.shared_gaps import errors_with_gaps
from brainlake.encoding.spectrum import Spectrum
from brainlake.encoding.targets import Targets
from brainlake.errors import BrainlakeError

Inner = Literal["folds", "leave_one_out", "gcv"]

DEFAULT_ALPHAS: tuple[float, ...] = tuple(float(a) for a in np.logspace(-4, 5, 10))


class HasInnerError(Protocol):
    """A fit of one layer that can be compared with those of others."""

    @property
    def inner_error(self) -> FloatArray:
        """Error in each outer fold, that fold in none of its terms, [F]."""


@dataclass(frozen=True, eq=False)
class RidgeFit:
    """A cross-validated ridge regression with one penalty per outer fold.

    Attributes
    ----------
    operator : array [m, n]
        Maps whole responses to out-of-fold predictions; its lines follow `folds.rows`.
    alphas : array [F]
        The penalty of each outer fold, relative to `scale`.
    errors : array [A, F]
        What the penalty was chosen by, the outer fold in none of its terms; nan if one penalty was given.
    at_edge : array [F] of bool
        The penalty chosen is the smallest or largest on offer: the grid may be too short.
    scale : float
        Mean eigenvalue trace(K)/n; `alphas * scale` are the penalties in units of the features.
    """

    operator: FloatArray
    alphas: FloatArray
    errors: FloatArray
    at_edge: BoolArray
    scale: float

    @property
    def inner_error(self) -> FloatArray:
        """Error of the chosen penalty in each outer fold, by which layers are compared, [F]."""
        return np.asarray(self.errors.min(0))


def ridge(
    spectrum: Spectrum,
    targets: Targets,
    alphas: ArrayLike = DEFAULT_ALPHAS,
    inner: Inner = "folds",
    criterion: Criterion = "squared_error",
) -> RidgeFit:
    """Fit ridge regression with one penalty per outer fold, shared by all targets.

    The penalty minimises the error of inner folds averaged over targets, a target's squared error in units of
    its variance (`Targets.variance` says why that does not leak), over the rows that it has.

    Parameters
    ----------
    spectrum : Spectrum of the layer
    targets : Targets
    alphas : sequence of positive floats
        Penalties relative to trace(K)/n. A single one is used as it is and nothing is chosen.
    inner : {"folds", "leave_one_out", "gcv"}
        The other outer folds, each predicted without it and the outer one; or single training rows; or
        generalised cross-validation on the training rows. Only the first keeps groups whole.
    criterion : {"squared_error", "correlation"}
        Correlation is for inner folds of whole responses only.

    Raises
    ------
    BrainlakeError
        A penalty that is not positive, folds of another number of rows, or fewer than 3 folds to choose with.
    """
    return joint_ridge([spectrum], [targets], alphas, inner, criterion)[0]


def joint_ridge(
    spectra: Sequence[Spectrum],
    targets: Sequence[Targets],
    alphas: ArrayLike = DEFAULT_ALPHAS,
    inner: Inner = "folds",
    criterion: Criterion = "squared_error",
) -> list[RidgeFit]:
    """Fit `ridge` to targets that differ in their nuisance regressors: one penalty per outer fold for all of them.

    Parameters
    ----------
    spectra : sequence of Spectrum
        The same features, with the nuisance regressors of each set of targets.
    targets : sequence of Targets
        Under the same folds.
    alphas, inner, criterion
        As in `ridge`; penalties are relative to the mean of trace(K)/n over the spectra.
    """
    grid = _positive(alphas)
    folds, scale = targets[0].folds, mean_scale(spectra)
    for spectrum in spectra:
        _check_rows(spectrum, folds)
    if len(grid) == 1:
        best = np.zeros(len(folds), dtype=np.intp)
        errors = np.full((1, len(folds)), np.nan)
    else:
        errors = np.zeros((len(grid), len(folds)))
        for spectrum, one in zip(spectra, targets, strict=True):
            errors += _summed_errors(spectrum, one, grid * (scale / spectrum.scale), inner, criterion)
        errors /= sum(one.responses.shape[1] for one in targets)
        best = errors.argmin(0)
    alphas_chosen, at_edge = grid[best], at_edge_of(best, grid)
    return [
        RidgeFit(_operator(spectrum, folds, alphas_chosen * scale), alphas_chosen, errors, at_edge, scale)
        for spectrum in spectra
    ]


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


def _summed_errors(
    spectrum: Spectrum, targets: Targets, alphas: FloatArray, inner: Inner, criterion: Criterion
) -> FloatArray:
    """Return the error [A, F] of every penalty and outer fold, summed over targets in units of their variance."""
    folds, gaps = targets.folds, targets.gaps
    if (inner, criterion) == ("folds", "squared_error"):
        if gaps is None:
            errors = shared_errors(spectrum, folds, targets.factor, alphas)
            return np.asarray(errors * targets.responses.shape[1])
        errors = errors_with_gaps(spectrum, folds, targets.pattern_factors, alphas)
        scattered = scattered_target_errors(spectrum, folds, targets.responses[:, gaps.scattered], gaps, alphas)
        return np.asarray(errors + scattered @ (1 / targets.variance[gaps.scattered]))
    errors = inner_errors(spectrum, targets, alphas, inner, criterion)
    return np.asarray(errors @ (1 / targets.variance) if criterion == "squared_error" else errors.sum(2))


def _operator(spectrum: Spectrum, folds: Folds, penalties: FloatArray) -> FloatArray:
    operator = np.empty((len(folds.rows), folds.n))
    for penalty in np.unique(penalties):
        G = spectrum.residual_maker(penalty)
        for k in np.flatnonzero(penalties == penalty):
            operator[folds.slices[k]] = fold_operator(G, folds, int(k))
    return operator


@dataclass(frozen=True, eq=False)
class LayerChoice:
    """A layer and its penalty for each outer fold, chosen without that fold.

    Attributes
    ----------
    layers : array [F] of int
        Index of the layer each outer fold uses.
    operator : array [m, n]
        Maps responses to the out-of-fold predictions of the chosen layers.
    alphas : array [F]
        Their relative penalties.
    at_edge : array [F] of bool
    """

    layers: IntArray
    operator: FloatArray
    alphas: FloatArray
    at_edge: BoolArray


def choose_layer(fits: Sequence[RidgeFit], folds: Folds) -> LayerChoice:
    """Choose layer and penalty together for each outer fold, by errors that have it in none of their terms.

    Raises
    ------
    BrainlakeError
        No layer, or fits of one fixed penalty, which have no inner error.
    """
    layers = least_error(fits)
    chosen = [fits[i] for i in layers]
    return LayerChoice(
        layers,
        from_layers([f.operator for f in fits], layers, folds),
        np.array([f.alphas[k] for k, f in enumerate(chosen)]),
        np.array([f.at_edge[k] for k, f in enumerate(chosen)]),
    )


def least_error(fits: Sequence[HasInnerError]) -> IntArray:
    """Return for each outer fold the layer [F] of least inner error.

    Raises
    ------
    BrainlakeError
        No layer, or fits of one fixed penalty, which have no inner error.
    """
    if not fits:
        raise BrainlakeError("no layer to choose from")
    errors = np.stack([f.inner_error for f in fits])
    if np.isnan(errors).any():
        raise BrainlakeError("a layer cannot be chosen by fits of one fixed penalty: offer two or more")
    return np.asarray(errors.argmin(0))


def from_layers(stacks: Sequence[FloatArray], layers: IntArray, folds: Folds) -> FloatArray:
    """Return the stacked rows (operators or predictions) of the layer that each fold has chosen."""
    return np.concatenate([stacks[i][s] for i, s in zip(layers, folds.slices, strict=True)])


def inner_errors(
    spectrum: Spectrum, targets: Targets, alphas: FloatArray, inner: Inner, criterion: Criterion
) -> FloatArray:
    """Return the error [A, F, v] of every penalty, outer fold and target, by any way of choosing."""
    folds, Y, gaps = targets.folds, targets.responses, targets.gaps
    if criterion != "squared_error" and (inner != "folds" or gaps is not None):
        raise BrainlakeError(
            f"{inner} has no correlation: choose by squared_error, or by inner folds"
            if inner != "folds"
            else "responses with gaps are not chosen by correlation: choose by squared_error"
        )
    if inner == "folds" and gaps is None:
        return target_errors(spectrum, folds, Y, alphas, criterion)
    by_rows = generalised_errors if inner == "gcv" else leave_one_out_errors
    if gaps is None:
        return by_rows(spectrum, folds, Y, alphas)
    errors = np.zeros((len(alphas), len(folds), Y.shape[1]))
    if inner == "folds":
        for missing, columns in gaps.shared:
            errors[:, :, columns] = target_errors(spectrum, folds, Y[:, columns], alphas, criterion, missing)
        errors[:, :, gaps.scattered] = scattered_target_errors(spectrum, folds, Y[:, gaps.scattered], gaps, alphas)
        return errors
    for rows, columns in gaps.patterns:
        part = spectrum.subset(rows)
        scaled = alphas * (spectrum.scale / part.scale)
        errors[:, :, columns] = by_rows(part, folds.subset(rows, keep_empty=True), Y[np.ix_(rows, columns)], scaled)
    return errors


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
