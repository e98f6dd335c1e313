"""Which models differ in what they say of a reading measure: paired differences over stories, or over people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import polars as pl

from brainlake.alignment.design.features import known
from brainlake.alignment.design.pair_table import pair_table, ranked_pairs
from brainlake.alignment.design.score_row import BASELINE, Identity
from brainlake.alignment.reading.correlation import Predictor, predictors_of
from brainlake.alignment.reading.covariates import log_frequency
from brainlake.alignment.reading.gains import gains, gains_of_people, mixed_gains, regressors
from brainlake.alignment.reading.intervals import too_few
from brainlake.alignment.reading.measures import readings
from brainlake.alignment.reading.predictors import WordModel, word_models
from brainlake.alignment.reading.protocols import ReadingProtocol, reading_protocol
from brainlake.alignment.reading.reading import Reading
from brainlake.bank.catalogue import Bank
from brainlake.encoding.arrays import FloatArray, IntArray
from brainlake.encoding.correlation import pearson
from brainlake.encoding.paired import Differences
from brainlake.encoding.small_samples import MIN_PEOPLE, MIN_UNITS
from brainlake.encoding.unit_differences import correlation_differences, mean_differences
from brainlake.errors import BrainlakeError, counted

_Found = TypeVar("_Found")


@dataclass(frozen=True, eq=False)
class Contest:
    """Who is compared, on what.

    Attributes
    ----------
    identities
        The M contenders.
    values
        Gains a word, or scores a person, or predictors, shape (n, M).
    of
        What predictors are correlated with, shape (n,); None where the score is the mean of ``values``.
    units, name
        What is drawn whole, a label a row, and what to call it.
    n_stimuli
        Words that were scored.
    """

    identities: list[Identity]
    values: FloatArray
    of: FloatArray | None
    units: IntArray
    name: str
    n_stimuli: int

    @property
    def scores(self) -> FloatArray:
        """Headline score of every contender on these words, shape (M,)."""
        if self.of is None:
            return np.asarray(self.values.mean(0))
        return pearson(self.values, np.repeat(self.of[:, None], self.values.shape[1], axis=1))


def comparing_reading_protocol(text: str, baselines: Sequence[str] | None) -> ReadingProtocol:
    """Read a protocol that compares, with these baselines.

    Raises
    ------
    BrainlakeError
        If it is none, has no comparisons, or has no baselines and is given some.
    """
    asked = reading_protocol(text)
    if asked.brain_score:
        raise BrainlakeError(f"protocol {asked.name} has no comparisons: it scores |r|; use protocol pearson")
    if asked.method != "correlation" and baselines:
        raise BrainlakeError(
            f"protocol {asked.name} has no baselines: what it scores is beyond them; leave them out, "
            f"or use protocol pearson"
        )
    return asked


def compare_reading(
    bank: Bank,
    benchmark: str,
    models: Sequence[str] | None,
    recipes: Sequence[str] | None,
    *,
    protocol: str,
    measures: Sequence[str] | None,
    stimuli: Sequence[str] | None,
    baselines: Sequence[str] | None,
    frequency: str | None,
    n_boot: int,
) -> pl.DataFrame:
    """Compare every two models of each measure: see :func:`brainlake.compare`."""
    asked = comparing_reading_protocol(protocol, baselines)
    tables = []
    for reading in readings(bank, benchmark, measures, pooled=True, stimuli=stimuli):
        if frequency is not None:  # also where the protocol takes none: a misspelt name is said
            log_frequency(bank, reading, frequency)
        if stimuli is None and reading.stimulus_set is None:
            sets = ", ".join(reading.sets)
            raise BrainlakeError(
                f"{benchmark}, {reading.measure}: measured on several stimulus sets ({sets}); name one (--stimuli), "
                f"or all to be compared on all as one"
            )
        found = word_models(bank, reading, models, recipes)
        contest = (
            _of_correlations(reading, found, baselines)
            if asked.method == "correlation"
            else _of_gains(bank, reading, found, asked, frequency)
        )
        tables.append(_table(contest, reading, asked, n_boot))
    return pl.concat(tables)


def _of_correlations(reading: Reading, models: Sequence[WordModel], baselines: Sequence[str] | None) -> Contest:
    floors = {p.identity.model.removeprefix(BASELINE): p for p in predictors_of(reading, models) if _is_floor(p)}
    known("baseline", baselines, list(floors))
    chosen = [p for p in predictors_of(reading, models) if not _is_floor(p)]
    chosen += [p for name, p in floors.items() if baselines is None or name in baselines]
    X = np.column_stack([one.values for one in chosen])
    here = reading.keep(np.isfinite(X[reading.word].sum(1)))
    identities = [one.identity for one in chosen]
    if not len(here.word):
        raise BrainlakeError(f"{reading.benchmark}, {reading.measure}: no word has a value of every model")
    n_stimuli = len(np.unique(here.word))
    if here.subject is None:
        units, name = here.units
        return Contest(identities, X[here.word], here.value, units[here.word], name, n_stimuli)
    people = [here.of(person) for person in here.people]
    r = np.array([pearson(X[p.word], np.repeat(p.value[:, None], X.shape[1], 1)) for p in people if len(p.word) > 2])
    r = r.reshape(-1, X.shape[1])
    # Who always did the same, such as to skip nothing, has no correlation with anything.
    r = r[~np.isnan(r).all(1)]
    return Contest(identities, r, None, np.arange(len(r)), "people", n_stimuli)


def _of_gains(
    bank: Bank, reading: Reading, models: Sequence[WordModel], protocol: ReadingProtocol, source: str | None
) -> Contest:
    frequency = log_frequency(bank, reading, source)
    if isinstance(frequency, str):
        raise BrainlakeError(frequency)
    lined_up = regressors(reading, models, frequency, protocol)
    identities = [model.identity for model in models]
    n_stimuli = len(np.unique(reading.word[lined_up.complete[reading.word]]))
    if protocol.method == "regression" and reading.people:
        people = _all(identities, gains_of_people(reading, lined_up)[0])
        means = np.array([[one.mean for one in own.values()] for own in people]).T
        return Contest(identities, means, None, np.arange(len(means)), "people", n_stimuli)
    every = mixed_gains(reading, lined_up, protocol) if protocol.method == "mixed" else gains(reading, lined_up)
    found = _all(identities, every)
    values = np.column_stack([one.gain for one in found])
    return Contest(identities, values, None, found[0].text, "texts", n_stimuli)


def _all(identities: Sequence[Identity], found: Iterable[_Found | str]) -> list[_Found]:
    """What was found of every model, none of which may lack it."""
    every: list[_Found] = []
    for identity, one in zip(identities, found, strict=True):
        if isinstance(one, str):
            raise BrainlakeError(f"{identity.model} cannot be compared: {one}")
        every.append(one)
    return every


def _is_floor(predictor: Predictor) -> bool:
    return predictor.identity.is_baseline


def _table(contest: Contest, reading: Reading, protocol: ReadingProtocol, n_boot: int) -> pl.DataFrame:
    where = f"{reading.benchmark}, {reading.measure}"
    if len(contest.identities) < 2:
        raise BrainlakeError(f"{where}: there is nothing to compare: name two models, or a model and a baseline")
    undefined = np.isnan(contest.scores)
    if undefined.any() or not len(contest.values):
        names = ", ".join(one.model for one, none in zip(contest.identities, undefined, strict=True) if none)
        raise BrainlakeError(f"{where}: no score of {names or 'anybody'}: its predictor, or the measure, is constant")
    pairs = ranked_pairs(contest.scores)
    n_units, least = len(np.unique(contest.units)), MIN_PEOPLE if contest.name == "people" else MIN_UNITS
    enough = n_units >= least
    if not enough:
        a, b = np.array(pairs, dtype=np.intp).T
        none = np.full(len(pairs), np.nan)
        found = Differences(contest.scores[a] - contest.scores[b], none, none, none, none)
    elif contest.of is None:
        found = mean_differences(contest.values, contest.units, pairs, least=least, n_boot=n_boot)
    else:
        found = correlation_differences(contest.values, contest.of, contest.units, pairs, n_boot=n_boot)
    why = f"none: {too_few(n_units, contest.name, least)}"
    about = {
        "benchmark": reading.benchmark,
        "measure": reading.measure,
        "metric": "pearson" if protocol.method == "correlation" else "delta_llh",
        "protocol": protocol.name,
        "folds": None if protocol.method == "correlation" else "disjoint",
        "ci_method": f"t over {n_units} {contest.name}, drawn together" if enough else why,
        "p_method": f"two-sided t over {n_units} {contest.name}" if enough else why,
        "adjusted_over": f"{counted(len(pairs), 'pair')} of the measure: step-down maxima of {n_boot} shared draws",
        "n_stimuli": contest.n_stimuli,
        "n_units": n_units,
    }
    return pair_table(contest.identities, pairs, found, about)
