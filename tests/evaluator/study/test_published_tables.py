"""What the paper published, as tables of a bank."""

import polars as pl
import pytest

from brainlake import published
from brainlake.contract.layout import check_name
from brainlake.contract.schema import TABLES
from brainlake.study.published_tables import read_table


@pytest.mark.parametrize(("gpt2", "n_models", "n_tuned", "n_bases"), [(False, 25, 17, 8), (True, 33, 21, 12)])
def test_models_and_their_bases(gpt2, n_models, n_tuned, n_bases):
    found = published(gpt2=gpt2)
    tuned = found.models.filter(tuning="instruction")
    assert (len(found.models), len(tuned), tuned["base_model"].n_unique()) == (n_models, n_tuned, n_bases)
    assert set(tuned["base_model"]) <= set(found.models.filter(tuning="vanilla")["model"])
    assert all(check_name("model", name) for name in found.models["model"])
    assert set(found.scores["model"]) == set(found.models["model"])
    assert set(found.model_properties["model"]) == set(tuned["model"])


def test_cluster_sizes_are_the_paper_s():
    tuned = published().models.filter(tuning="instruction")
    sizes = tuned.group_by("base_model", maintain_order=True).len()["len"].to_list()
    assert sizes == [1, 2, 2, 5, 2, 2, 2, 1]


def test_tables_have_the_columns_of_the_contract():
    for name, table in published()._asdict().items():
        assert table.columns == TABLES[name].names
        required = [field.name for field in TABLES[name] if not field.nullable]
        assert table.select(pl.col(required).null_count()).row(0) == (0,) * len(required)


def test_averages_are_those_of_their_parts_to_the_published_digit():
    table = read_table("aw2024_models")
    mean = table.select(pl.mean_horizontal("pereira2018", "blank2014", "wehbe2014")).to_series()
    assert (mean - table["aw2024.brain"]).abs().max() <= 0.001


def test_behavior_is_normalised_and_brain_raw():
    scores = published().scores
    assert scores.filter(benchmark="futrell2018")["score"].null_count() == 25
    assert scores.filter(pl.col("benchmark") != "futrell2018")["normalized"].null_count() == 100
    above = scores.filter(benchmark="pereira2018").filter(pl.col("score") > pl.col("ceiling"))
    assert len(above) > 0  # so that they cannot have been divided


def test_what_is_not_in_the_tables_is_marked():
    text = read_table("aw2024_text")
    assert set(text.filter(recomputable=False)["property"]) == {
        *(f"mmlu_{name}" for name in ("stem", "humanities", "social_sciences", "other")),
        *(f"bbh_{name}" for name in ("algorithmic", "language", "world_knowledge", "multilingual", "others")),
        "nwp_loss",
    }
