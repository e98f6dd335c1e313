"""Behavioral alignment: how well word surprisal predicts reading times."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import polars as pl

from brainlake.alignment.design.ceilings import ceilings_of, matching_ceiling
from brainlake.alignment.design.features import check_stimuli, identity_of, known
from brainlake.alignment.design.replicates import check_replicates
from brainlake.alignment.design.score_row import BASELINE, Identity, Interval, ScoreRow
from brainlake.alignment.score_table import score_table
from brainlake.bank import arguments
from brainlake.bank.catalogue import AnyBank, Bank, as_bank
from brainlake.contract.recipe import recipe_among
from brainlake.contract.sidecar import Sidecar
from brainlake.encoding.correlation import pearson
from brainlake.encoding.statistics import MIN_GROUPS, bootstrap_correlation
from brainlake.errors import BrainlakeError, UnknownNameError

Words = Literal["scored", "all"]


def behavioral_alignment(
    bank: AnyBank,
    benchmark: str,
    *,
    models: str | Sequence[str] | None = None,
    recipes: str | Sequence[str] | None = None,
    protocol: Literal["pearson", "aw2024"] = "pearson",
    words: Words = "scored",
    n_boot: int = 1000,
) -> pl.DataFrame:
    """Correlate word surprisal with mean reading times.

    Parameters
    ----------
    bank
        Bank with the benchmark's reading times and the models' surprisal; open, or where it lies.
    benchmark
        Name of the benchmark.
    models, recipes
        What to score; by default every model and recipe with surprisal of the benchmark's words.
    protocol
        ``pearson`` normalises by the square root of the reading times' reliability, which bounds r;
        ``aw2024`` takes \\|r\\| and divides by the reliability itself, as Brain-Score and Aw et al. (2023) do.
    words
        ``scored``: the words that the benchmark scores; ``all``: every word. Words without a surprisal, or
        without a reading time, are left out of either, and ``n_stimuli`` says how many are left.
    n_boot
        Bootstrap replicates of each interval, at least 40; 0 for none.

    Returns
    -------
    Columns of ``scores``, and ``kind``: a headline a model and recipe, then its floors: ``baseline:word_length``
    (characters) and, for every model whose tokens were counted, ``baseline:n_tokens`` (the sub-words of its tokenizer),
    which an untrained model reaches as well.

    Raises
    ------
    UnknownNameError
        If the bank has no such benchmark, model, recipe or protocol.
    BrainlakeError
        If surprisal was computed from other stimuli than the bank's.

    Notes
    -----
    Futrell2018-pearsonr of Brain-Score Language, on mean reading times. The interval is a bootstrap of whole
    groups (stories), or of words where there are none.
    """
    if protocol not in ("pearson", "aw2024"):
        raise UnknownNameError("behavioral protocol", protocol, ("pearson", "aw2024"))
    if words not in ("scored", "all"):
        raise UnknownNameError("choice of words", words, ("scored", "all"))
    models, recipes = arguments.names("models", models), arguments.names("recipes", recipes)
    benchmark, bank = arguments.one_name("benchmark", benchmark), as_bank(bank)
    check_replicates(arguments.number("n_boot", n_boot))
    times = _reading_times(bank, benchmark, words)
    files = _surprisal_files(bank, times, models, recipes)
    ceilings = ceilings_of(bank, benchmark)
    ceiling = matching_ceiling(ceilings, protocol, None, None, divides_by_reliability=protocol == "aw2024")
    rows = [
        ScoreRow(
            kind="headline",
            benchmark=benchmark,
            identity=identity,
            protocol=protocol,
            metric="pearson",
            score=_score(table, protocol),
            n_stimuli=len(table),
            n_targets=1,
            aggregation="absolute value" if protocol == "aw2024" else None,
            ceiling=ceiling,
            interval=_interval(table, n_boot),
        )
        for identity, table in [*_floors(times), *_predictors(bank, times, files)]
    ]
    return score_table(rows)


def _reading_times(bank: Bank, benchmark: str, words: Words) -> pl.DataFrame:
    """Mean reading time, group and text of every word."""
    if benchmark not in bank.names("reading_times"):
        raise UnknownNameError("reading-time benchmark", benchmark, bank.names("reading_times"))
    times = bank.table("reading_times", benchmark=benchmark)
    if words == "scored":
        times = times.filter("scored")
    if times["subject"].null_count():
        times = times.filter(pl.col("subject").is_null())
    else:
        times = times.group_by("stimulus_set", "stimulus_id").agg(pl.col("value").mean())
    stimuli = pl.concat([bank.stimuli(name) for name in times["stimulus_set"].unique(maintain_order=True)])
    key = ["stimulus_set", "stimulus_id"]
    if len(times.join(stimuli, on=key, how="anti")):
        raise BrainlakeError(f"{benchmark}: reading times of words that are not in its stimuli; build it again")
    joined = stimuli.select(*key, "text", "group_id").join(times.select(*key, "value"), on=key, maintain_order="left")
    return joined.drop_nulls("value")


def _surprisal_files(
    bank: Bank, times: pl.DataFrame, models: Sequence[str] | None, recipes: Sequence[str] | None
) -> list[Sidecar]:
    sets = times["stimulus_set"].unique(maintain_order=True).to_list()
    files = [s for name in sets for s in bank.feature_files("surprisal", name)]
    known("model", models, [s.model for s in files])
    names = [str(s.recipe) for s in files]
    recipes = None if recipes is None else [recipe_among(recipe, names) for recipe in recipes]
    known("recipe", recipes, names)
    return [s for s in files if (models is None or s.model in models) and (recipes is None or s.recipe in recipes)]


def _floors(times: pl.DataFrame) -> Iterator[tuple[Identity, pl.DataFrame]]:
    yield Identity(f"{BASELINE}word_length"), times.with_columns(predictor=pl.col("text").str.len_chars().cast(float))


def _predictors(bank: Bank, times: pl.DataFrame, files: list[Sidecar]) -> Iterator[tuple[Identity, pl.DataFrame]]:
    for file in files:
        check_stimuli(bank, file)
        identity = identity_of(file)
        found = bank.table(
            "surprisal", model=str(file.model), stimulus_set=str(file.stimulus_set), recipe=str(file.recipe)
        )
        table = times.join(found, on=["stimulus_set", "stimulus_id"], how="inner", maintain_order="left")
        table = table.drop_nulls("surprisal")
        yield identity, table.with_columns(predictor="surprisal")
        counted = table.drop_nulls("n_tokens").with_columns(predictor=pl.col("n_tokens").cast(float))
        if len(counted):
            yield replace(identity, model=f"{BASELINE}n_tokens({file.model})"), counted


def _score(table: pl.DataFrame, protocol: str) -> float:
    r = float(pearson(table["predictor"].to_numpy(), table["value"].to_numpy())[0]) if len(table) > 2 else math.nan
    return abs(r) if protocol == "aw2024" else r


def _interval(table: pl.DataFrame, n_boot: int) -> Interval:
    groups = None if table["group_id"].null_count() else table["group_id"].to_numpy()
    units = len(table) if groups is None else len(np.unique(groups))
    if not n_boot or units < MIN_GROUPS:
        return Interval("none: not asked for" if not n_boot else f"none: only {units} to resample")
    x, y = table["predictor"].to_numpy(), table["value"].to_numpy()
    found = bootstrap_correlation(x, y, groups, n_boot=n_boot)
    return Interval(f"bootstrap of {'words' if groups is None else 'groups'}", found.low, found.high)
