"""Responses made ready once per data set, for every layer, fold and penalty to use."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike
from scipy.linalg import eigh

from brainlake.encoding.arrays import BoolArray, FloatArray, IntArray, matrix
from brainlake.encoding.correlation import standardised
from brainlake.encoding.folds import Folds
from brainlake.encoding.holdout import fold_operator
from brainlake.encoding.spectrum import projection, unpenalised_basis
from brainlake.errors import BrainlakeError

# What is left of a regressor in the training rows, below which its weight there is rounding noise.
_DETERMINED = 1e-8


@dataclass(frozen=True, eq=False)
class Targets:
    """Responses [n, v] under given folds.

    Attributes
    ----------
    folds : Folds
    mean : array [v]
        Mean of each target over all rows.
    responses : array [n, v]
        Responses less their mean. Predictions are linear in the responses and carry their own intercept, so
        the mean changes no fit; without it float32 keeps its digits.
    held_out : array [m, v]
        What is scored, stacked as `folds.rows`: test responses, less what nuisance regressors fitted to the
        training rows predict of them, of mean 0 and sum of squares 1 in each fold; 0 if undefined.
    undefined : array [F, v] of bool
        Targets that are constant inside a test fold: no correlation exists there.
    nuisance_operator : array [m, n] or None
        Maps responses to their out-of-fold prediction from nuisance regressors; None if there are none.
    """

    folds: Folds
    mean: FloatArray
    responses: FloatArray
    held_out: FloatArray
    undefined: BoolArray
    nuisance_operator: FloatArray | None

    @property
    def dtype(self) -> np.dtype[Any]:
        """Precision of the products with the responses."""
        return self.responses.dtype

    @cached_property
    def size(self) -> FloatArray:
        """Root of the sum of squares of each target, [v]."""
        return np.asarray(np.sqrt(np.einsum("ij,ij->j", self.responses, self.responses)))

    @cached_property
    def factor(self) -> FloatArray:
        """Fewest columns L [n, min(n, v)] with L L' = sum over targets of y y' / var(y), mean variance 1.

        A sum of squared errors over targets is unchanged when the targets are rotated, so n columns stand for
        any number of voxels. The variance of a target is taken over all rows: it is a positive weight, the
        same for every layer and every penalty, and does not change when the responses of a test fold are
        reflected about the mean of the others, which reverses the sign of every score of that fold. No choice
        can therefore lean towards what scores well on the rows left out.
        """
        Y = self.responses.astype(np.float64)
        sd = Y.std(0)
        sd[sd == 0] = 1.0
        Y /= sd * np.sqrt(Y.shape[1])
        if Y.shape[1] > len(Y):
            values, vectors = eigh(Y @ Y.T, driver="evd", check_finite=False)
            Y = vectors * np.sqrt(np.maximum(values, 0.0))
        return np.ascontiguousarray(Y, dtype=self.dtype)


def prepare(
    responses: ArrayLike, folds: Folds, dtype: DTypeLike = np.float64, nuisance: ArrayLike | None = None
) -> Targets:
    """Make responses ready for fitting and scoring under some folds.

    Parameters
    ----------
    responses : array [n, v]
    folds : Folds of n rows
    dtype : float64 or float32
        Precision of products with the responses. float32 costs 2e-7 in r and halves time and memory; every
        factorisation is float64 in either case.
    nuisance : array [n, q], optional
        Regressors (motion, word rate) whose prediction, fitted to the training rows of each fold, is taken
        from the responses before they are scored. Give the same to each layer's `Spectrum`.

    Raises
    ------
    BrainlakeError
        Responses are not a finite matrix of `folds.n` rows (see `missing_patterns`), or a nuisance regressor
        does not vary in the training rows of some fold.
    """
    Y = matrix(responses, "responses", rows=folds.n).astype(np.float64)
    mean = Y.mean(0)
    constant = np.isnan(standardised(Y)[0])
    operator = None if nuisance is None else _nuisance_operator(nuisance, folds)
    tested = Y[folds.rows] if operator is None else Y[folds.rows] - operator @ Y
    undefined = np.empty((len(folds), Y.shape[1]), dtype=np.bool_)
    for k, s in enumerate(folds.slices):
        tested[s] = standardised(tested[s])
        undefined[k] = np.isnan(tested[s][0]) | constant
        tested[s][:, undefined[k]] = 0.0
    Y -= mean
    Y[:, constant] = 0.0
    return Targets(folds, mean, Y.astype(dtype), tested.astype(dtype), undefined, operator)


def missing_patterns(responses: ArrayLike) -> list[tuple[IntArray, IntArray]]:
    """Return rows and targets that can be fitted together, when responses [n, v] are NaN where missing.

    Every target is in one of the patterns, except those with no response at all. For each pattern prepare
    `responses[rows][:, columns]` with `folds.subset(rows)` and the kernel `K[rows][:, rows]`.
    """
    present = ~np.isnan(np.atleast_2d(np.asarray(responses, dtype=np.float64)))
    patterns, member = np.unique(present, axis=1, return_inverse=True)
    return [
        (np.flatnonzero(pattern), np.flatnonzero(member.ravel() == i))
        for i, pattern in enumerate(patterns.T)
        if pattern.any()
    ]


def _nuisance_operator(nuisance: ArrayLike, folds: Folds) -> FloatArray:
    G = projection(unpenalised_basis(folds.n, nuisance))
    for k, h in enumerate(folds.held_out):
        if np.linalg.eigvalsh(G[np.ix_(h, h)])[0] < _DETERMINED:
            raise BrainlakeError(
                f"a nuisance regressor does not vary in the training rows of fold {k}: drop it (an indicator "
                "of one run, say), or use other folds"
            )
    return np.concatenate([fold_operator(G, folds, k) for k in range(len(folds))])
