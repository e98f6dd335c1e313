"""Errors by which a penalty is chosen without the outer fold: of other folds, of single rows, or generalised."""

from typing import Literal

import numpy as np

from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.gcv import generalised_errors
from brainlake.encoding.leave_one_out import leave_one_out_errors
from brainlake.encoding.nested import (
    Criterion,
    scattered_target_errors,
    shared_errors,
    target_errors,
)
from brainlake.encoding.shared_gaps import errors_with_gaps
from brainlake.encoding.spectrum import Spectrum
from brainlake.encoding.targets import Targets
from brainlake.errors import BrainlakeError

Inner = Literal["folds", "leave_one_out", "gcv"]


def summed_errors(
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
