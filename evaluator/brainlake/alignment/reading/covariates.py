"""What a regression of reading measures holds constant: length, frequency, punctuation, position, and their spillover.

The covariates of the field (Smith and Levy, 2013; Wilcox et al., 2020; Oh and Schuler, 2023): the time spent on a word
depends on its length and frequency and on those of its neighbours, whatever it means.
"""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from brainlake.alignment.reading.predictors import WordModel
from brainlake.alignment.reading.protocols import ReadingProtocol
from brainlake.alignment.reading.reading import KEY, Reading
from brainlake.bank.catalogue import Bank
from brainlake.encoding.arrays import FloatArray, IntArray
from brainlake.errors import BrainlakeError, UnknownNameError

LOG_FREQUENCY: Final = "log_frequency"
BEHIND: Final = 2
"""Words before the word whose properties count."""
_WORD_INSIDE: Final = re.compile(r"^\W+|\W+$")


@dataclass(frozen=True)
class Frequency:
    """Log frequency of every word of ``Reading.stimuli``, shape (n,), NaN where there is none, and where it is from."""

    value: FloatArray
    source: str


def log_frequency(bank: Bank, reading: Reading, source: str | None = None) -> Frequency | str:
    """Log frequency of every word, or a sentence on why there is none.

    Raises
    ------
    UnknownNameError
        If a source is named that is not there.
    BrainlakeError
        If several sources are there and none is named.
    """
    found = bank.table("stimulus_features").filter(
        pl.col("name") == LOG_FREQUENCY,
        pl.col("stimulus_set").is_in(reading.sets),
    )
    sources = sorted(found["source"].unique())
    if source is not None and source not in sources:
        raise UnknownNameError("source of log_frequency", source, sources)
    if source is None and len(sources) > 1:
        raise BrainlakeError(
            f"{reading.benchmark}: log_frequency comes from several sources ({', '.join(sources)}): "
            f"name one (--frequency)"
        )
    if not sources:
        return (
            f"the bank has no log_frequency of the words of {reading.benchmark}; "
            f"`brainlake-build features frequency` writes it"
        )
    chosen = source or sources[0]
    values = reading.stimuli.select(KEY).join(
        found.filter(pl.col("source") == chosen), on=KEY, how="left", maintain_order="left"
    )
    return Frequency(values["value"].fill_null(float("nan")).to_numpy(), chosen)


def window(values: FloatArray, documents: IntArray, ahead: bool) -> FloatArray:
    """Values [n] of the word ahead (if asked for), the word, and the two before it, as columns.

    NaN where the document has no such word.
    """
    columns = []
    for lag in range(-1 if ahead else 0, BEHIND + 1):
        moved = np.roll(values, lag)
        moved[np.roll(documents, lag) != documents] = np.nan
        # Rolling wraps around: the same document at both ends of the table is no neighbourhood.
        edge = slice(len(values) + lag, None) if lag < 0 else slice(0, lag)
        moved[edge] = np.nan
        columns.append(moved)
    return np.stack(columns, axis=1)


def covariates(reading: Reading, frequency: Frequency, protocol: ReadingProtocol) -> FloatArray:
    """Covariates of every word of ``reading.stimuli``, the number of sub-words apart.

    Returns
    -------
    Shape (n, p): length in characters with punctuation, log frequency, their product, and punctuation (1 where a mark
    stands at either end of the word), each with its window; place of the word in its document, and that squared.
    """
    text = reading.stimuli["text"].str.strip_chars()
    length = text.str.len_chars().to_numpy().astype(np.float64)
    marked = np.array([float(_WORD_INSIDE.search(word) is not None) for word in text])
    index = reading.stimuli.select(pl.int_range(pl.len()).over("stimulus_set", "document_id")).to_series().to_numpy()
    position = index.astype(np.float64)
    lexical = (length, frequency.value, length * frequency.value, marked)
    columns = [window(values, reading.documents, protocol.ahead) for values in lexical]
    return np.column_stack([*columns, position, position**2])


def predictors(reading: Reading, model: WordModel, protocol: ReadingProtocol) -> tuple[FloatArray, FloatArray]:
    """What of a model is a covariate, and what is added beyond the covariates; each with its window.

    Returns
    -------
    Shapes (n, 0) or (n, w), and (n, w) or (n, 2 w), with w words in a window. The first column of the latter that is
    of the word itself is number 1 where there is a word ahead, and 0 where not.
    """
    documents = reading.documents
    wanted = {"surprisal": [model.surprisal], "entropy": [model.entropy], "both": [model.surprisal, model.entropy]}
    added = [window(values, documents, protocol.ahead) for values in wanted[protocol.predictor]]
    held = window(model.n_tokens, documents, protocol.ahead) if protocol.subwords else np.empty((len(documents), 0))
    return held, np.column_stack(added)


def described(protocol: ReadingProtocol, frequency: Frequency) -> str:
    """The covariates in words, and where frequencies come from."""
    span = f"{'one word ahead, ' if protocol.ahead else ''}{BEHIND} behind"
    subwords = ", sub-words" if protocol.subwords else ""
    return (
        f"length, log frequency ({frequency.source}), their product, punctuation{subwords}, each with {span}; "
        f"position and its square"
    )
