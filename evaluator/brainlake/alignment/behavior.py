"""Behavioral alignment: how well word surprisal predicts reading times, and what it adds to what is known of words."""

from collections.abc import Sequence

import polars as pl
import pyarrow as pa

from brainlake.alignment.design.ceilings import ceilings_of
from brainlake.alignment.design.replicates import check_replicates
from brainlake.alignment.design.score_row import ScoreRow
from brainlake.alignment.reading.correlation import correlation_rows
from brainlake.alignment.reading.covariates import described, log_frequency
from brainlake.alignment.reading.gains import Regressors, regressors
from brainlake.alignment.reading.measures import Words, readings
from brainlake.alignment.reading.predictors import WordModel, no_model, word_models
from brainlake.alignment.reading.protocols import ReadingProtocol, reading_protocol
from brainlake.alignment.reading.reading import Reading
from brainlake.alignment.reading.regression import regression_rows
from brainlake.alignment.reading.shapes import N_BINS, Own, deciles
from brainlake.alignment.score_table import score_table
from brainlake.bank import arguments
from brainlake.bank.catalogue import AnyBank, as_bank
from brainlake.contract.schema import SHAPES
from brainlake.encoding.shape import Bin
from brainlake.errors import BrainlakeError, UnknownNameError
from brainlake.version import __version__

DEFAULT_PROTOCOLS = ("pearson", "delta_llh")
BREAKDOWNS = ("subject", "text")


def behavioral_alignment(
    bank: AnyBank,
    benchmark: str,
    *,
    models: str | Sequence[str] | None = None,
    recipes: str | Sequence[str] | None = None,
    protocol: str | Sequence[str] = DEFAULT_PROTOCOLS,
    measures: str | Sequence[str] | None = None,
    words: Words = "scored",
    by: str | Sequence[str] = (),
    pooled: bool = False,
    frequency: str | None = None,
    n_boot: int = 1000,
) -> pl.DataFrame:
    """Score word surprisal against reading measures.

    Parameters
    ----------
    bank
        Bank with the benchmark's reading times and the models' surprisal; open, or where it lies.
    benchmark
        Name of the benchmark.
    models, recipes
        What to score; by default every model and recipe with surprisal of the benchmark's words.
    protocol
        One or several of

        ``pearson``
            Correlation, normalised by the square root of the reading times' reliability, which bounds r.
        ``delta_llh``
            What surprisal adds in held-out log-likelihood (nats a word): a linear regression of covariates and
            surprisal less one of covariates alone, one text left out at a time, the error variance from the training
            rows.
            Covariates are length (characters, punctuation counted), log frequency, their product and punctuation,
            each, as surprisal, of the word, one word ahead and two behind; position and its square. Words that miss
            any of it for any model are left out for all. ``delta_llh+subwords=true`` adds the number of sub-words of
            the model's tokenizer to the covariates; ``+ahead=false`` leaves the word ahead out;
            ``+predictor=entropy`` or ``both`` scores entropy.
        ``mixed``
            The same increment by a linear mixed model (REML) with intercepts of people and words and, with surprisal,
            a slope a person, in nats a value, marginal over people and words; with the same options.
        ``aw2024``
            \\|r\\| of plain means, divided by the reliability itself, as Brain-Score and Aw et al. (2023) do.
    measures
        Which measures; by default all, rows for each.
    words
        ``scored``: the words that the benchmark scores; ``all``: every word. Words without a surprisal, or
        without a value, are left out of either, and ``n_stimuli`` says how many are left.
    by
        ``subject`` for rows of every person beside the mean over people; ``text`` for what surprisal adds on every
        left-out text (kind ``left_out``), of every person where rows are of people.
    pooled
        Score several stimulus sets as one; by default each has rows of its own.
    frequency
        Source of ``log_frequency`` in ``stimulus_features``, where there are several.
    n_boot
        Bootstrap replicates behind each interval, at least 40; 0 for no intervals.

    Returns
    -------
    Columns of ``scores``. A headline a measure, stimulus set, model and recipe; of correlations also those of the
    floors: ``baseline:word_length`` (characters) and, for every model whose tokens were counted,
    ``baseline:n_tokens`` (the sub-words of its tokenizer), which an untrained model reaches as well.
    Where rows are of people, the headline is the mean over people of each one's score with its interval over people,
    and beside it stands the correlation with means over people from which each one's own mean is taken out (kind
    ``centred``). Kind ``curvature``: what a quadratic and a spline of the word's surprisal add to the straight line.
    A score that cannot be had is null, with the reason in ``ci_method``.

    Raises
    ------
    UnknownNameError
        If the bank has no such benchmark, measure, model, recipe, protocol or source of frequencies.
    BrainlakeError
        If surprisal was computed from other stimuli than the bank's, a measure mixes rows of people and means, or no
        model has surprisal.

    Notes
    -----
    Intervals are over groups of words (stories), words where there are none, or people: a bootstrap standard error
    with the factor sqrt(G / (G - 1)) and Student's t, for correlations on the scale of Fisher's z. Under six groups,
    or five people, there are none. Correlation with means is Futrell2018-pearsonr of Brain-Score Language.
    """
    n_boot, pooled = check_replicates(n_boot), arguments.flag("pooled", pooled)
    beside = _breakdowns(by)
    asked_of = arguments.some_names("protocol", protocol) or DEFAULT_PROTOCOLS
    protocols = list(dict.fromkeys(map(reading_protocol, asked_of)))
    chosen = arguments.names("models", models), arguments.some_names("recipes", recipes)
    benchmark, of_measures, frequency = _about(benchmark, measures, words, frequency)
    bank = as_bank(bank)
    found_measures = readings(bank, benchmark, of_measures, words, pooled)
    ceilings = ceilings_of(bank, benchmark)
    rows: list[ScoreRow] = []
    for reading in found_measures:
        found = word_models(bank, reading, *chosen, beside=found_measures)
        if frequency is not None:  # also where no protocol takes it: a misspelt name is said
            log_frequency(bank, reading, frequency)
        for asked in protocols:
            if asked.method == "correlation":
                rows += correlation_rows(reading, found, asked, ceilings, "subject" in beside, n_boot)
            else:
                source = log_frequency(bank, reading, frequency)
                rows += regression_rows(reading, found, asked, source, beside, n_boot)
    if not rows:
        raise no_model(benchmark, found_measures)
    return score_table(rows)


