"""What people did at every word: one measure on one stimulus set, of people or as means over them."""

from collections.abc import Iterator, Sequence
from typing import Final, Literal

import numpy as np
import polars as pl

from brainlake.alignment.design.features import known
from brainlake.alignment.reading.reading import KEY, SKIP_RATE, Reading
from brainlake.bank.catalogue import Bank
from brainlake.errors import BrainlakeError, UnknownNameError

Words = Literal["scored", "all"]
SKIPPED: Final = "skipped"
"""Why a word is not scored (``why_not_scored``) that a reader did not fixate."""


def readings(
    bank: Bank,
    benchmark: str,
    measures: Sequence[str] | None = None,
    words: Words = "scored",
    pooled: bool = False,
    stimuli: Sequence[str] | None = None,
) -> list[Reading]:
    """Everything that was measured, a measure and stimulus set at a time.

    Parameters
    ----------
    measures
        Which; by default all. Where people skipped words, ``skip_rate(<measure>)`` is a measure too: of every person
        and word 1 if it was skipped and 0 if not. A skipped word has no value under the measure itself.
    words
        ``scored``: the words that the benchmark scores; ``all``: every word that has a value.
    pooled
        Whether all stimulus sets count as one.
    stimuli
        Stimulus sets; by default all.

    Raises
    ------
    UnknownNameError
        If there is no such benchmark, measure, choice of words, or stimulus set of a measure.
    BrainlakeError
        If a measure holds rows of people and rows of means, a word twice, several units, or words that are not in the
        stimuli.
    """
    if words not in ("scored", "all"):
        raise UnknownNameError("choice of words", words, ("scored", "all"))
    if benchmark not in bank.names("reading_times"):
        raise UnknownNameError("reading-time benchmark", benchmark, bank.names("reading_times"))
    table = bank.table("reading_times", benchmark=benchmark)
    if words == "scored":
        # A skipped word is not scored for want of a time, but it counts in the skip rate.
        table = table.filter(pl.col("scored") | (pl.col("skipped") & (pl.col("why_not_scored") == SKIPPED)))
    if table.is_empty():
        raise BrainlakeError(f"{benchmark}: no word of it is scored; `--words all` scores every word that has a value")
    table = pl.concat([table, *_skip_rates(table)])
    there = table["measure"].unique(maintain_order=True).to_list()
    known("measure", measures, there)
    found = []
    for measure in there if measures is None else dict.fromkeys(measures):
        rows = table.filter(pl.col("measure") == measure)
        _check(rows, benchmark, measure)
        # A set on which nothing has a value says nothing of the others.
        valued = rows.drop_nulls("value")
        sets = (rows if valued.is_empty() else valued)["stimulus_set"].unique(maintain_order=True).to_list()
        known("stimulus set", stimuli, sets)
        asked = [name for name in sets if stimuli is None or name in stimuli]
        for chosen in [asked] if pooled else [[name] for name in asked]:
            found.append(_reading(bank, rows, chosen, whole=chosen == sets))
    return found


def _skip_rates(table: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Rows of the skip rates that people's skips make."""
    for (measure,), rows in table.filter(pl.col("subject").is_not_null()).group_by("measure", maintain_order=True):
        if rows["skipped"].any():
            skipped = pl.col("skipped").fill_null(False)
            yield rows.filter(skipped | pl.col("value").is_not_null()).with_columns(
                measure=pl.lit(f"{SKIP_RATE}{measure})"),
                unit=pl.lit("probability"),
                value=skipped.cast(pl.Float64),
                skipped=pl.lit(False),
            )


def _check(rows: pl.DataFrame, benchmark: str, measure: str) -> None:
    of_means = rows["subject"].null_count()
    if 0 < of_means < len(rows):
        raise BrainlakeError(
            f"{benchmark}, {measure}: of {len(rows)} rows, {of_means} without a subject (means), others with; "
            f"a measure holds either: give the means a measure of their own"
        )
    key = pl.struct("subject", *KEY)
    if rows.select(key.is_duplicated().any()).item():
        twice = rows.filter(key.is_duplicated()).row(0, named=True)
        raise BrainlakeError(f"{benchmark}, {measure}: {twice['stimulus_id']} is given twice; build it again")
    if rows["unit"].n_unique() > 1:
        units = ", ".join(sorted(str(unit) for unit in rows["unit"].unique()))
        raise BrainlakeError(f"{benchmark}, {measure}: values in several units ({units}); build it again in one")


def _reading(bank: Bank, rows: pl.DataFrame, sets: list[str], whole: bool) -> Reading:
    benchmark, measure = rows.select("benchmark", "measure").row(0)
    stimuli = pl.concat([bank.stimuli(name) for name in sets]).with_row_index("word")
    rows = rows.filter(pl.col("stimulus_set").is_in(sets)).drop_nulls("value")
    if rows.is_empty():
        raise BrainlakeError(
            f"{benchmark}, {measure}: no word of {', '.join(sets)} has a value; name other measures (--measure)"
        )
    joined = rows.join(stimuli.select("word", *KEY), on=KEY, how="left").sort("word", maintain_order=True)
    if joined["word"].null_count():
        lost = joined.filter(pl.col("word").is_null()).row(0, named=True)
        raise BrainlakeError(
            f"{benchmark}: reading times of words that are not in its stimuli ({lost['stimulus_id']}); build it again"
        )
    return Reading(
        benchmark=benchmark,
        measure=measure,
        unit=rows["unit"][0],
        stimulus_set=sets[0] if len(sets) == 1 else None,
        stimuli=stimuli,
        word=joined["word"].to_numpy().astype(np.intp),
        value=joined["value"].to_numpy().astype(np.float64),
        subject=None if joined["subject"].null_count() else joined["subject"].to_numpy().astype(np.str_),
        whole=whole,
    )
