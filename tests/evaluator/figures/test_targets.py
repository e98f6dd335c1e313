"""Regions have a plot each, single targets are summed up."""

import polars as pl
import pytest

from brainlake.errors import BrainlakeError
from brainlake.figures.targets import by_targets, target_rows
from drawn import EDGES, data_of, numbers, profile
from studies import scores


@pytest.mark.parametrize("edge", EDGES)
def test_regions_hold_every_region(edge):
    table = profile(**EDGES[edge])
    found = numbers(data_of(by_targets(table, "roi", width="column")), "roi", "score")
    expected = table.filter(pl.col("roi").is_not_null(), pl.col("target_id").is_null(), kind="headline")
    assert found == set(expected.select("roi", "score").iter_rows())


def test_targets_are_summed_up_in_quantiles():
    table = profile(n=1)
    (found,) = [r for r in data_of(by_targets(table, "target_id")) if "median" in r]
    single = table.filter(pl.col("target_id").is_not_null())["score"]
    assert found["median"] == pytest.approx(single.median())
    assert found["n_targets"] == len(single)


def test_models_stand_in_the_order_of_their_score_over_all_targets():
    table = profile(n=2)
    turned = pl.when(pl.col("roi").is_not_null()).then(-pl.col("score")).otherwise("score")
    rows = target_rows(table.with_columns(score=turned), "roi")
    assert rows["label"].unique(maintain_order=True).to_list() == ["m1", "m0"]
    alone = target_rows(table.with_columns(score=turned).filter(pl.col("roi").is_not_null()), "roi")
    assert alone["label"].unique(maintain_order=True).to_list() == ["m0", "m1"]


def test_what_cannot_be_drawn_by_targets_is_refused():
    bare = scores([("m", "b", 0.1)])
    for level, match in (("roi", "score with --by roi"), ("target_id", "score with --by target"), ("lobe", "level")):
        with pytest.raises(BrainlakeError, match=match):
            by_targets(bare, level)
    with pytest.raises(BrainlakeError, match="answer several: b, grouped, c, grouped"):
        by_targets(pl.concat([profile(), profile(benchmark="c")]))
