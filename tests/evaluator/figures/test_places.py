"""Scores of targets at their coordinates."""

import polars as pl
import pytest

from brainlake.errors import BrainlakeError
from brainlake.figures.places import place_rows, scores_in_place
from drawn import data_of, placed, profile
from studies import scores


def test_places_hold_scores_at_their_coordinates():
    table = profile(n=2)
    rows = data_of(scores_in_place(table, placed(), "lab--m1"))
    of = dict(table.filter(pl.col("target_id").is_not_null(), model="lab--m1").select("target_id", "score").iter_rows())
    assert {(r["x"], r["score"]) for r in rows if "x" in r} == {(-40.0, of["e-left"]), (41.0, of["e-right"])}


def test_the_model_of_the_highest_median_is_drawn_by_default():
    assert place_rows(profile(n=3), placed())["model"].unique().to_list() == ["lab--m2"]


def test_more_targets_than_dots_are_averaged_in_cubes(monkeypatch):
    monkeypatch.setattr("brainlake.figures.places.MOST", 1)
    table = profile(n=1)
    rows = data_of(scores_in_place(table, placed().with_columns(x=pl.lit(1.0))))
    mean = table.filter(pl.col("target_id").is_not_null())["score"].mean()
    assert {(r["x"], r["y"]) for r in rows if "x" in r and "y" in r} == {(2.0, 2.0)}
    assert [r["score"] for r in rows] == pytest.approx([mean] * 3)


def test_what_has_no_place_is_refused():
    for match, table, targets, model in (
        ("score with --by target", scores([("m", "b", 0.1)]), placed(), None),
        ("no target that was scored has coordinates", profile(), placed().clear(), None),
        ("no target that was scored has coordinates", profile(), placed().with_columns(z=pl.lit(float("nan"))), None),
        ("model", profile(), placed(), "lab--m9"),
    ):
        with pytest.raises(BrainlakeError, match=match):
            scores_in_place(table, targets, model)
