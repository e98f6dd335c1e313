"""From words to scans: features of words as features of TRs, with delays, on the Gram matrix where that is smaller."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from brainlake.encoding.arrays import FloatArray, IntArray, Labels
from brainlake.encoding.kernel import centred, centred_gram
from brainlake.encoding.packing import Gram
from brainlake.encoding.resample import average, total, tr_of_words
from brainlake.encoding.timeseries import delayed_kernel

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
    tr_s
        Repetition time (s).
    """

    onsets: FloatArray
    times: FloatArray
    runs: Labels
    kept: IntArray
    tr_s: float

    @cached_property
    def trs(self) -> IntArray:
        """TR of each word, -1 for words outside; on the border of two TRs a word belongs to the earlier."""
        return tr_of_words(self.onsets, self.times, self.tr_s, closed="right")

    @property
    def word_rate(self) -> FloatArray:
        """Words a second in every TR, shape (n_trs, 1)."""
        return total(np.ones((len(self.trs), 1)), self.trs, len(self.times)) / self.tr_s

    def kernel(self, words: FloatArray | Gram) -> FloatArray:
        """Gram matrix (n, n) of the mean features of the words of each TR, at all delays.

        Features are centred over words, so that a TR without words, or before the first, has those of the mean word.
        """
        m = len(self.times)
        if isinstance(words, Gram):
            return self._delayed(average(average(words.centred, self.trs, m).T, self.trs, m))
        X = average(centred(words), self.trs, m)
        return self._delayed(X @ X.T)

    def kernel_of_trs(self, X: FloatArray) -> FloatArray:
        """Gram matrix (n, n) of features that TRs have themselves, shape (n_trs, d), at all delays."""
        return self._delayed(centred_gram(X))

    def _delayed(self, K: FloatArray) -> FloatArray:
        return delayed_kernel(K, DELAYS, self.runs)[np.ix_(self.kept, self.kept)]
