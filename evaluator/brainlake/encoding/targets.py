"""Responses made ready once per data set, for every layer, fold and penalty to use."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from brainlake.encoding import lapack
from brainlake.encoding.arrays import BoolArray, FloatArray, IntArray, matrix
from brainlake.encoding.correlation import standardised, standardised_where
from brainlake.encoding.folds import Folds
from brainlake.encoding.gaps import Gaps
from brainlake.encoding.holdout import fold_operator
from brainlake.encoding.unpenalised import projection, unpenalised_basis, unpenalised_weights
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
        Mean of each target over the rows that it has.
    responses : array [n, v]
        Responses less their mean, 0 where missing. Predictions are linear in the responses and carry their own
        intercept, so the mean changes no fit; without it float32 keeps its digits.
    held_out : array [m, v]
        What is scored, stacked as `folds.rows`: test responses, less what nuisance regressors fitted to the
        training rows predict of them, of mean 0 and sum of squares 1 in each fold; 0 if undefined or missing.
    tested : array [F, v] of int
        Rows of each fold that a target is scored on: those that it has, or none where a gap leaves fewer than two.
    undefined : array [F, v] of bool
        Targets that are constant inside a test fold, or not scored on it: no correlation exists there.
    unpenalised : array [n, q]
        Orthonormal basis of the constant and the nuisance regressors.
    nuisance_operator : array [m, n] or None
        Maps whole responses to their out-of-fold prediction from nuisance regressors; None if there are none.
    gaps : Gaps or None
        Which responses are missing; None if none is.
    """

    folds: Folds
    mean: FloatArray
    responses: FloatArray
    held_out: FloatArray
    tested: IntArray
    undefined: BoolArray
    unpenalised: FloatArray
    nuisance_operator: FloatArray | None
    gaps: Gaps | None

    @property
    def dtype(self) -> np.dtype[Any]:
        """Precision of the products with the responses."""
        return self.responses.dtype

    @cached_property
    def size(self) -> FloatArray:
        """Root of the sum of squares of each target, [v]."""
        return np.asarray(np.sqrt(np.einsum("ij,ij->j", self.responses, self.responses)))

    @cached_property
    def variance(self) -> FloatArray:
        """Variance of each target over the rows that it has, [v]; infinite for one that is constant.

        A positive weight, the same for every layer and every penalty, which does not change when the responses of a
        test fold are reflected about the mean of the others, and that reverses the sign of every score of that
        fold. No choice can therefore lean towards what scores well on the rows left out.
        """
        Y = self.responses.astype(np.float64)
        n = len(Y) if self.gaps is None else np.maximum(self.gaps.present.sum(0), 1)
        variance = np.einsum("ij,ij->j", Y, Y) / n
        return np.where(variance > 0, variance, np.inf)

    @property
    def deviation(self) -> FloatArray:
        """Standard deviation of each target over the rows that it has, [v]; 0 for one that is constant."""
        return np.sqrt(np.where(np.isinf(self.variance), 0.0, self.variance))

    @cached_property
    def factor(self) -> FloatArray:
        """`factor_of` all targets."""
        return self.factor_of(np.arange(self.responses.shape[1]))

    def factor_of(self, columns: IntArray) -> FloatArray:
        """Fewest columns L [n, min(n, v)] with L L' = sum over v targets of y y' / var(y).

        A sum of squared errors over targets is unchanged when the targets are rotated, so n columns stand for
        any number of voxels.
        """
        Y: FloatArray = self.responses[:, columns].astype(np.float64) / np.sqrt(self.variance[columns])
        if Y.shape[1] > len(Y):
            values, vectors = lapack.eigh(Y @ Y.T)
            Y = vectors * np.sqrt(np.maximum(values, 0.0))
        return np.ascontiguousarray(Y, dtype=self.dtype)

    @cached_property
    def pattern_factors(self) -> list[tuple[IntArray, FloatArray]]:
        """Missing rows, and `factor_of` the targets, of every pattern of gaps that many targets share."""
        assert self.gaps is not None
        return [(missing, self.factor_of(columns)) for missing, columns in self.gaps.shared]

    def expected(self, columns: IntArray | slice = slice(None)) -> FloatArray:
        """Return what constant and nuisance regressors predict of the test rows out of fold, [m, v], less `mean`."""
        present = None if self.gaps is None else self.gaps.present[:, columns]
        return _expected(self.folds, self.responses[:, columns], self.unpenalised, self.nuisance_operator, present)


