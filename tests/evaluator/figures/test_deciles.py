"""Reading times in tenths of the words by surprisal."""

import polars as pl
import pytest

from brainlake.errors import BrainlakeError
from brainlake.figures.deciles import decile_rows, surprisal_deciles
from drawn import data_of, deciles_of, numbers, profile


@pytest.mark.parametrize("n", [1, 2, 6])
def test_deciles_hold_every_bin(n):
    table = deciles_of(n)
    found = numbers(data_of(surprisal_deciles(table)), "model", "predictor_mean", "value")
    assert found == set(table.select("model", "predictor_mean", "value").iter_rows())


def test_bins_without_a_value_are_left_out():
    table = deciles_of(1).with_columns(value=pl.when(pl.col("bin") != 3).then("value"))
    assert decile_rows(table)["bin"].to_list() == [0, 1, 2, 4, 5, 6, 7, 8, 9]


@pytest.mark.parametrize(
    ("table", "match"),
    [
        (profile(n=1), "give what surprisal_shapes returns"),
        (deciles_of().with_columns(value=pl.lit(None, pl.Float64)), "no reading times in deciles of surprisal"),
        (pl.concat([deciles_of(), deciles_of().with_columns(measure=pl.lit("go_past"))]), "these shapes have several"),
    ],
)
def test_other_tables_are_refused(table, match):
    with pytest.raises(BrainlakeError, match=match):
        surprisal_deciles(table)
