"""Several feature sets at once: banded ridge, from weighted sums of Gram matrices."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from brainlake.encoding.arrays import FloatArray, IntArray
from brainlake.encoding.kernel import centre_kernel
from brainlake.encoding.predict import predict
from brainlake.encoding.ridge import DEFAULT_ALPHAS, RidgeFit, from_layers, joint_ridge, least_error
from brainlake.encoding.spectrum import spectrum_of_kernel
from brainlake.encoding.targets import Targets
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
    kernels: Sequence[ArrayLike],
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
    kernels : sequence of arrays [n, n]
        One a feature set.
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
    scaled = np.stack([of_trace_n(K) for K in kernels])
    mixtures = band_weights(len(scaled)) if weights is None else np.atleast_2d(np.asarray(weights))
    if mixtures.shape[1] != len(scaled) or (mixtures < 0).any():
        raise BrainlakeError(f"{mixtures.shape[1]} weights, none negative, are needed for {len(scaled)} sets")

    def fitted(w: FloatArray) -> list[RidgeFit]:
        K = np.tensordot(w, scaled, 1)
        return joint_ridge([spectrum_of_kernel(K, Z) for Z in nuisance], targets, alphas, outer=outer)

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


def of_trace_n(K: ArrayLike) -> FloatArray:
    """Return a Gram matrix [n, n] centred and of trace n; one of features that are constant stays 0."""
    centred = centre_kernel(K)
    trace = float(np.trace(centred))
    return centred * (len(centred) / trace) if trace > 0 else centred
