"""Tuned models beside their bases."""

import polars as pl
import pytest

from brainlake import BrainlakeError, published, tuning_pairs
from brainlake.study.lineage import lineage
from brainlake.study.model_scores import model_scores
from brainlake.study.pairs import unpaired
from studies import models, scores

WHO = models(("base", None), ("tuned", "base"))


def test_each_tuned_model_stands_beside_its_base():
    (row,) = tuning_pairs(scores([("base", "b", 0.2), ("tuned", "b", 0.25)]), WHO).to_dicts()
    assert (row["model"], row["base"], row["family"]) == ("tuned", "base", "llama")
    assert (row["difference"], row["change"]) == pytest.approx((0.05, 0.25))


@pytest.mark.parametrize(
    ("base", "interval", "refused"),
    [
        (0.02, {}, True),
        (-0.3, {}, True),
        (0.03, {}, False),
        (0.2, {"ci_low": -0.01}, True),
        (0.2, {"ci_low": 0.1}, False),
    ],
)
def test_there_is_no_ratio_to_what_may_be_nothing(base, interval, refused):
    (row,) = tuning_pairs(scores([("base", "b", base, interval), ("tuned", "b", 0.25)]), WHO).to_dicts()
    assert (row["change"] is None) is refused
    assert row["difference"] == pytest.approx(0.25 - base)


def test_the_last_checkpoint_is_compared():
    who = models(("base", None), *((f"t{k}", "base", {"training_step": k}) for k in (1, 2)))
    rows = [("base", "b", 0.2), ("t1", "b", 0.3), ("t2", "b", 0.4)]
    assert tuning_pairs(scores(rows), who)["model"].to_list() == ["t2"]


@pytest.mark.parametrize("other", [{"protocol": "aw2024"}, {"recipe": "aw2024"}])
def test_scores_of_two_ways_are_not_compared(other):
    with pytest.raises(BrainlakeError, match="no model tuned on instructions has a score beside its base"):
        tuning_pairs(scores([("base", "b", 0.2), ("tuned", "b", 0.25, other)]), WHO)


def test_four_of_the_papers_17_tuned_models_score_less_than_their_base():
    scored, who, _, benchmarks = published()
    found = tuning_pairs(scored, who, benchmarks).filter(benchmark="aw2024.brain")
    assert len(found) == 17
    assert set(found.filter(pl.col("difference") < 0)["model"]) == {
        "declare-lab--flan-alpaca-base",
        "google--flan-t5-xxl",
        "declare-lab--flan-alpaca-xxl",
        "lmsys--vicuna-7b-v1.3",
    }


def test_tuned_models_in_no_pair_are_named_with_their_base():
    who = models(
        *(("base", None), ("tuned", "base"), ("lost", "bse"), ("unscored", "nowhere")),
        ("bare", None, {"tuning": "instruction"}),
        *((f"step@{k}", "gone", {"training_step": k}) for k in (1, 2)),
        *((f"early@{k}", "base", {"training_step": k}) for k in (1, 2)),
    )
    scored = scores([(m, "b", 0.2) for m in ("base", "tuned", "lost", "bare", "step@1", "step@2", "early@1")])
    found = unpaired(model_scores(scored), lineage(who))
    assert found == [
        "bare (no base_model)",
        "early@1 (the last step of its training has no scores)",
        "lost (base bse)",
        "step@2 (base gone)",
    ]
