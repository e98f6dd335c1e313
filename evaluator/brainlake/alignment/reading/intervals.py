"""Intervals of scores of reading measures: over groups of words, and over people."""

import numpy as np

from brainlake.alignment.design.score_row import Interval
from brainlake.encoding.arrays import FloatArray, IntArray
from brainlake.encoding.small_samples import MIN_PEOPLE, MIN_UNITS, Scale, correlation_interval, mean_interval
from brainlake.errors import counted

NO_SCORE = Interval("none: no score, since the predictor or the measure is constant, or of fewer than three words")
PERFECT = Interval("none: the correlation is perfect, and leaves nothing that could vary")
_ON = {"fisher_z": "Fisher's z, ", "plain": ""}


def of_correlation(x: FloatArray, y: FloatArray, units: IntArray, name: str, n_boot: int) -> Interval:
    """Interval of a correlation whose rows come in units."""
    refused = _refused(len(np.unique(units)), name, MIN_UNITS, n_boot)
    if refused is not None:
        return refused
    if _is_perfect(float(np.corrcoef(x, y)[0, 1])):
        return PERFECT
    found = correlation_interval(x, y, units, n_boot=n_boot)
    return Interval(_how("fisher_z", len(np.unique(units)), name), *found)


def of_mean(values: FloatArray, units: IntArray, name: str, n_boot: int, inflation: float = 1.0) -> Interval:
    """Interval of a mean whose values come in units; ``inflation`` as of ``mean_interval``."""
    refused = _refused(len(np.unique(units)), name, MIN_UNITS, n_boot)
    if refused is not None:
        return refused
    found = mean_interval(values, units, inflation=inflation, n_boot=n_boot)
    return Interval(_how("plain", len(np.unique(units)), name), *found)


def over_people(values: FloatArray, scale: Scale, n_boot: int) -> Interval:
    """Interval of a mean over people."""
    refused = _refused(len(values), "people", MIN_PEOPLE, n_boot)
    if refused is not None:
        return refused
    if scale == "fisher_z" and _is_perfect(float(values.mean())):
        return PERFECT
    found = mean_interval(values, scale=scale, least=MIN_PEOPLE, n_boot=n_boot)
    return Interval(_how(scale, len(values), "people"), *found)


def _is_perfect(r: float) -> bool:
    """Whether Fisher's z of a correlation is infinite, but for rounding."""
    return abs(r) > 1 - 1e-12


def _refused(n: int, name: str, least: int, n_boot: int) -> Interval | None:
    if not n_boot:
        return Interval("none: not asked for")
    return Interval(f"none: {too_few(n, name, least)}") if n < least else None


def too_few(n: int, name: str, least: int) -> str:
    """Why there is no interval over so many groups, words, texts or people."""
    return f"{counted(n, 'person' if name == 'people' else name.removesuffix('s'), name)}, fewer than {least}"


def _how(scale: Scale, n: int, name: str) -> str:
    return f"{_ON[scale]}t over {n} {name}"
