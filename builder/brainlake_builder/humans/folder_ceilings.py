"""Ceilings that a user knows already: that each can be one of a score, and its interval one of it."""

import polars as pl

from brainlake.alignment.design.protocols import PROTOCOLS
from brainlake.alignment.reading.protocols import READING_PROTOCOLS
from brainlake_builder.humans.folder_table import FolderTable


def check_ceilings(filled: dict[str, FolderTable]) -> None:
    """Refuse a ceiling of what is not there: no score would ever be held against it.

    Parameters
    ----------
    filled
        Tables of the dataset: ``ceilings``, and the recordings that they are of.

    Raises
    ------
    BrainlakeError
        For a subject, target, region, measure or protocol that is not known, or an interval without the value.
    """
    ceilings = filled["ceilings"]
    frame = ceilings.frame
    for column in ("subject", "target_id", "roi", "measure"):
        if column in frame.columns:
            there = {
                name for table in ("targets", "responses", "reading_times") for name in _names(filled, table, column)
            }
            strange = ~frame[column].is_in(list(there)).fill_null(True)
            if strange.any():
                ceilings.refuse(strange, column, f"{frame[column].filter(strange)[0]!r} is none of the recordings")
    if "protocol" in frame.columns:
        known = [*PROTOCOLS, *READING_PROTOCOLS]
        strange = ~frame["protocol"].str.split("+").list.first().is_in(known).fill_null(True)
        if strange.any():
            what = f"{frame['protocol'].filter(strange)[0]!r} is no protocol; there are {', '.join(known)}"
            ceilings.refuse(strange, "protocol", what)
    for end, beyond in (
        ("ci_low", pl.col("ci_low") > pl.col("value")),
        ("ci_high", pl.col("ci_high") < pl.col("value")),
    ):
        if end in frame.columns:
            ceilings.refuse(frame.select(beyond.fill_null(False)).to_series(), end, "leaves the value outside")


def _names(filled: dict[str, FolderTable], table: str, column: str) -> list[str]:
    if table not in filled or column not in filled[table].frame.columns:
        return []
    return filled[table].frame[column].drop_nulls().unique().to_list()
