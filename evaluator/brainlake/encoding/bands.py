"""Several feature sets at once: banded ridge, from weighted sums of Gram matrices."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.kernel import centre_kernel
from brainlake.encoding.ridge import DEFAULT_ALPHAS, LayerChoice, choose_layer, ridge
from brainlake.encoding.spectrum import spectrum_of_kernel
from brainlake.encoding.targets import Targets
from brainlake.errors import BrainlakeError


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


def banded_ridge(
    kernels: Sequence[ArrayLike],
    targets: Targets,
    weights: ArrayLike | None = None,
    alphas: ArrayLike = DEFAULT_ALPHAS,
    nuisance: ArrayLike | None = None,
) -> LayerChoice:
    """Fit ridge regression in which each feature set has a penalty of its own (Dupré la Tour et al. 2022).

    Kernels are brought to equal trace, mixed by every line of `weights`, and mixture and penalty are chosen
    together for each outer fold, strictly nested: `layers` of the result counts mixtures.

    Parameters
    ----------
    kernels : sequence of arrays [n, n]
        One a feature set.
    targets : Targets
    weights : array [C, number of sets], optional
        Candidates, by default `band_weights`.
    alphas : sequence of positive floats
    nuisance : array [n, q], optional
        Regressors of `targets` without a penalty.

    Raises
    ------
    BrainlakeError
        Weights of another number of sets, or negative.
    """
    scaled = np.stack([of_trace_n(K) for K in kernels])
    mixtures = band_weights(len(scaled)) if weights is None else np.atleast_2d(np.asarray(weights))
    if mixtures.shape[1] != len(scaled) or (mixtures < 0).any():
        raise BrainlakeError(f"{mixtures.shape[1]} weights, none negative, are needed for {len(scaled)} sets")
    fits = [
        ridge(spectrum_of_kernel(np.tensordot(weight, scaled, 1), nuisance), targets, alphas) for weight in mixtures
    ]
    return choose_layer(fits, targets.folds)


def of_trace_n(K: ArrayLike) -> FloatArray:
    """Return a Gram matrix [n, n] centred and of trace n; one of features that are constant stays 0."""
    centred = centre_kernel(K)
    trace = float(np.trace(centred))
    return centred * (len(centred) / trace) if trace > 0 else centred
