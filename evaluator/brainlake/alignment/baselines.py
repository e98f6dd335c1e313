"""Features that need no model, computed from ``stimuli``: what a score has to beat.

A model that explains no more than these explains nothing about language (Hadidi et al., 2025, show it for features of
position alone on Pereira2018 and Blank2014). Free widths are chosen inside the training folds, as layers are.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import polars as pl

from brainlake.alignment.design.features import Features, Layer, known
from brainlake.alignment.design.protocols import Protocol
from brainlake.alignment.design.score_row import BASELINE, Identity
from brainlake.bank.catalogue import Bank
from brainlake.encoding.arrays import FloatArray, Labels
from brainlake.errors import BrainlakeError
from brainlake.recordings.recording import Recording

EMBEDDING_DIMENSION: Final = 100
OASM_WIDTHS: Final = (0.5, 1.0, 2.0, 5.0)
"""Standard deviations of the smoothing of ``oasm``, in items."""


def position(stimuli: pl.DataFrame) -> FloatArray:
    """Place of an item in its document.

    Parameters
    ----------
    stimuli
        n rows of the ``stimuli`` table.

    Returns
    -------
    Shape (n, 3): items before it, that number over the document's length, and the latter squared.
    All are 0 for documents of one item: there the baseline is constant, and its score 0.
    """
    document = ["stimulus_set", "document_id"]
    index = stimuli.select(pl.col("position").rank("ordinal").over(document) - 1).to_series().cast(pl.Float64)
    length = stimuli.select(pl.len().over(document)).to_series()
    share = index / length
    return np.stack([index.to_numpy(), share.to_numpy(), share.to_numpy() ** 2], axis=1)


def length(stimuli: pl.DataFrame) -> FloatArray:
    """Length of an item.

    Returns
    -------
    Shape (n, 2): characters, and words (stretches without white space).
    """
    text = stimuli["text"].str.strip_chars()
    return np.stack([text.str.len_chars().to_numpy(), text.str.count_matches(r"\S+").to_numpy()], axis=1).astype(float)


def word_rate(recording: Recording) -> FloatArray:
    """Words a second: of each TR those that begin in it, of an item its words over its duration.

    Returns
    -------
    Shape (n, 1); for TRs a row each, those without responses included.

    Raises
    ------
    BrainlakeError
        If items have no onsets and offsets.
    """
    if recording.volumes is not None:
        return recording.volumes.word_rate
    duration = (recording.stimuli["offset_s"] - recording.stimuli["onset_s"]).to_numpy()
    if not (np.nan_to_num(duration) > 0).all():
        raise BrainlakeError(f"{recording.benchmark}: the word rate is unknown, its items have no onset_s and offset_s")
    return np.asarray(length(recording.stimuli)[:, 1:] / duration[:, None])


def oasm(stimuli: pl.DataFrame, width: float) -> FloatArray:
    """Orthogonal features that are alike for neighbours in a document, and for nothing else.

    Row i has exp(-(i - j)^2 / (2 width^2)) at every item j of its own document and 0 elsewhere: the identity matrix
    smoothed by a Gaussian inside documents ("orthogonal autocorrelated sequences", Hadidi et al., 2025, and Feghhi et
    al., 2024). Items of other documents share no feature with it, so it can predict under shuffled folds alone.

    Parameters
    ----------
    stimuli
        n rows of the ``stimuli`` table.
    width
        Standard deviation, in items.

    Returns
    -------
    Shape (n, n).
    """
    _, document = np.unique(_joined(stimuli, "stimulus_set", "document_id"), return_inverse=True)
    index = np.arange(len(stimuli))
    near = np.exp(-0.5 * np.square((index[:, None] - index) / width))
    return np.where(document[:, None] == document, near, 0.0)


def random_embedding(stimuli: pl.DataFrame) -> FloatArray:
    """Mean over words of a random vector each, the same for every occurrence of a word.

    The idea of ``randomembedding-100`` in Brain-Score Language: what word identity alone gives, without meaning. A word
    (lower case, without punctuation around it) seeds a generator with its sha256, so that the vectors, standard normal
    in 100 dimensions, are the same everywhere.

    Returns
    -------
    Shape (n, 100); 0 for an item without a word.
    """
    words = [[re.sub(r"^\W+|\W+$", "", w.lower()) for w in text.split()] for text in stimuli["text"]]
    vectors = {w: _random_vector(w) for w in {w for item in words for w in item}}
    none = [np.zeros(EMBEDDING_DIMENSION)]
    return np.stack([np.mean([vectors[w] for w in item] or none, axis=0) for item in words])


def log_frequency(bank: Bank, stimuli: pl.DataFrame) -> FloatArray:
    """``log_frequency`` of every item, from ``stimulus_features``.

    Returns
    -------
    Shape (n, 1).

    Raises
    ------
    BrainlakeError
        If the bank does not have it for every item.
    """
    found = _frequencies(bank, stimuli)
    if found.null_count():
        raise BrainlakeError(f"the bank has no log_frequency of {found.null_count()} of {len(found)} items")
    return found.to_numpy()[:, None].astype(float)


@dataclass(frozen=True)
class Baseline:
    """A model-free feature set.

    Attributes
    ----------
    compute
        The features, from bank, recording and width.
    needs
        Whether bank and recording have what it is computed from.
    widths
        Tried like layers.
    of_rows
        Whether the features are those of TRs, not of the words in them.
    """

    compute: Callable[[Bank, Recording, float], FloatArray]
    needs: Callable[[Bank, Recording], bool] = lambda _bank, _recording: True
    widths: tuple[float, ...] = (1.0,)
    of_rows: bool = False


def _timed(_: Bank, recording: Recording) -> bool:
    return recording.volumes is not None or not recording.stimuli["offset_s"].null_count()


def _counted(bank: Bank, recording: Recording) -> bool:
    return not _frequencies(bank, recording.stimuli).null_count()


BASELINES: Final[dict[str, Baseline]] = {
    "position": Baseline(lambda _bank, r, _width: position(r.stimuli)),
    "length": Baseline(lambda _bank, r, _width: length(r.stimuli)),
    "word_rate": Baseline(lambda _bank, r, _width: word_rate(r), needs=_timed, of_rows=True),
    "oasm": Baseline(lambda _bank, r, width: oasm(r.stimuli, width), widths=OASM_WIDTHS),
    "random_embedding": Baseline(lambda _bank, r, _width: random_embedding(r.stimuli)),
    "log_frequency": Baseline(lambda bank, r, _width: log_frequency(bank, r.stimuli), needs=_counted),
}
"""Baselines by name; which of them are scored when none is named stands in the protocol."""


def baseline_features(
    bank: Bank, recording: Recording, names: Sequence[str] | None, protocol: Protocol
) -> Iterator[Features]:
    """Baselines as models whose layers have no number.

    Parameters
    ----------
    names
        Which; by default those of the protocol that the benchmark has what is needed for, without those of TRs where
        the protocol takes features of words.

    Raises
    ------
    UnknownNameError
        If there is no such baseline.
    BrainlakeError
        If one is asked for by name and the bank has not what it needs.
    """
    known("baseline", names, list(BASELINES))
    of_words = protocol.method == "ols" and recording.volumes is not None
    if names is None:
        names = [n for n in protocol.baselines if BASELINES[n].needs(bank, recording)]
        names = [n for n in names if not (of_words and BASELINES[n].of_rows)]
    for name in dict.fromkeys(names):
        baseline = BASELINES[name]
        yield Features(
            Identity(f"{BASELINE}{name}"),
            tuple(range(len(baseline.widths))),
            partial(_layer, baseline, bank, recording),
            numbered=False,
        )


def _layer(baseline: Baseline, bank: Bank, recording: Recording, k: int) -> Layer:
    return Layer(baseline.compute(bank, recording, baseline.widths[k]), baseline.of_rows)


def _frequencies(bank: Bank, stimuli: pl.DataFrame) -> pl.Series:
    key = ["stimulus_set", "stimulus_id"]
    table = bank.table("stimulus_features").filter(pl.col("name") == "log_frequency")
    table = table.unique(key, keep="first", maintain_order=True)
    return stimuli.select(key).join(table, on=key, how="left", maintain_order="left")["value"]


def _random_vector(word: str) -> FloatArray:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
    return np.random.default_rng(seed).standard_normal(EMBEDDING_DIMENSION)


def _joined(stimuli: pl.DataFrame, *columns: str) -> Labels:
    return stimuli.select(pl.concat_str(columns, separator="\0")).to_series().to_numpy().astype(np.str_)
