"""What surprisal adds, a plot a measure."""

import polars as pl
import pytest

from brainlake.errors import BrainlakeError
from brainlake.figures.gains import gain_rows, reading_gains
from drawn import data_of, numbers, profile, reading


def test_gains_hold_every_measure():
    table = reading()
    assert numbers(data_of(reading_gains(table)), "panel", "score") == set(table.select("measure", "score").iter_rows())


def test_plots_are_named_by_what_tells_them_apart():
    both = pl.concat([reading(n=1), reading(n=1).with_columns(stimulus_set=pl.lit("other"))])
    assert set(gain_rows(reading(n=1))["panel"]) == {"first_pass", "go_past"}
    assert set(gain_rows(both)["panel"]) == {"first_pass", "go_past", "first_pass, other", "go_past, other"}


def test_gains_of_no_benchmark_or_of_several_are_refused():
    with pytest.raises(BrainlakeError, match="no scores of kind headline"):
        reading_gains(profile())
    with pytest.raises(BrainlakeError, match="several benchmarks have gains"):
        reading_gains(pl.concat([reading(), reading().with_columns(benchmark=pl.lit("s"))]))
