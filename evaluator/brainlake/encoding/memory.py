"""How long a series remembers itself, and so how many independent pieces it is worth."""

import numpy as np

from brainlake.encoding.arrays import FloatArray, Labels


def memory(Y: FloatArray, runs: Labels) -> float:
    """Return the rows that are worth one independent row, for a product of two series that remember alike.

    It is 1 + 2 times the sum of squared autocorrelations, averaged over targets, up to the first that is not positive
    (Bartlett 1935; the squares are those of a correlation between two series).

    Parameters
    ----------
    Y : array [n, v]
        Of mean 0 in every run; NaN where missing.
    runs : array of n labels
        Rows of different runs are no neighbours.
    """
    there = ~np.isnan(Y)
    Y = np.where(there, Y, 0.0)
    power = np.square(Y).sum(0) / np.maximum(there.sum(0), 1)
    Y = Y / np.sqrt(np.where(power > 0, power, np.inf))
    total = 1.0
    for lag in range(1, len(Y) // 2):
        same = (runs[lag:] == runs[:-lag])[:, None]
        pairs = (there[lag:] & there[:-lag] & same).sum()
        r = (Y[lag:] * Y[:-lag] * same).sum() / max(pairs, 1)
        if r <= 0:
            break
        total += 2 * r * r
    return float(total)
