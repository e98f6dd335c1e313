"""Gram matrices that a few columns make, beside a multiple of the identity: what is summed of them stays as thin."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from brainlake.encoding.arrays import FloatArray, matrix
from brainlake.encoding.decomposition import spectrum_of_kernel
from brainlake.encoding.kernel import centre_kernel, centred
from brainlake.encoding.spectrum import Directions
from brainlake.encoding.unpenalised import projection, unpenalised_basis

# Share of the rows, up to which features are few: two bands together have less than half.
_SHARE = 0.25


@dataclass(frozen=True, eq=False)
class Thin:
    """A centred Gram matrix floor * P + factor factor' of trace n, P = I - 11'/n.

    Attributes
    ----------
    factor : array [n, r]
        Of columns of mean 0, few beside n.
    floor : float
        As baselines have it in which every stimulus has a feature of its own.
    """

    factor: FloatArray
    floor: float = 0.0

    def kernel(self) -> FloatArray:
        """Return the Gram matrix [n, n]."""
        K: FloatArray = self.factor @ self.factor.T
        return K + self.floor * projection(unpenalised_basis(len(K), None)) if self.floor else K


def of_trace_n(K: ArrayLike) -> FloatArray:
    """Return a Gram matrix [n, n] centred and of trace n; one of features that are constant stays 0."""
    centred = centre_kernel(K)
    trace = float(np.trace(centred))
    return centred * (len(centred) / trace) if trace > 0 else centred


def thin_features(X: ArrayLike) -> Thin | None:
    """Return the Gram matrix of features [n, d] of trace n, or None if they are not few."""
    X = matrix(X, "features")
    if X.shape[1] > _SHARE * len(X):
        return None
    factor = centred(X)
    size = np.einsum("ij,ij", factor, factor)
    return Thin(factor * np.sqrt(len(factor) / size) if size > 0 else factor)


def thin_kernel(K: ArrayLike) -> Thin | FloatArray:
    """Return a Gram matrix [n, n] of trace n, thin if all but few of its eigenvalues are the same."""
    K = of_trace_n(K)
    spectrum = spectrum_of_kernel(K)
    if isinstance(spectrum, Directions):
        return Thin(spectrum.vectors * np.sqrt(spectrum.values), spectrum.floor)
    return K
