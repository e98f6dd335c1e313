"""Reading times of a user's dataset: checked against their unit, and scored where nothing else is said."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import polars as pl
import pyarrow as pa

from brainlake_builder.humans.folder_table import FolderTable
from brainlake_builder.humans.folder_values import refuse_codes

PLAUSIBLE_MS: Final = (10.0, 60_000.0)
"""Likely reading times."""
PLAUSIBLE_MICROVOLT: Final = (1e-3, 1e3)
"""Likely sizes of an amplitude."""
PLAUSIBLE_SHARE: Final = (1e-3, 20.0)
"""Likely standard deviations over readers, as a share of the mean."""
_MIN_VALUES = 3
NESTED: Final = (("first_fixation", "gaze_duration"), ("gaze_duration", "total_time"), ("first_fixation", "total_time"))
"""Measures of which the first is a part of the second, for one reader at one word."""


def fill_reading_times(table: FolderTable, stimuli: Mapping[str, pa.Table]) -> FolderTable:
    """Check reading times against their unit, and score every word that has one where nothing else is said.

    Parameters
    ----------
    table
        With the names of stimulus sets filled in.
    stimuli
        By set: in which document a word stands.

    Raises
    ------
    BrainlakeError
        For rows of readers and rows of means in one measure, two units in one measure, a time that is not above 0
        or, where no unit is given, implausible; a skipped word with a time.
    """
    stated = "unit" in table.frame.columns
    table = table.fill(unit="ms", skipped=False)
    table.one(["measure"], "unit")
    frame = table.frame
    value, in_time = frame["value"], frame["unit"].is_in(["ms", "s"])
    what = "{cell} is no time above 0: leave a missing time empty, and a skipped word too, with skipped true"
    what += "" if stated else "; if it is no time, give the column unit"
    table.refuse((in_time & (value <= 0)).fill_null(False), "value", what)
    out = (frame["unit"] == "probability") & ~value.is_between(0, 1)
    table.refuse(out.fill_null(False), "value", "a probability is not in [0, 1]")
    refuse_codes(table)
    if stated:
        _refuse_unlikely(table, stimuli)
    else:
        odd = (~value.is_between(*PLAUSIBLE_MS)).fill_null(False)
        first = value.filter(odd)[0] if odd.any() else None
        what = f"{first} is no likely reading time in ms: give the column unit (ms, or s for seconds)"
        table.refuse(odd, "value", what, "times")
    _refuse_constant(table)
    if "sd" in frame.columns:
        _refuse_other_unit(table)
    if {"sd", "n_subjects"} <= set(frame.columns):
        alone = (frame["n_subjects"] == 1) & (frame["sd"] > 0)
        table.refuse(alone.fill_null(False), "sd", "is above 0 for one reader")
    if "subject" in frame.columns:
        _refuse_mixed(table)
        _refuse_longer_part(table)
        for column in ("sd", "n_subjects"):
            if column in frame.columns:
                both = frame["subject"].is_not_null() & (frame[column] > (column == "n_subjects")).fill_null(False)
                table.refuse(both, column, "{cell} is of a mean over readers, but the row is of one reader")
    skipped = frame["skipped"].fill_null(False)
    table.refuse(skipped & value.is_not_null(), "skipped", "is true, but the word has a value")
    return _scored(_in_stored_units(replace(table, frame=frame.with_columns(skipped=skipped))))


def _refuse_unlikely(table: FolderTable, stimuli: Mapping[str, pa.Table]) -> None:
    """Refuse measures whose values are on the whole no likely ones in their unit, of all, a reader or a document."""
    names = ["stimulus_set", "stimulus_id", "document_id"]
    there = [pl.DataFrame(content).select(names) for content in stimuli.values()]
    documents = pl.concat([pl.DataFrame(schema=dict.fromkeys(names, pl.String)), *there]).unique(names[:2])
    frame = table.frame.join(documents, on=names[:2], how="left", maintain_order="left")
    for part in (None, *(name for name in ("subject", "document_id") if name in frame.columns)):
        _refuse_unlikely_part(table, frame, part)


def _refuse_unlikely_part(table: FolderTable, frame: pl.DataFrame, part: str | None) -> None:
    """Refuse those of each value of the column ``part``, if it has some values of the measure."""
    stored = pl.col("value") * pl.when(pl.col("unit") == "s").then(1000.0).otherwise(1.0)
    parts = ["measure", *([part] if part else [])]
    enough = pl.lit(True) if part is None else pl.col(part).is_not_null() & (pl.len().over(parts) >= _MIN_VALUES)
    typical = frame.select(
        time=pl.when(enough).then(stored.median().over(parts)),
        size=pl.when(enough).then(pl.col("value").abs().median().over(parts)),
    )
    in_time, in_volt = table.frame["unit"].is_in(["ms", "s"]), table.frame["unit"] == "microvolt"
    for which, found, likely, unit, of in (
        (in_time, typical["time"], PLAUSIBLE_MS, "ms", "reading time"),
        (in_volt & (typical["size"] > 0), typical["size"], PLAUSIBLE_MICROVOLT, "microvolt", "amplitude"),
    ):
        odd = (which & ~found.is_between(*likely)).fill_null(False)
        if odd.any():
            row = int(odd.arg_true()[0])
            which_part = " of ".join(str(frame[name][row]) for name in parts)
            what = f"{{cell}} makes {found[row]:g} {unit} of the median {which_part}, which is no likely {of}"
            table.refuse(odd, "unit", what, "times")


def _refuse_other_unit(table: FolderTable) -> None:
    """Refuse standard deviations of another size than the times that they are of, such as seconds beside ms."""
    frame = table.frame.filter(pl.col("unit").is_in(["ms", "s"]) & (pl.col("sd") > 0))
    typical = frame.group_by("measure").agg(pl.col("value").median(), pl.col("sd").median())
    share = typical["sd"] / typical["value"]
    odd = (~share.is_between(*PLAUSIBLE_SHARE)).fill_null(False)
    if odd.any():
        measure, value, sd = typical.filter(odd).row(0)
        what = f"the median of {measure} is {value:g}, and its sd {sd:g}: are both in the same unit?"
        table.refuse(table.frame["measure"] == measure, "sd", what, "times")


def _refuse_constant(table: FolderTable) -> None:
    """Refuse a measure that is the same for every word: it has no score."""
    first = pl.col("value").drop_nulls().first()
    same = ((pl.col("value") == first) | pl.col("value").is_null()).all() & (pl.col("value").count() >= _MIN_VALUES)
    constant = table.frame.select(same.over("measure")).to_series()
    table.refuse(constant, "value", "{cell} is the value of every word of its measure, which has no score", "constant")


def _refuse_longer_part(table: FolderTable) -> None:
    """Refuse a reader's time at a word that is longer than the one that it is a part of: names that were swapped.

    Of means over readers nothing is said: they may be of other readers.
    """
    where = ["stimulus_set", "stimulus_id", "subject"]
    scale = pl.when(pl.col("unit") == "s").then(1000.0).otherwise(1.0)
    frame = table.frame.with_columns(time=pl.col("value") * scale)
    of_readers = frame.filter(pl.col("subject").is_not_null() & pl.col("unit").is_in(["ms", "s"]))
    for part, whole in NESTED:
        wholes = of_readers.filter(measure=whole).select(*where, whole="time").unique(where)
        longest = frame.join(wholes, on=where, how="left", maintain_order="left")["whole"]
        longer = ((frame["measure"] == part) & (frame["time"] > longest)).fill_null(False)
        if longer.any():
            found = longest[int(longer.arg_true()[0])]
            what = (
                f"{{cell}} of {part} is longer than the {whole} that it is a part of ({found:g} ms): are they swapped?"
            )
            table.refuse(longer, "value", what, "times")


def _refuse_mixed(table: FolderTable) -> None:
    """Refuse rows of readers and rows of means in one measure."""
    mean = table.frame["subject"].is_null()
    first = table.frame.select(pl.col("subject").is_null().first().over("measure")).to_series()
    mixed = mean != first
    if mixed.any():
        kind = "a mean over readers" if mean[int(mixed.arg_true()[0])] else "of one reader"
        what = f"the row is {kind}, earlier rows of its measure are not: give the means another measure"
        table.refuse(mixed, "subject", what)


def _in_stored_units(table: FolderTable) -> FolderTable:
    scale = pl.when(pl.col("unit") == "s").then(1000.0).otherwise(1.0)
    spread = [name for name in ("value", "sd") if name in table.frame.columns]
    frame = table.frame.with_columns(pl.col(spread) * scale).with_columns(pl.col("unit").replace("s", "ms"))
    return replace(table, frame=frame)


def _scored(table: FolderTable) -> FolderTable:
    """Score every word that has a value, where the table does not say which are scored."""
    table = table.fill(skipped=False)
    table = replace(table, frame=table.frame.with_columns(pl.col("skipped").fill_null(False)))
    if "scored" in table.frame.columns:
        return table
    reason = pl.when("skipped").then(pl.lit("skipped")).otherwise(pl.lit("no value"))
    why = table.frame.select(why=pl.when(pl.col("value").is_null()).then(reason)).to_series()
    return table.fill(scored=table.frame["value"].is_not_null(), why_not_scored=why)
