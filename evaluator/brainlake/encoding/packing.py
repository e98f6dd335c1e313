"""Gram matrices small enough to ship, with all that similarity analyses need of the features beside them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from brainlake.encoding.arrays import FloatArray, IntArray, matrix
from brainlake.encoding.kernel import centred, centred_gram
from brainlake.errors import BrainlakeError

N_COLUMNS = 8


@dataclass(frozen=True, eq=False)
class Gram:
    """The centred Gram matrix of features, and what centring removed.

    Attributes
    ----------
    centred : array [n, n], float64
    projection : array [n]
        X_c mu, the centred rows times the mean row mu.
    mean_square : float
        mu'mu.
    row_sums : array [n]
        Sum of the features of each row.
    width : int
        Number of features.
    """

    centred: FloatArray
    projection: FloatArray
    mean_square: float
    row_sums: FloatArray
    width: int

    def raw(self) -> FloatArray:
        """Return X X' of the features as they were."""
        return self.centred + self.projection[:, None] + self.projection + self.mean_square

    def subset(self, rows: ArrayLike) -> "Gram":
        """Return the Gram matrix of some of the rows, centred on them."""
        i: IntArray = np.asarray(rows, dtype=np.intp)
        # With m the mean of the kept rows of X_c, the new mean row is mu + m.
        K = self.centred[np.ix_(i, i)]
        mean, grand = K.mean(0), float(K.mean())
        shift = self.projection[i].mean()
        return Gram(
            K - mean - mean[:, None] + grand,
            self.projection[i] - shift + mean - grand,
            float(self.mean_square + 2 * shift + grand),
            self.row_sums[i],
            self.width,
        )


@dataclass(frozen=True, eq=False)
class PackedGram:
    """A Gram matrix as float32 vectors, the columns of a `kernels` table.

    Attributes
    ----------
    kernel : array [n (n + 1) / 2]
        Lower triangle, row by row, of the centred Gram matrix without the features of largest variance.
    columns : array [n * min(8, d)]
        Those features, centred, row by row: massive dimensions would cost the rest of the kernel its digits.
    side : array [2 n + 5]
        X_c mu; row sums less their mean; mu'mu and the mean row sum, each as a float32 and what that left
        over; the number of features.
    """

    kernel: FloatArray
    columns: FloatArray
    side: FloatArray


def gram_of_features(X: ArrayLike) -> Gram:
    """Return the Gram matrix of features [n, d] and what centring removed, in float64.

    Raises
    ------
    BrainlakeError
        X is not a finite matrix of at least 3 rows.
    """
    X = matrix(X, "features")
    projection, sums, mean_square = _side(X)
    return Gram(centred_gram(X), projection, mean_square, sums, X.shape[1])


def pack(X: ArrayLike) -> PackedGram:
    """Pack the Gram matrix of features [n, d] as float32, worth it where n < d.

    The product is float64; each value is rounded to float32 once, at the end.

    Raises
    ------
    BrainlakeError
        X is not a finite matrix of at least 3 rows.
    """
    X = matrix(X, "features")
    variance = X.var(0, dtype=np.float64)
    largest = np.sort(np.argsort(variance, kind="stable")[::-1][:N_COLUMNS])
    rest = centred_gram(np.delete(X, largest, axis=1)) if X.shape[1] > N_COLUMNS else np.zeros((len(X),) * 2)
    projection, sums, mean_square = _side(X)
    side = [projection, sums - sums.mean(), _split(mean_square), _split(sums.mean()), [X.shape[1]]]
    return PackedGram(
        rest[np.tril_indices(len(X))].astype(np.float32),
        centred(X[:, largest]).astype(np.float32).ravel(),
        np.concatenate(side).astype(np.float32),
    )


def unpack(packed: PackedGram) -> Gram:
    """Return the Gram matrix that was packed: within 1e-7 of its largest value without the 8 features.

    Raises
    ------
    BrainlakeError
        Vectors whose lengths do not belong together.
    """
    n = (len(packed.side) - 5) // 2
    if len(packed.side) != 2 * n + 5 or len(packed.kernel) != n * (n + 1) // 2 or len(packed.columns) % n:
        raise BrainlakeError(
            f"packed kernel: lengths {len(packed.kernel)}, {len(packed.columns)} and {len(packed.side)} of "
            "kernel, columns and side do not belong together"
        )
    K = np.zeros((n, n))
    lower = np.tril_indices(n)
    K[lower] = packed.kernel
    K.T[lower] = packed.kernel
    columns = packed.columns.astype(np.float64).reshape(n, -1)
    K += columns @ columns.T
    side = packed.side.astype(np.float64)
    mean_square, mean_sum = float(side[2 * n : 2 * n + 2].sum()), float(side[2 * n + 2 : 2 * n + 4].sum())
    return Gram(K, side[:n], mean_square, side[n : 2 * n] + mean_sum, int(side[-1]))


def _side(X: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    mean = X.mean(0, dtype=np.float64)
    # A block of rows at a time: centring them all would double the memory of the features.
    projection = np.concatenate([(X[i : i + 256] - mean) @ mean for i in range(0, len(X), 256)])
    return projection, X.sum(1, dtype=np.float64), float(mean @ mean)


def _split(value: float) -> list[float]:
    high = float(np.float32(value))
    return [high, value - high]
