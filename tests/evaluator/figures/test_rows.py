"""Which rows a figure draws."""

import polars as pl
import pytest

from brainlake.errors import BrainlakeError
from brainlake.figures.captions import caption
from brainlake.figures.dots import axis_title
from brainlake.figures.labels import counted_models
from brainlake.figures.rows import NORMALIZED, of_kind
from drawn import profile, whole


def test_rows_without_a_score_are_no_rows():
    nothing = profile().with_columns(score=pl.lit(None, dtype=pl.Float64))
    with pytest.raises(BrainlakeError, match="no scores of kind layer or headline"):
        of_kind(nothing, "layer", "headline")


def test_twins_of_several_seeds_are_one_row_with_mean_and_range():
    twins = [profile(n=1, layers=0, name=f"m+untrained-s{k}", start=0.1 + k / 10, half=None) for k in range(3)]
    table = pl.concat(
        [profile(n=1, layers=0), *(twin.filter(model=f"m+untrained-s{k}") for k, twin in enumerate(twins))]
    )
    (row,) = of_kind(table, "headline").filter(sort="untrained").to_dicts()
    assert row["label"] == "m+untrained, seeds 0-2"
    assert (row["score"], row["ci_low"], row["ci_high"]) == pytest.approx((0.2, 0.1, 0.3))
    assert counted_models(of_kind(table, "headline")) == "1 model and 1 untrained twin"


def test_scores_that_are_known_only_divided_by_a_ceiling_are_drawn_as_that():
    table = profile(n=2, layers=0).with_columns(normalized=pl.col("score") * 2)
    divided = table.with_columns(score=pl.lit(None, pl.Float64), protocol=pl.lit("published:x"))
    rows = of_kind(pl.concat([table, divided]), "headline").filter(protocol="published:x")
    assert rows["score"].to_list() == whole(divided, "headline")["normalized"].to_list()
    assert set(rows["metric"]) == {NORMALIZED}
    assert rows.select("ci_low", "ci_high", "ceiling").null_count().row(0) == (len(rows),) * 3
    assert axis_title(rows) == "score / ceiling"
    assert "no score" not in caption("Dots.", whole(divided, "headline"))
