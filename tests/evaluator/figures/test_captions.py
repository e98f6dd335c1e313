"""Captions say what the marks are, and of what the scores are."""

import polars as pl

from brainlake.figures.captions import caption
from drawn import profile, whole


def test_captions_state_n_protocol_recipe_folds_and_baselines():
    said = caption("Dots.", whole(profile(), "headline"), more=["Groups."])
    assert said.startswith("Dots. ")
    for part in (
        "n = 240 x 200 targets",
        "protocol grouped",
        "Recipe document",
        "10 disjoint folds (no group is split)",
    ):
        assert part in said
    assert said.endswith("Baselines: length, position. Groups.")


def test_without_baselines_it_says_so_and_several_recipes_are_listed():
    rows = whole(profile(n=2), "headline").filter(~pl.col("model").str.starts_with("baseline"))
    two = rows.with_columns(recipe=pl.Series(["document", "sent\x1bence"]))
    assert caption("Dots.", rows).endswith("No baselines.")
    assert caption("Dots.", two).endswith("No baselines. Recipes: document, sent\\x1bence.")
