"""What a user should hear about a dataset that is right, and may not do what is expected of it."""

from typing import Any, Final

import polars as pl
import pyarrow as pa

from brainlake_builder.humans.folder_table import FolderTable

MIN_GROUPS: Final = 3
"""Groups that folds of whole groups need: choices that are strictly nested leave two of them out."""


def notes_on(found: dict[str, FolderTable], facts: dict[str, Any], stimuli: dict[str, pa.Table]) -> tuple[str, ...]:
    """Sentences on what a benchmark will not do, and why.

    Parameters
    ----------
    found
        Tables of the dataset.
    facts
        The row of ``benchmarks``.
    stimuli
        By set.
    """
    recorded = "responses" in found or "reading_times" in found
    if not recorded and not facts["composite_of"]:
        return (f"{facts['benchmark']}: there are no responses and no reading_times, so that nothing can be scored",)
    notes = []
    for name, content in stimuli.items() if "responses" in found else ():
        frame = pl.DataFrame(content)
        groups = frame["group_id"].n_unique() if not frame["group_id"].null_count() else None
        if groups is not None and groups < MIN_GROUPS and facts["default_folds"] in (None, "grouped"):
            other = "contiguous" if facts["unit"] == "tr" else "by_stimulus"
            notes.append(
                f"{name}: {groups} group{'s' * (groups > 1)} of stimuli, and folds that split none need {MIN_GROUPS}: "
                f"it cannot be scored so; give more of group_id, or default_folds {other}"
            )
        again = _in_other_groups(frame)
        if again is not None:
            notes.append(
                f"{name}: {again[0]} has the text of {again[1]} and another group_id, so that folds may test what they "
                f"were trained on"
            )
    return tuple(notes)


def _in_other_groups(frame: pl.DataFrame) -> tuple[str, str] | None:
    """The first sentence that stands in an earlier group too, with that earlier one; words come again everywhere."""
    first = frame.select(
        "stimulus_id",
        "group_id",
        pl.col("stimulus_id").first().over("text").alias("earlier"),
        pl.col("group_id").first().over("text").alias("group"),
    ).filter(frame["text"].str.strip_chars().str.contains(r"\s"), pl.col("group_id") != pl.col("group"))
    return (first["stimulus_id"][0], first["earlier"][0]) if len(first) else None
