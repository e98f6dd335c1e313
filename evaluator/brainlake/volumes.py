"""From words to scans: features of words as features of TRs, with delays, on the Gram matrix where that is smaller."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from brainlake.encoding.arrays import FloatArray, IntArray
from brainlake.encoding.kernel import centred, centred_gram
from brainlake.encoding.packing import Gram
from brainlake.encoding.timeseries import average_operator, delayed_kernel, resampled_kernel

DELAYS = (1, 2, 3, 4)
"""TRs by which responses may lag behind the words (2 to 8 s at a TR of 2 s); each delay has weights of its own."""


@dataclass(frozen=True, eq=False)
class Volumes:
    """The scans of a benchmark.

    Attributes
    ----------
    onsets
        Shape (n_words,): when each word begins (s).
    times
        Shape (n_trs,): when each TR begins (s), ascending.
    runs
        Shape (n_trs,): delays do not reach from one run into the next.
    kept
        The n TRs that have responses: the rows of a recording.
    """

    onsets: FloatArray
    times: FloatArray
    runs: npt.NDArray[np.str_]
    kept: IntArray

    @property
    def average(self) -> csr_array:
        """Matrix (n_trs, n_words) that averages the words of each TR."""
        return average_operator(self.onsets, self.times)

    def kernel(self, words: FloatArray | Gram) -> FloatArray:
        """Gram matrix (n, n) of word features at all delays.

        Features are centred over words, so that a TR without words, or before the first, has those of the mean word.
        """
        average = self.average
        if isinstance(words, Gram):
            K = resampled_kernel(words.centred, average)
        else:
            X = average @ centred(words)
            K = X @ X.T
        return self._delayed(K)

    def kernel_of_trs(self, X: FloatArray) -> FloatArray:
        """Gram matrix (n, n) of features that TRs have themselves, shape (n_trs, d), at all delays."""
        return self._delayed(centred_gram(X))

    def _delayed(self, K: FloatArray) -> FloatArray:
        return delayed_kernel(K, DELAYS, self.runs)[np.ix_(self.kept, self.kept)]
