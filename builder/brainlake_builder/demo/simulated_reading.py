"""Simulated reading times whose truth is known: surprisal, word length and noise.

Nobody read. Show these times as simulated.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from brainlake.errors import BrainlakeError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ReadingDesign:
    """How simulated readers read. Means over readers, and standard deviations between readers.

    Attributes
    ----------
    n_readers : int
        Readers, each with intercept and slopes of their own.
    intercept_ms, intercept_sd_ms : float
        Time of a word of average surprisal and length.
    surprisal_ms, surprisal_sd_ms : float
        Milliseconds a bit.
    length_ms, length_sd_ms : float
        Milliseconds a character.
    noise_sd_ms : float
        What differs from word to word and reader to reader, independently.
    """

    n_readers: int = 20
    intercept_ms: float = 350.0
    intercept_sd_ms: float = 25.0
    surprisal_ms: float = 1.5
    surprisal_sd_ms: float = 0.3
    length_ms: float = 1.5
    length_sd_ms: float = 0.3
    noise_sd_ms: float = 60.0

    def __post_init__(self) -> None:
        spreads = (self.intercept_sd_ms, self.surprisal_sd_ms, self.length_sd_ms, self.noise_sd_ms)
        if self.n_readers < 2 or min(spreads) < 0:
            raise BrainlakeError("simulated reading needs two readers or more and spreads of 0 ms or more")


@dataclass(frozen=True)
class SimulatedReading:
    """Reading times and the truth behind them.

    Attributes
    ----------
    mean_ms, sd_ms : ndarray [n_words]
        Mean and standard deviation (n − 1) over readers.
    n_readers : int
        Readers behind them.
    expected_r : float
        Expected Pearson correlation of surprisal with `mean_ms`, given these readers.
    expected_r_length : float
        That of word length: the floor that a model must beat.
    max_r : float
        That of the readers' mean without its noise: the ceiling of any predictor.
    """

    mean_ms: Floats
    sd_ms: Floats
    n_readers: int
    expected_r: float
    expected_r_length: float
    max_r: float


def simulate_reading(
    surprisal: ArrayLike, length: ArrayLike, design: ReadingDesign, rng: np.random.Generator
) -> SimulatedReading:
    """Self-paced reading times that depend on surprisal and word length, without memory from word to word.

    Reader j takes for word i, with S the surprisal in bits and L the length in characters, both centred, ::

        rt_ij = a_j + b_j S_i + c_j L_i + σ e_ij,   e ~ N(0, 1)

    with a, b and c normal over readers. The mean over R readers is f + noise of variance σ²/R, where
    f = b̄ S + c̄ L uses the mean slopes of the readers drawn, so that over the noise ::

        expected r(S, mean) = cov(S, f) / √(var S · (var f + σ²/R)),   max_r = √(var f / (var f + σ²/R))

    up to terms of the order of 1/(number of words).

    Parameters
    ----------
    surprisal, length : array [n_words]
        Bits, and characters.
    design : ReadingDesign
        What to simulate.
    rng : numpy.random.Generator
        Source of every draw.

    Raises
    ------
    BrainlakeError
        If the predictors are not two finite vectors of one length that vary, or if a reading time comes out
        at zero or below.
    """
    S, L = (np.asarray(values, dtype=np.float64) for values in (surprisal, length))
    if S.ndim != 1 or S.shape != L.shape or not (np.isfinite(S).all() and np.isfinite(L).all()):
        raise BrainlakeError("surprisal and word length must be finite vectors with one value a word")
    if S.size < 2 or S.std() == 0 or L.std() == 0:
        raise BrainlakeError("surprisal and word length must vary over words to simulate from them")
    S, L = S - S.mean(), L - L.mean()
    R = design.n_readers
    a = rng.normal(design.intercept_ms, design.intercept_sd_ms, R)
    b = rng.normal(design.surprisal_ms, design.surprisal_sd_ms, R)
    c = rng.normal(design.length_ms, design.length_sd_ms, R)
    rt = a[:, None] + np.outer(b, S) + np.outer(c, L) + rng.normal(0, design.noise_sd_ms, (R, S.size))
    if rt.min() <= 0:
        raise BrainlakeError(f"a simulated reading time is {rt.min():.0f} ms: raise the intercept or lower the noise")
    f = b.mean() * S + c.mean() * L
    total = f.var() + design.noise_sd_ms**2 / R
    return SimulatedReading(
        mean_ms=rt.mean(0),
        sd_ms=rt.std(0, ddof=1),
        n_readers=R,
        expected_r=float(np.mean(S * f) / np.sqrt(S.var() * total)),
        expected_r_length=float(np.mean(L * f) / np.sqrt(L.var() * total)),
        max_r=float(np.sqrt(f.var() / total)),
    )
