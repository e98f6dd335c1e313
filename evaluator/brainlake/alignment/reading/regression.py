"""Rows of delta log-likelihood: of means, of people, and of a mixed model of people and words."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from brainlake.alignment.design.score_row import Interval, ScoreRow
from brainlake.alignment.reading import intervals
from brainlake.alignment.reading.covariates import Frequency, described
from brainlake.alignment.reading.gains import (
    Gains,
    Regressors,
    gains,
    gains_of_people,
    mixed_gains,
    regressors,
)
from brainlake.alignment.reading.predictors import WordModel
from brainlake.alignment.reading.protocols import ReadingProtocol
from brainlake.alignment.reading.reading import Reading
from brainlake.alignment.reading.shapes import curvature
from brainlake.encoding.shape import CURVES
from brainlake.encoding.small_samples import CURVE_INFLATION
from brainlake.errors import BrainlakeError

TWO_STAGE = "mean over people of each one's gain, nats a word"
MARGINAL = "mixed model, marginal over people and words, nats a value"


@dataclass(frozen=True, eq=False)
class Table:
    """What is scored together: the same complete words for every model.

    Attributes
    ----------
    reading, models, lined_up
        What was read, who predicts it, and their covariates.
    protocol
        How.
    controls
        The covariates in words.
    by
        Of what there are rows beside: ``subject``, ``text``.
    n_boot
        Bootstrap replicates of each interval; 0 for none.
    """

    reading: Reading
    models: Sequence[WordModel]
    lined_up: Regressors
    protocol: ReadingProtocol
    controls: str
    by: Collection[str]
    n_boot: int


def regression_rows(
    reading: Reading,
    models: Sequence[WordModel],
    protocol: ReadingProtocol,
    frequency: Frequency | str,
    by: Collection[str],
    n_boot: int,
) -> list[ScoreRow]:
    """Rows of every model; without a score, and with the reason, where it cannot be computed, of one model or of all.

    Of people, under ``delta_llh``: the mean of each one's gain, and if asked for, every one's own. Rows of kind
    ``curvature`` say what a quadratic and a spline add to the straight line, those of kind ``left_out``, if asked for,
    what was gained on each text.
    """
    if isinstance(frequency, str):
        return [_without(reading, model, protocol, frequency) for model in models]
    try:
        lined_up = regressors(reading, models, frequency, protocol)
        table = Table(reading, models, lined_up, protocol, described(protocol, frequency), by, n_boot)
        if protocol.method == "mixed":
            return _mixed(table)
        rows = _of_people(table) if reading.people else _of_means(table)
        return [*rows, *_curvature(table)]
    except BrainlakeError as error:
        return [_without(reading, model, protocol, str(error)) for model in models]


def _of_means(table: Table) -> list[ScoreRow]:
    found = gains(table.reading, table.lined_up)
    return [row for model, one in zip(table.models, found, strict=True) for row in _with_texts(table, model, one)]


def _of_people(table: Table) -> list[ScoreRow]:
    """Two stages: a regression a person, then the mean over people."""
    found, n_refused = gains_of_people(table.reading, table.lined_up)
    rows: list[ScoreRow] = []
    for model, fits in zip(table.models, found, strict=True):
        if isinstance(fits, str):
            rows.append(_without(table.reading, model, table.protocol, fits))
            continue
        own = [_row(table, model, one) for one in fits.values()]
        means = np.array([row.score for row in own])
        rows.append(
            replace(
                own[0],
                score=float(means.mean()),
                aggregation=TWO_STAGE + (f"; {n_refused} could not be fitted alone" if n_refused else ""),
                n_stimuli=len(np.unique(np.concatenate([one.word for one in fits.values()]))),
                n_subjects=len(means),
                interval=intervals.over_people(means, "plain", table.n_boot),
            )
        )
        alone = [
            replace(row, subject=person, n_subjects=1)
            for person, one in fits.items()
            for row in _with_texts(table, model, one)
        ]
        rows += [row for row in alone if row.kind == "left_out" or "subject" in table.by]
    return rows


def _mixed(table: Table) -> list[ScoreRow]:
    reading, complete = table.reading, table.lined_up.complete
    found = mixed_gains(reading, table.lined_up, table.protocol)
    rows = [row for model, one in zip(table.models, found, strict=True) for row in _with_texts(table, model, one)]
    people = len(reading.keep(complete[reading.word]).people)
    words = len(np.unique(reading.word[complete[reading.word]]))
    # A row without a score says of nobody and nothing that it was scored.
    scored = [row if row.folds is None else replace(row, aggregation=MARGINAL, n_subjects=people) for row in rows]
    return [replace(row, n_stimuli=words) if row.folds and row.kind == "headline" else row for row in scored]


def _curvature(table: Table) -> Iterator[ScoreRow]:
    """What a curve of the word's own predictor adds to the straight line; of people, in their centred means."""
    means = table.reading.means()
    for model, own in zip(table.models, table.lined_up.own, strict=True):
        try:
            found = curvature(means, table.lined_up, own, table.protocol)
            rows = {name: _row(table, model, one, CURVE_INFLATION) for name, one in found.items()}
        except BrainlakeError as error:
            rows = dict.fromkeys(CURVES, _without(table.reading, model, table.protocol, str(error)))
        for name, row in rows.items():
            yield replace(row, kind="curvature", metric=f"delta_llh_{name}", aggregation="beyond the straight line")


def _with_texts(table: Table, model: WordModel, found: Gains | str) -> Iterator[ScoreRow]:
    """The row of a model, or that there is none and why; if asked for, one of every left-out text."""
    if isinstance(found, str):
        yield _without(table.reading, model, table.protocol, found)
        return
    whole = _row(table, model, found)
    yield whole
    for text in np.unique(found.text) if "text" in table.by else ():
        inside = found.text == text
        stimulus_set, name = table.reading.text_of(found.word[inside][0])
        yield replace(
            whole,
            kind="left_out",
            target_id=name,
            stimulus_set=stimulus_set,
            score=float(found.gain[inside].mean()),
            n_stimuli=len(np.unique(found.word[inside])),
            interval=Interval("none: a single text"),
        )


def _row(table: Table, model: WordModel, found: Gains, inflation: float = 1.0) -> ScoreRow:
    return replace(
        _without(table.reading, model, table.protocol, "there is no score"),
        score=found.mean,
        n_stimuli=len(found.word),
        aggregation="nats a word",
        folds="disjoint",
        kept_whole="groups",
        n_folds=len(np.unique(found.text)),
        controls=table.controls,
        interval=intervals.of_mean(found.gain, found.text, "texts", table.n_boot, inflation),
    )


def _without(reading: Reading, model: WordModel, protocol: ReadingProtocol, reason: str) -> ScoreRow:
    return ScoreRow(
        kind="headline",
        benchmark=reading.benchmark,
        measure=reading.measure,
        stimulus_set=reading.stimulus_set,
        identity=model.identity,
        protocol=protocol.name,
        metric="delta_llh",
        score=float("nan"),
        n_stimuli=0,
        n_targets=1,
        interval=Interval(f"none: {reason}"),
    )
