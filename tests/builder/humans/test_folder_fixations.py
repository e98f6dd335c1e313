"""A first fixation is a part of the gaze: two such measures that changed places are noticed."""

import polars as pl
import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.humans.folder_fixations import refuse_longer_parts
from brainlake_builder.humans.folder_table import cast_table

GAZE = [250.0, 251.0, 252.0, 253.0, 254.0, 255.0, 256.0, 257.0]


def checked(*measures, unit="ms", accept=()):
    """Rows of a word each, of measures given as name, reader and values."""
    rows = [(f"w{i}", name, who, value) for name, who, values in measures for i, value in enumerate(values)]
    columns = {"stimulus_id": pl.String, "measure": pl.String, "subject": pl.String, "value": pl.Float64}
    frame = pl.DataFrame(rows, columns, orient="row").with_columns(unit=pl.lit(unit), stimulus_set=pl.lit("mine"))
    refuse_longer_parts(cast_table("reading_times", "reading_times.csv", frame, frozenset(accept)))


@pytest.mark.parametrize(
    ("part", "whole"),
    [("first_fixation", "gaze_duration"), ("FFD", "Total-Time"), ("gaze", "go_past"), ("first_pass", "dwell time")],
)
def test_a_part_that_is_longer_than_the_whole(part, whole):
    longer = [value + 30 * (i > 2) for i, value in enumerate(GAZE)]
    with pytest.raises(BrainlakeError, match=f"row 12, column value: 283 ms of {part} .* 253 ms of {whole} .* 5 of 8"):
        checked((whole, "r", GAZE), (part, "r", longer))
    seconds = [[value / 1000 for value in values] for values in (GAZE, longer)]
    with pytest.raises(BrainlakeError, match="row 12"):
        checked((whole, "r", seconds[0]), (part, "r", seconds[1]), unit="s")
    checked((whole, "r", GAZE), (part, "r", longer), accept=["times"])


def test_slips_in_a_few_rows_are_no_exchange():
    slips = [value - 20 if i > 2 else value + 30 for i, value in enumerate(GAZE)]
    checked(("gaze_duration", "r", GAZE), ("first_fixation", "r", slips))


def test_what_is_no_part_of_the_other():
    longer = [value + 30 for value in GAZE]
    checked(("first_fixation", "r", [value + 0.9 for value in GAZE]), ("gaze_duration", "r", GAZE))
    checked(("first_fixation", "r", longer), ("gaze_duration", "another", GAZE))
    checked(("first_fixation", "r", longer), ("second_pass", "r", GAZE))
    checked(("total_time", "r", GAZE), ("go_past", "r", longer))
    checked(("first_fixation", None, longer), ("gaze_duration", None, GAZE))
    checked(("first_fixation", "r", longer), ("gaze_duration", "r", [None] * 8))