def surprisal_shapes(
    bank: AnyBank,
    benchmark: str,
    *,
    models: str | Sequence[str] | None = None,
    recipes: str | Sequence[str] | None = None,
    protocol: str = "delta_llh",
    measures: str | Sequence[str] | None = None,
    words: Words = "scored",
    frequency: str | None = None,
    n_boot: int = 1000,
) -> pl.DataFrame:
    """Say how a reading measure rises with surprisal: its partial residual in deciles of surprisal.

    Parameters
    ----------
    bank, benchmark, models, recipes, measures, words, frequency, n_boot
        As :func:`behavioral_alignment`.
    protocol
        A variant of ``delta_llh``: which covariates are held constant.

    Returns
    -------
    Columns of ``shapes``: ten rows a measure, stimulus set and model. ``value`` is the mean, over the words of the
    decile, of a spline of surprisal fitted to the other texts plus the residual, in the unit of the measure; means
    over people with each one's own mean taken out, where rows are of people. Intervals are over texts.

    Raises
    ------
    UnknownNameError, BrainlakeError
        As :func:`behavioral_alignment`; and where there are no frequencies, or nothing can be fitted.
    """
    n_boot = check_replicates(n_boot)
    benchmark, of_measures, frequency = _about(benchmark, measures, words, frequency)
    chosen = arguments.some_names("models", models), arguments.some_names("recipes", recipes)
    asked = reading_protocol(protocol)
    if asked.method != "regression":
        raise BrainlakeError(f"a shape is what a regression shows: protocol {protocol} has none, delta_llh has")
    bank, rows = as_bank(bank), []
    found_measures = readings(bank, benchmark, of_measures, words)
    for reading in found_measures:
        found = word_models(bank, reading, *chosen, beside=found_measures)
        source = log_frequency(bank, reading, frequency)
        if isinstance(source, str):
            raise BrainlakeError(source)
        lined_up = regressors(reading, found, source, asked)
        about = {"benchmark": benchmark, "measure": reading.measure, "stimulus_set": reading.stimulus_set}
        about |= {"protocol": asked.name, "controls": described(asked, source), "engine_version": __version__}
        for model, own in zip(found, lined_up.own, strict=True):
            who = about | {"model": model.identity.model, "recipe": model.identity.recipe, "n_bins": N_BINS}
            rows += [
                who
                | {
                    "bin": k,
                    "predictor_low": one.low,
                    "predictor_high": one.high,
                    "predictor_mean": one.mean,
                    "value": one.value,
                    "ci_low": one.ci_low,
                    "ci_high": one.ci_high,
                    "n_stimuli": one.n,
                }
                for k, one in enumerate(_deciles(model, reading, lined_up, own, asked, n_boot))
            ]
    return pl.DataFrame(pa.Table.from_pylist(rows, schema=SHAPES)).with_columns(pl.col("^ci_.*$").fill_nan(None))


def _deciles(
    model: WordModel, reading: Reading, lined_up: Regressors, own: Own, protocol: ReadingProtocol, n_boot: int
) -> list[Bin]:
    try:
        return deciles(reading.means(), lined_up, own, protocol, n_boot)
    except BrainlakeError as error:
        raise BrainlakeError(f"{reading.benchmark}, {reading.measure}, {model.identity.model}: {error}") from None


def _about(
    benchmark: object, measures: object, words: object, frequency: object
) -> tuple[str, tuple[str, ...] | None, str | None]:
    """A benchmark, measures and a source of frequencies that may be there."""
    arguments.one_name("words", words)
    source = None if frequency is None else arguments.one_name("frequency", frequency)
    return arguments.one_name("benchmark", benchmark), arguments.some_names("measures", measures), source


def _breakdowns(by: str | Sequence[str]) -> tuple[str, ...]:
    found = arguments.names("by", by) or ()
    for name in found:
        if name not in BREAKDOWNS:
            raise UnknownNameError("breakdown", name, BREAKDOWNS)
    return found
