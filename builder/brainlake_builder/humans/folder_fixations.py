"""Measures of eye tracking that contain one another: no part of a reading is longer than the whole."""

from typing import Final

import polars as pl

from brainlake_builder.humans.folder_table import FolderTable

_NAMES: Final = {
    "first_fixation": ("first_fixation", "first_fixation_duration", "ffd"),
    "gaze_duration": ("gaze_duration", "gaze", "first_pass", "first_pass_time", "first_run_dwell_time"),
    "go_past": ("go_past", "go_past_time", "go_past_duration", "regression_path", "regression_path_duration"),
    "total_time": ("total_time", "total_reading_time", "total_fixation_time", "total_duration", "dwell_time"),
}
"""Names that a measure has, in small letters with _ between words."""
_WITHIN: Final = (
    ("first_fixation", "gaze_duration"),
    ("first_fixation", "go_past"),
    ("first_fixation", "total_time"),
    ("gaze_duration", "go_past"),
    ("gaze_duration", "total_time"),
)
"""Part and whole, by definition: the first pass begins with the first fixation, and all that is read later is added."""
_ROUNDING_MS = 1.0
_MOSTLY = 3
"""How many times as often as shorter: a slip in a few rows is not taken for two measures that changed places."""
_WORD = ("stimulus_set", "stimulus_id", "subject")


def refuse_longer_parts(table: FolderTable) -> None:
    """Refuse first fixations that are mostly longer than the gaze of the same reader on the same word, and the like.

    Where both are often equal, and never the one is shorter, two measures have changed places.

    Means over readers may have been taken over other readers each, and are not compared.

    Parameters
    ----------
    table
        Reading times with measure, unit, value and, if they are of readers, subject.

    Raises
    ------
    BrainlakeError
        At the first row of a part that is longer than the whole, with both, where there are three such rows and three
        for each that is shorter.
    """
    if "subject" not in table.frame.columns:
        return
    frame = table.frame.with_row_index("row").filter(
        pl.col("unit").is_in(["ms", "s"]) & pl.col("subject").is_not_null() & pl.col("value").is_not_null()
    )
    frame = frame.with_columns(pl.col("value") * pl.when(pl.col("unit") == "s").then(1000.0).otherwise(1.0))
    plain = pl.col("measure").str.to_lowercase().str.replace_all(r"[ .-]+", "_")
    for part, whole in _WITHIN:
        inner, outer = (frame.filter(plain.is_in(_NAMES[one])) for one in (part, whole))
        both = inner.join(outer, on=list(_WORD), suffix="_whole", maintain_order="left")
        longer = both.filter(pl.col("value") > pl.col("value_whole") + _ROUNDING_MS)
        shorter = len(both.filter(pl.col("value") < pl.col("value_whole") - _ROUNDING_MS))
        if len(longer) >= max(_MOSTLY, _MOSTLY * shorter):
            first = longer.row(0, named=True)
            odd = pl.Series([False] * len(table.frame)).scatter(first["row"], True)
            what = (
                f"{first['value']:g} ms of {first['measure']} are longer than the {first['value_whole']:g} ms of "
                f"{first['measure_whole']} of which they are a part, as in {len(longer)} of {len(both)} rows"
            )
            table.refuse(odd, "value", what, "times")
