"""Centred Gram matrices as ridge regression at every penalty needs them.

A Gram matrix may be a multiple of the identity, its floor, and beside it as little as a few features make. Ridge
regression on it is that on what is above the floor, with a penalty larger by the floor: one eigendecomposition serves
every penalty. Elsewhere inverting the matrix at a penalty costs no more than what eigenvectors make of it, and there
is nothing to decompose.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from brainlake.encoding import lapack
from brainlake.encoding.arrays import FloatArray, IntArray
from brainlake.encoding.positive_definite import invert
from brainlake.encoding.unpenalised import projection


@dataclass(frozen=True, eq=False)
class Spectrum(ABC):
    """M K M of n rows, where M projects out what is fitted without a penalty.

    Attributes
    ----------
    unpenalised : array [n, q]
        Orthonormal basis of the constant and of nuisance regressors.
    """

    unpenalised: FloatArray

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.unpenalised)

    @property
    @abstractmethod
    def scale(self) -> float:
        """Mean eigenvalue trace(K)/n, the unit of relative penalties (1 if every feature is constant)."""

    @abstractmethod
    def kernel(self) -> FloatArray:
        """Return M K M."""

    @abstractmethod
    def residual_maker(self, penalty: float) -> FloatArray:
        """Return a M (M K M + penalty I)^-1 M: it maps responses to multiples of in-sample residuals.

        The factor a keeps its eigenvalues in [0, 1] whatever the scale of the features.
        """

    @abstractmethod
    def residuals(
        self, penalty: float, Y: FloatArray, squares: Sequence[IntArray]
    ) -> tuple[FloatArray, list[FloatArray]]:
        """Return what `residual_maker` makes of responses [n, v], and its squares [k, k] over some rows each."""


@dataclass(frozen=True, eq=False)
class Directions(Spectrum):
    """Few directions above a floor.

    Attributes
    ----------
    values : array [r]
        Eigenvalues of M K M less `floor`, none negative.
    vectors : array [n, r]
        Eigenvectors, orthogonal to `unpenalised`.
    floor : float
        What `values` are counted from; M K M is `floor` on what neither they nor `unpenalised` span.
    """

    values: FloatArray
    vectors: FloatArray
    floor: float = 0.0

    @property
    def scale(self) -> float:
        """Mean eigenvalue."""
        return (float(self.values.sum()) + self.floor * (self.n - self.unpenalised.shape[1])) / self.n or 1.0

    def kernel(self) -> FloatArray:
        """Return M K M."""
        half = self.vectors * np.sqrt(self.values)
        above = np.asarray(half @ half.T)
        return above + self.floor * projection(self.unpenalised) if self.floor else above

    def residual_maker(self, penalty: float) -> FloatArray:
        """Return what makes residuals of responses, times (penalty + floor) / penalty."""
        G = np.empty((self.n, self.n))
        lapack.square(np.hstack([self.unpenalised, self.vectors * np.sqrt(self._shrunken(penalty))]), out=G)
        np.negative(G, out=G)
        G.flat[:: self.n + 1] += 1.0
        return lapack.mirror(G)

    def residuals(
        self, penalty: float, Y: FloatArray, squares: Sequence[IntArray]
    ) -> tuple[FloatArray, list[FloatArray]]:
        """Return residuals of responses, and squares of the residual maker, without the rest of it."""
        shrunken, B = self._shrunken(penalty), self.unpenalised
        R = np.asarray(Y - B @ (B.T @ Y) - self.vectors @ (shrunken[:, None] * (self.vectors.T @ Y)))
        halves = [self.vectors[rows] * np.sqrt(shrunken) for rows in squares]
        return R, [projection(B[rows]) - half @ half.T for rows, half in zip(squares, halves, strict=True)]

    def _shrunken(self, penalty: float) -> FloatArray:
        """What is left of responses along each direction, [r]."""
        return np.asarray(self.values / (self.values + penalty + self.floor))


@dataclass(frozen=True, eq=False)
class Whole(Spectrum):
    """A Gram matrix that is inverted at every penalty.

    Attributes
    ----------
    raised : array [n, n]
        M K M + scale * B B', B being `unpenalised`: the inverse then has no directions of which nothing but rounding
        is left, and what it has along B is taken off.
    """

    raised: FloatArray

    @property
    def scale(self) -> float:
        """Mean eigenvalue."""
        return float(np.trace(self.raised) / (self.n + self.unpenalised.shape[1]))

    def kernel(self) -> FloatArray:
        """Return M K M."""
        return np.asarray(self.raised - self.scale * (self.unpenalised @ self.unpenalised.T))

    def residual_maker(self, penalty: float) -> FloatArray:
        """Return what makes residuals of responses.

        Rounding may give a Gram matrix negative eigenvalues: to float32 where it was stored, or of features far larger
        than the rest that nuisance regressors explain. Where a penalty is lost in them they count as 0.
        """
        G = self.raised / penalty
        G.flat[:: self.n + 1] += 1.0
        if not invert(G):
            values, vectors = lapack.eigh(self.raised)
            lapack.square(vectors * np.sqrt(penalty / (penalty + np.maximum(values, 0.0))), out=G)
        lapack.subtract_square(G, self.unpenalised.T * np.sqrt(penalty / (penalty + self.scale)))
        return lapack.mirror(G)

    def residuals(
        self, penalty: float, Y: FloatArray, squares: Sequence[IntArray]
    ) -> tuple[FloatArray, list[FloatArray]]:
        """Return residuals of responses, and squares of the residual maker."""
        G = self.residual_maker(penalty)
        return np.asarray(G @ Y), [G[np.ix_(rows, rows)] for rows in squares]
