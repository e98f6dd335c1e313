"""The choice over layers by the inner errors of their fits, and what of their stacked rows it takes."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from brainlake.encoding.arrays import FloatArray, IntArray
from brainlake.encoding.folds import Folds
from brainlake.errors import BrainlakeError


class HasInnerError(Protocol):
    """A fit of one layer that can be compared with those of others."""

    @property
    def inner_error(self) -> FloatArray:
        """Error in each outer fold, that fold in none of its terms, [F]."""


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


def from_layers(
    stacks: Sequence[FloatArray] | Mapping[int, FloatArray] | FloatArray, layers: IntArray, folds: Folds
) -> FloatArray:
    """Return the stacked rows (operators or predictions) of the layer that each fold has chosen."""
    return np.concatenate([stacks[i][s] for i, s in zip(layers, folds.slices, strict=True)])
