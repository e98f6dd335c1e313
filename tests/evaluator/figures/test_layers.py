"""Layers of models, the ceiling and the baselines, one plot or many."""

import polars as pl
import pytest

from brainlake.errors import BrainlakeError
from brainlake.figures.layers import TOGETHER, layer_profile, layer_rows, unlike_depths
from drawn import EDGES, data_of, numbers, profile, whole
from studies import scores


@pytest.mark.parametrize(("edge", "width"), [*((edge, "page") for edge in EDGES), ("plain", "column")])
def test_the_profile_holds_every_layer_and_baseline(edge, width):
    table = profile(**EDGES[edge])
    found = data_of(layer_profile(table, width=width))
    layers = whole(table, "layer")
    assert numbers((r for r in found if r.get("kind") == "layer"), "layer", "score", "ci_low") == set(
        layers.select("layer", "score", "ci_low").iter_rows()
    )
    references = {r["score"] for r in found if r.get("what") == "baseline"}
    assert references == set(whole(table, "headline").filter(pl.col("model").str.starts_with("baseline"))["score"])
    ceilings = {r["score"] for r in found if r.get("what") == "ceiling"}
    assert ceilings == set(table["ceiling"].drop_nulls())


@pytest.mark.parametrize(("n", "plots"), [(TOGETHER, 1), (TOGETHER + 1, TOGETHER + 1)])
def test_more_models_than_a_plot_tells_apart_have_one_each(n, plots):
    assert len(layer_profile(profile(n=n, layers=3)).to_dict().get("concat", [None])) == plots


def test_layers_come_in_their_order_and_baselines_last():
    rows = layer_rows(profile(n=1, layers=3).reverse())
    assert rows["layer"].to_list() == [0, 1, 2, None, None]
    assert rows.filter(pl.col("layer").is_null())["sort"].to_list() == ["baseline"] * 2


def test_scores_that_make_no_profile_are_refused():
    with pytest.raises(BrainlakeError, match="no scores of kind layer"):
        layer_profile(scores([("m", "b", 0.1)]))
    with pytest.raises(BrainlakeError, match="answer several: b, grouped, c, grouped"):
        layer_profile(pl.concat([profile(), profile(benchmark="c")]))


def test_baselines_have_their_names_where_there_is_room():
    def names(second):
        table = profile(n=1).with_columns(
            score=pl.when(model="baseline:position", kind="headline").then(second).otherwise("score")
        )
        chart = layer_profile(table).to_dict()
        texts = [part["data"]["name"] for part in chart["layer"] if part["mark"]["type"] == "text"]
        return [row["name"] for name in texts for row in chart["datasets"][name]]

    assert names(0.02) == ["ceiling", "length", "position"]
    assert names(0.079) == ["ceiling", "length"]


def test_models_of_different_depth_stand_at_their_relative_depth():
    deep = profile(n=1, layers=9, name="deep")
    both = pl.concat([profile(n=1, layers=5), whole(deep, "layer")])
    assert not unlike_depths(layer_rows(profile()))
    found = data_of(layer_profile(both))
    assert numbers((r for r in found if r.get("kind") == "layer"), "label", "layer", "depth") == {
        (label, layer, layer / last) for label, last in (("m0", 4), ("deep", 8)) for layer in range(last + 1)
    }
    for table, field in ((both, "depth"), (profile(), "layer")):
        line = next(part for part in layer_profile(table).to_dict()["layer"] if part["mark"]["type"] == "line")
        assert line["encoding"]["x"]["field"] == field
