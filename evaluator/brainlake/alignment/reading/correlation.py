"""Correlation of surprisal with reading measures, beside the floors that need no language model."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from brainlake.alignment.design.ceilings import Ceiling, matching_ceiling
from brainlake.alignment.design.score_row import BASELINE, Identity, ScoreRow
from brainlake.alignment.reading import intervals
from brainlake.alignment.reading.predictors import WordModel
from brainlake.alignment.reading.protocols import ReadingProtocol
from brainlake.alignment.reading.reading import Reading
from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.correlation import pearson

TWO_STAGE = "mean over people of each one's r"
CENTRED = "means over people, each one's own mean taken out"


@dataclass(frozen=True, eq=False)
class Predictor:
    """What is correlated: one value a word of ``Reading.stimuli``, NaN where there is none."""

    identity: Identity
    values: FloatArray


def correlation_rows(
    reading: Reading,
    models: Sequence[WordModel],
    protocol: ReadingProtocol,
    ceilings: pl.DataFrame,
    by_subject: bool,
    n_boot: int,
) -> Iterator[ScoreRow]:
    """Rows of every model, of word length, and of the sub-words of every model that were counted.

    Of people: the mean of each one's r with its interval over people, beside it r of subject-centred means, and if
    asked for, every one's own. Words without a value of the predictor are left out.

    Parameters
    ----------
    ceilings
        Rows of ``ceilings`` of the benchmark.
    """
    ceiling = _ceiling(reading, protocol, ceilings)
    for predictor in predictors_of(reading, models):
        here = reading.keep(~np.isnan(predictor.values[reading.word]))
        if here.subject is None or protocol.brain_score:
            yield _of_means(here.means(centred=False), predictor, protocol, ceiling, n_boot)
            continue
        people = [_of_means(here.of(person), predictor, protocol, None, n_boot) for person in here.people]
        r = np.array([row.score for row in people if not math.isnan(row.score)])
        centred = _of_means(here.means(), predictor, protocol, ceiling, n_boot)
        yield replace(
            centred,
            score=float(r.mean()) if len(r) else math.nan,
            aggregation=TWO_STAGE,
            n_subjects=len(r),
            ceiling=None,
            interval=intervals.over_people(r, "fisher_z", n_boot) if len(r) else intervals.NO_SCORE,
        )
        yield replace(centred, kind="centred", aggregation=CENTRED, n_subjects=len(here.people))
        if by_subject:
            for person, row in zip(here.people, people, strict=True):
                yield replace(row, subject=person, n_subjects=1)


def _ceiling(reading: Reading, protocol: ReadingProtocol, ceilings: pl.DataFrame) -> Ceiling | None:
    """The ceiling of a measure over all of its words; of people it is that of centred means, and not of plain ones."""
    if not reading.whole or (reading.people and protocol.brain_score):
        return None
    # One without a measure belongs to the only one there is, and not to the skip rate that was made from it.
    of_measure = pl.col("measure").eq_missing(pl.lit(reading.measure)) | (
        pl.col("measure").is_null() & pl.lit(not reading.is_skip_rate)
    )
    return matching_ceiling(
        ceilings.filter(of_measure), protocol.name, None, None, divides_by_reliability=protocol.brain_score
    )


def predictors_of(reading: Reading, models: Sequence[WordModel]) -> Iterator[Predictor]:
    """Word length, then the surprisal of every model and its sub-words where they were counted."""
    length = reading.stimuli["text"].str.len_chars().to_numpy().astype(np.float64)
    yield Predictor(Identity(f"{BASELINE}word_length"), length)
    for model in models:
        yield Predictor(model.identity, model.surprisal)
        if model.counted:
            counts = replace(model.identity, model=f"{BASELINE}n_tokens({model.identity.model})")
            yield Predictor(counts, model.n_tokens)


def _of_means(
    reading: Reading, predictor: Predictor, protocol: ReadingProtocol, ceiling: Ceiling | None, n_boot: int
) -> ScoreRow:
    """One correlation of one value a word."""
    x, y = predictor.values[reading.word], reading.value
    r = float(pearson(x, y)[0]) if len(y) > 2 else math.nan
    units, name = reading.units
    interval = intervals.NO_SCORE
    if not math.isnan(r):
        sign = -1.0 if protocol.brain_score and r < 0 else 1.0
        interval = intervals.of_correlation(sign * x, y, units[reading.word], name, n_boot)
    return ScoreRow(
        kind="headline",
        benchmark=reading.benchmark,
        measure=reading.measure,
        stimulus_set=reading.stimulus_set,
        identity=predictor.identity,
        protocol=protocol.name,
        metric="pearson",
        score=abs(r) if protocol.brain_score else r,
        n_stimuli=len(y),
        n_targets=1,
        aggregation="absolute value" if protocol.brain_score else None,
        ceiling=ceiling,
        interval=interval,
    )
