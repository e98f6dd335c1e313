"""Errors by which a penalty is chosen without the outer fold: of other folds, of single rows, or generalised."""

from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np

from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.decomposition import spectrum_of_rows
from brainlake.encoding.few_targets import ErrorsOfFew, by_weights, errors_of_weights, few
from brainlake.encoding.fold_pairs import pairs
from brainlake.encoding.gcv import generalised_errors
from brainlake.encoding.leave_one_out import leave_one_out_errors
from brainlake.encoding.nested import (
    Criterion,
    check_determined,
    errors_by_training_rows,
    errors_of_many,
    errors_of_scattered,
    target_errors,
)
from brainlake.encoding.shared_gaps import errors_of_patterns
from brainlake.encoding.spectrum import Spectrum
from brainlake.encoding.targets import Targets
from brainlake.errors import BrainlakeError

Inner = Literal["folds", "leave_one_out", "gcv"]

# With so few folds, leaving two out halves the rows: fits to what is left cost less than hold-out blocks.
_FEW_FOLDS = 5


class InnerErrors(NamedTuple):
    """What penalties are chosen by.

    Attributes
    ----------
    errors : array [A, F]
        Error of every penalty and outer fold, summed over targets in units of their variance. Those of outer folds
        that are not asked for may be infinite.
    residuals : array [A, m, v] or None
        Residuals of test rows under every penalty, stacked as `folds.rows`, in the units of `Targets.factor`; None
        where they do not come along.
    """

    errors: FloatArray
    residuals: FloatArray | None = None


def summed_errors(
    spectrum: Spectrum,
    sets: Sequence[Targets],
    alphas: FloatArray,
    inner: Inner,
    criterion: Criterion,
    outer: tuple[int, ...] | None = None,
) -> list[InnerErrors]:
    """Return the errors of each set of targets, which has folds of its own.

    What depends on the features and the penalty alone is computed once for all sets.
    """
    if (inner, criterion) != ("folds", "squared_error"):
        return [InnerErrors(_weighted(spectrum, one, alphas, inner, criterion)) for one in sets]
    found: list[tuple[FloatArray, list[FloatArray]]] = []
    asking: list[tuple[FloatArray, Callable[[FloatArray], FloatArray]]] = []
    for targets in sets:
        folds = targets.folds
        errors: FloatArray = np.zeros((len(alphas), len(folds)))
        residuals: list[FloatArray] = []
        if targets.gaps is None and len(folds) <= _FEW_FOLDS and spectrum.unpenalised.shape[1] == 1:
            errors = errors_by_training_rows(spectrum, folds, targets.factor, alphas)
        elif targets.gaps is None and few(targets.factor) and by_weights(spectrum, pairs(folds)[0]):
            check_determined(spectrum, pairs(folds))
            errors = errors_of_weights(spectrum, folds, targets.factor, alphas, outer)
        elif targets.gaps is None and few(targets.factor):
            check_determined(spectrum, pairs(folds))
            of_few = ErrorsOfFew(folds, targets.factor, outer, n_kept=len(alphas))
            asking.append((errors, of_few))
            residuals = of_few.residuals
        else:
            check_determined(spectrum, pairs(folds))
            asking += [(errors, ask) for ask in _asking(targets)]
        found.append((errors, residuals))
    for i, alpha in enumerate(alphas if asking else ()):
        G = spectrum.residual_maker(alpha * spectrum.scale)
        for errors, errors_of in asking:
            errors[i] += errors_of(G)
    return [InnerErrors(errors, np.stack(residuals) if residuals else None) for errors, residuals in found]


def _asking(targets: Targets) -> Iterator[Callable[[FloatArray], FloatArray]]:
    """What makes errors [F] of a residual maker, for many targets that are whole, share gaps, or have their own."""
    folds, gaps = targets.folds, targets.gaps
    if gaps is None:
        yield errors_of_many(folds, targets.factor)
        return
    if gaps.shared:
        yield errors_of_patterns(folds, targets.pattern_factors)
    if gaps.blocks:
        weights, scattered = 1 / targets.variance[gaps.scattered], targets.responses[:, gaps.scattered]
        errors_of = errors_of_scattered(folds, scattered, gaps)
        yield lambda G: errors_of(G) @ weights


def _weighted(
    spectrum: Spectrum, targets: Targets, alphas: FloatArray, inner: Inner, criterion: Criterion
) -> FloatArray:
    errors = inner_errors(spectrum, targets, alphas, inner, criterion)
    return np.asarray(errors @ (1 / targets.variance) if criterion == "squared_error" else errors.sum(2))


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
        if gaps.blocks:
            check_determined(spectrum, pairs(folds))
            errors_of = errors_of_scattered(folds, Y[:, gaps.scattered], gaps)
            for i, alpha in enumerate(alphas):
                errors[i][:, gaps.scattered] = errors_of(spectrum.residual_maker(alpha * spectrum.scale))
        return errors
    for rows, columns in gaps.patterns:
        part = spectrum_of_rows(spectrum, rows)
        scaled = alphas * (spectrum.scale / part.scale)
        errors[:, :, columns] = by_rows(part, folds.subset(rows, keep_empty=True), Y[np.ix_(rows, columns)], scaled)
    return errors
