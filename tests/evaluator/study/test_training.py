"""Checkpoints in order, beside their base and the control at the same step."""

import pytest

from brainlake import training_curves
from studies import CHECKPOINT_SCORES, CHECKPOINTS, models, scores


def test_trainings_stand_step_by_step():
    found = training_curves(
        scores([(m, "b", v, {"ci_low": v - 0.1, "ci_high": v + 0.1}) for m, v in CHECKPOINT_SCORES.items()]),
        CHECKPOINTS,
    )
    assert found.select("start", "tuning", "training_step", "model").rows() == [
        ("base", "control", 20, "c@20"),
        ("base", "control", 30, "c@30"),
        ("base", "instruction", 10, "t@10"),
        ("base", "instruction", 20, "t@20"),
        ("o/v", "vanilla", 9, "v@9"),
        ("o/v", "vanilla", 100, "v@100"),
    ]
    assert found["over_start"].to_list() == pytest.approx([0.01, 0.02, 0.05, 0.1, None, None])
    assert found["over_control"].to_list() == pytest.approx([None, None, None, 0.09, None, None])
    assert found["ci_low"].to_list() == pytest.approx((found["score"] - 0.1).to_list())


def test_without_checkpoints_there_is_no_row():
    found = training_curves(scores([("base", "b", 0.2)]), CHECKPOINTS)
    assert (len(found), found.columns[-1]) == (0, "over_control")


def test_a_checkpoint_without_a_score_is_not_left_out_silently():
    found = training_curves(scores([("base", "b", 0.2), ("t@10", "b", 0.3)]), CHECKPOINTS)
    assert found.select("model", "score").rows() == [("t@10", 0.3), ("t@20", None)]
    assert found["over_start"].to_list() == pytest.approx([0.1, None])


def test_a_base_without_a_score_leaves_a_gap():
    found = training_curves(scores([("t@10", "b", 0.2), ("t@20", "b", 0.3)]), CHECKPOINTS)
    assert found["over_start"].null_count() == len(found)


def test_of_two_controls_none_is_taken():
    two = [
        (f"{who}@{k}", "base", {"training_step": k, "tuning": "control", "hub_id": who}) for who in "cd" for k in (1, 2)
    ]
    who = models(("base", None), *((f"t@{k}", "base", {"training_step": k}) for k in (1, 2)), *two)
    found = training_curves(scores([(name, "b", 0.3) for name in who["model"]]), who)
    assert found["over_control"].null_count() == len(found) == 6
