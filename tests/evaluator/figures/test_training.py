"""Trainings, a line each, a dot a checkpoint."""

import polars as pl
import pytest

from brainlake.errors import BrainlakeError
from brainlake.figures.training import curve, training_curve, training_rows
from drawn import data_of, numbers
from studies import CHECKPOINT_SCORES, CHECKPOINTS, models, scores

SCORED = scores([(name, "b", score) for name, score in CHECKPOINT_SCORES.items()])


def test_curves_hold_every_checkpoint():
    rows = data_of(training_curve(SCORED, CHECKPOINTS))
    assert numbers(rows, "model", "score") == {(n, s) for n, s in CHECKPOINT_SCORES.items() if "@" in n}


def test_checkpoints_without_scores_have_no_dot():
    found = scores([(name, "b", score) for name, score in CHECKPOINT_SCORES.items() if name not in ("t@20", "v@9")])
    rows = data_of(training_curve(found, CHECKPOINTS))
    assert {model for model, _ in numbers(rows, "model", "score")} == {"c@20", "c@30"}


def test_steps_far_apart_stand_on_a_logarithmic_axis():
    rows = training_rows(SCORED, CHECKPOINTS)
    far = rows.with_columns(training_step=pl.col("training_step") ** 3)
    assert "training step (log)" not in str(curve(rows).to_dict())
    assert "training step (log)" in str(curve(far).to_dict())


def test_no_training_and_more_than_colours_are_refused():
    with pytest.raises(BrainlakeError, match="no training has scores of two"):
        training_curve(scores([("m", "b", 0.1)]), models(("m", None)))
    names = [(f"m{i}@{k}", {"training_step": k, "hub_id": f"o/m{i}"}) for i in range(8) for k in (1, 2)]
    with pytest.raises(BrainlakeError, match="8 trainings: a figure tells 7 apart"):
        training_curve(scores([(name, "b", 0.1) for name, _ in names]), models(*((n, None, f) for n, f in names)))


def test_trainings_at_the_same_step_stand_beside_each_other():
    rows = training_rows(SCORED, CHECKPOINTS).with_columns(ci_low=pl.col("score") - 0.1, ci_high=pl.col("score") + 0.1)
    marks = [part["mark"] for part in curve(rows).to_dict()["layer"]]
    n = rows["training"].n_unique()
    for kind in ("line", "rule", "point"):
        assert len({mark["xOffset"] for mark in marks if mark["type"] == kind}) == n
    assert sum(mark["xOffset"] for mark in marks) == 0
