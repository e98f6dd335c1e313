"""Several feature sets at once: banded ridge, from weighted sums of Gram matrices."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from brainlake.encoding.arrays import FloatArray, IntArray
from brainlake.encoding.decomposition import spectrum_of_factor, spectrum_of_kernel
from brainlake.encoding.layer_errors import from_layers, least_error
from brainlake.encoding.predict import predict
from brainlake.encoding.ridge import DEFAULT_ALPHAS, RidgeFit, joint_ridge
from brainlake.encoding.spectrum import Spectrum
from brainlake.encoding.targets import Targets
from brainlake.encoding.thin import Thin, of_trace_n
from brainlake.errors import BrainlakeError

Each = Callable[[Callable[[FloatArray], list[RidgeFit]], Iterable[FloatArray]], Iterable[list[RidgeFit]]]
"""Calls a function with every one of some arrays, as `map` does."""


def band_weights(n_bands: int, steps: int = 4, smallest: float = 1e-3) -> FloatArray:
    """Return mixing weights [C, n_bands] that sum to 1: a regular grid, a band nearly left out at its edge.

    Parameters
    ----------
    n_bands : int
    steps : int
        Multiples of 1 / steps, in every combination.
    smallest : float
        What stands for 0.
    """
    grid = [c for c in np.ndindex(*[steps + 1] * n_bands) if sum(c) == steps]
    weights = np.maximum(np.array(grid) / steps, smallest)
    return np.asarray(weights / weights.sum(1, keepdims=True))


@dataclass(frozen=True, eq=False)
class BandedFit:
    """A cross-validated banded ridge regression.

    Attributes
    ----------
    predictions : list of arrays [m, v]
        Out-of-fold predictions of each set of targets in units of the responses, stacked as `folds.rows`.
    mixtures : array [F] of int
        Line of the weights that each outer fold chose.
    alphas : array [F]
        Its relative penalties.
    """

    predictions: list[FloatArray]
    mixtures: IntArray
    alphas: FloatArray


def banded_ridge(
    kernels: Sequence[ArrayLike | Thin],
    targets: Sequence[Targets],
    nuisance: Sequence[ArrayLike | None],
    weights: ArrayLike | None = None,
    alphas: ArrayLike = DEFAULT_ALPHAS,
    each: Each = map,
    outer: Sequence[int] | None = None,
) -> BandedFit:
    """Fit ridge regression in which each feature set has a penalty of its own (Dupré la Tour et al. 2022).

    Kernels are brought to equal trace and mixed by every line of `weights`. For each outer fold mixture and penalty
    are chosen together by the errors of all targets, strictly nested.

    Parameters
    ----------
    kernels : sequence of arrays [n, n] or Thin
        One a feature set; where all are thin, their mixtures are fitted as few features are.
    targets : sequence of Targets
        Under the same folds; those that share nuisance regressors together.
    nuisance : sequence of arrays [n, q] or None
        Regressors without a penalty, of each set of targets.
    weights : array [C, number of feature sets], optional
        Candidates, by default `band_weights`.
    alphas : sequence of positive floats
    each
        How the mixtures are fitted: one after the other, or by the threads of a pool (its `map`).
    outer : sequence of int, optional
        Outer folds that are asked for, by default all; what is found for the others means nothing.

    Raises
    ------
    BrainlakeError
        Weights of another number of sets, or negative.
    """
    mixtures = band_weights(len(kernels)) if weights is None else np.atleast_2d(np.asarray(weights))
    if mixtures.shape[1] != len(kernels) or (mixtures < 0).any():
        raise BrainlakeError(f"{mixtures.shape[1]} weights, none negative, are needed for {len(kernels)} sets")
    mixed = _mixed(kernels)

    def fitted(w: FloatArray) -> list[RidgeFit]:
        return joint_ridge(mixed(w, nuisance), targets, alphas, outer=outer)

    fits = list(each(fitted, mixtures))
    folds, chosen = targets[0].folds, least_error([fit[0] for fit in fits])
    predictions = []
    for p, one in enumerate(targets):
        stacks = {i: fits[i][p].predictions(one) for i in set(chosen.tolist())}
        whole = {i: P for i, P in stacks.items() if P is not None}
        if whole:
            predictions.append(from_layers(whole, chosen, folds))
        else:
            predictions.append(predict(from_layers({i: fits[i][p].operator for i in stacks}, chosen, folds), one))
    return BandedFit(predictions, chosen, np.array([fits[i][0].alphas[k] for k, i in enumerate(chosen)]))


def _mixed(kernels: Sequence[ArrayLike | Thin]) -> Callable[[FloatArray, Sequence[ArrayLike | None]], list[Spectrum]]:
    """What makes of weights the spectra of a mixture, beside the nuisance regressors of each set of targets."""
    thin = [one for one in kernels if isinstance(one, Thin)]
    if len(thin) == len(kernels):

        def of_factors(w: FloatArray, nuisance: Sequence[ArrayLike | None]) -> list[Spectrum]:
            F = np.hstack([np.sqrt(share) * one.factor for share, one in zip(w, thin, strict=True)])
            floor = float(sum(share * one.floor for share, one in zip(w, thin, strict=True)))
            return [spectrum_of_factor(F, Z, floor) for Z in nuisance]

        return of_factors
    scaled = np.stack([one.kernel() if isinstance(one, Thin) else of_trace_n(one) for one in kernels])

    def of_kernels(w: FloatArray, nuisance: Sequence[ArrayLike | None]) -> list[Spectrum]:
        K = np.tensordot(w, scaled, 1)
        return [spectrum_of_kernel(K, Z) for Z in nuisance]

    return of_kernels
