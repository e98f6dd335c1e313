"""The shape of the relation between surprisal and a reading measure: deciles, and whether a straight line is enough."""

from dataclasses import dataclass

import numpy as np

from brainlake.alignment.reading.gains import Gains, Regressors
from brainlake.alignment.reading.protocols import ReadingProtocol
from brainlake.alignment.reading.reading import Reading
from brainlake.encoding.arrays import FloatArray, IntArray
from brainlake.encoding.independent import independent
from brainlake.encoding.shape import Bin, bins, curvature_gains, partial_residuals

N_BINS = 10
Own = tuple[FloatArray, FloatArray]


@dataclass(frozen=True, eq=False)
class _Parts:
    """The predictor of the word itself, all that is held constant beside it, and what is predicted."""

    controls: FloatArray
    x: FloatArray
    y: FloatArray
    text: IntArray
    word: IntArray


def curvature(reading: Reading, lined_up: Regressors, own: Own, protocol: ReadingProtocol) -> dict[str, Gains]:
    """What a quadratic and a spline of the word's own predictor add to a straight line, held out.

    Parameters
    ----------
    reading
        One value a word.
    own
        The model's entry of ``lined_up.own``.

    Raises
    ------
    BrainlakeError
        If the regression cannot be fitted, or the predictor has too few different values.
    """
    parts = _parts(reading, lined_up, own, protocol)
    found = curvature_gains(parts.controls, parts.x, parts.y, parts.text)
    return {name: Gains(gain, parts.text, parts.word) for name, gain in found.items()}


def deciles(reading: Reading, lined_up: Regressors, own: Own, protocol: ReadingProtocol, n_boot: int) -> list[Bin]:
    """Mean partial residual in deciles of the word's own predictor, in the unit of the measure.

    Raises
    ------
    BrainlakeError
        As :func:`curvature`.
    """
    parts = _parts(reading, lined_up, own, protocol)
    partial = partial_residuals(independent(parts.controls), parts.x, parts.y, parts.text)
    return bins(parts.x, partial, parts.text, N_BINS, n_boot)


def _parts(reading: Reading, lined_up: Regressors, own: Own, protocol: ReadingProtocol) -> _Parts:
    here = lined_up.complete[reading.word]
    word = reading.word[here]
    held, added = own
    itself = 1 if protocol.ahead else 0
    controls = np.column_stack([lined_up.shared, held, np.delete(added, itself, axis=1)])[word]
    return _Parts(controls, added[word, itself], reading.value[here], reading.texts[word], word)