def prepare(
    responses: ArrayLike, folds: Folds, dtype: DTypeLike = np.float64, nuisance: ArrayLike | None = None
) -> Targets:
    """Make responses ready for fitting and scoring under some folds.

    Parameters
    ----------
    responses : array [n, v]
        NaN where missing: each target is fitted to, and scored on, the rows that it has. One that leaving out some
        two folds leaves without enough rows to be fitted to is not scored.
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
        Responses are not a matrix of `folds.n` rows, or infinite, or a nuisance regressor does not vary in the
        training rows of some fold.
    """
    basis = unpenalised_basis(folds.n, nuisance)
    there = ~np.isnan(np.asarray(responses, dtype=np.float64).reshape(len(basis), -1))
    if not there.all():
        there &= _enough_rows(there, folds, basis.shape[1])
        if not there.any():
            raise BrainlakeError("responses: too many are not finite: no target has enough rows to be fitted to")
    gaps = Gaps.of(there)
    Y = np.asarray(responses)
    if gaps is not None:
        Y = np.where(there, Y.reshape(there.shape), 0.0)
    Y = matrix(Y, "responses", rows=folds.n).astype(np.float64)
    if gaps is None:
        mean, constant = Y.mean(0), np.isnan(standardised(Y)[0])
        Y -= mean
    else:
        mean = Y.sum(0) / np.maximum(gaps.present.sum(0), 1)
        constant = np.isnan(standardised_where(Y, gaps.present)[0])
        Y = np.where(gaps.present, Y - mean, 0.0)
    Y[:, constant] = 0.0
    operator = None if nuisance is None else _nuisance_operator(basis, folds)
    held_out = Y[folds.rows]
    if nuisance is not None:
        held_out -= _expected(folds, Y, basis, operator, None if gaps is None else gaps.present)
    tested = np.empty((len(folds), Y.shape[1]), dtype=np.intp)
    undefined = np.empty(tested.shape, dtype=np.bool_)
    for k, (s, test) in enumerate(zip(folds.slices, folds.test, strict=True)):
        if gaps is None:
            tested[k] = len(test)
            held_out[s] = standardised(held_out[s])
        else:
            there = gaps.present[test]
            tested[k] = there.sum(0)
            tested[k, tested[k] < min(2, len(test))] = 0
            held_out[s] = standardised_where(held_out[s], there)
        undefined[k] = np.isnan(held_out[s][0]) | constant | (tested[k] == 0)
        held_out[s][:, undefined[k]] = 0.0
    Y, held_out = Y.astype(dtype), held_out.astype(dtype)
    return Targets(folds, mean, Y, held_out, tested, undefined, basis, operator, gaps)


def _enough_rows(present: BoolArray, folds: Folds, n_unpenalised: int) -> BoolArray:
    """Whether each target [v] has more rows than unpenalised regressors whichever two folds are left out."""
    trained = np.zeros((len(folds), folds.n))
    for k, train in enumerate(folds.train):
        trained[k, train] = 1.0
    both = (trained[:, None] * trained[None]).reshape(-1, folds.n)
    return np.asarray((both @ present).min(0) > n_unpenalised)


def _expected(
    folds: Folds, Y: FloatArray, basis: FloatArray, operator: FloatArray | None, present: BoolArray | None
) -> FloatArray:
    if operator is not None and present is None:
        return np.asarray(operator @ Y)
    present = np.ones(Y.shape, np.bool_) if present is None else present
    folded = zip(folds.train, folds.test, strict=True)
    return np.concatenate([basis[b] @ unpenalised_weights(basis[a], Y[a], present[a]) for a, b in folded])


def _nuisance_operator(basis: FloatArray, folds: Folds) -> FloatArray:
    G = projection(basis)
    for k, h in enumerate(folds.held_out):
        if np.linalg.eigvalsh(G[np.ix_(h, h)])[0] < _DETERMINED:
            raise BrainlakeError(
                f"a nuisance regressor does not vary in the training rows of fold {k}: drop it (an indicator "
                "of one run, say), or use other folds"
            )
    return np.concatenate([fold_operator(G, folds, k) for k in range(len(folds))])
