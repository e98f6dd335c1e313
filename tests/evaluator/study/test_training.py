"""Checkpoints in order, beside their base and the control at the same step."""

import pytest

from brainlake import training_curves
from studies import models, scores

WHO = models(
    ("base", None),
    *((f"t@{k}", "base", {"training_step": k}) for k in (10, 20)),
    *((f"c@{k}", "base", {"training_step": k, "tuning": "control"}) for k in (20, 30)),
    *((f"v@{k}", None, {"training_step": k, "hub_id": "o/v"}) for k in (9, 100)),
    ("alone", "base", {"training_step": 5, "tuning": "other"}),
)
SCORED = {"base": 0.2, "t@10": 0.25, "t@20": 0.3, "c@20": 0.21, "c@30": 0.22, "v@9": 0.1, "v@100": 0.4, "alone": 0.9}


def test_trainings_stand_step_by_step():
    found = training_curves(
        scores([(m, "b", v, {"ci_low": v - 0.1, "ci_high": v + 0.1}) for m, v in SCORED.items()]), WHO
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
    found = training_curves(scores([("base", "b", 0.2), ("t@10", "b", 0.3)]), WHO)
    assert (len(found), found.columns[-1]) == (0, "over_control")


def test_a_base_without_a_score_leaves_a_gap():
    found = training_curves(scores([("t@10", "b", 0.2), ("t@20", "b", 0.3)]), WHO)
    assert found["over_start"].to_list() == [None, None]
