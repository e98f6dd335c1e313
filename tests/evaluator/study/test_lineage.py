"""Bases by either name, checkpoints of one training, and models that are not counted."""

import polars as pl
import pytest

from brainlake import BrainlakeError
from brainlake.study.lineage import NOT_STATED, families, lineage
from studies import models


def test_a_base_is_found_by_its_name_or_by_its_id():
    found = lineage(models(("o--base", None, {"hub_id": "o/base"}), ("a", "o/base"), ("b", "o--base"), ("c", "x/y")))
    assert [found[name].base for name in ("o--base", "a", "b", "c")] == ["o--base", "o--base", "o--base", "x--y"]
    assert [found[name].tuned for name in ("o--base", "a")] == [False, True]


def test_the_last_checkpoint_of_a_training_counts():
    steps = [("m@1", None, {"hub_id": "o/m", "training_step": 1}), ("m@9", None, {"hub_id": "o/m", "training_step": 9})]
    tuned = [(f"t@{k}", "m@9", {"training_step": k}) for k in (2, 3)]
    found = lineage(models(*steps, *tuned, ("alone", None)))
    assert {name for name, model in found.items() if model.counts} == {"m@9", "t@3", "alone"}
    assert found["m@1"].training == found["m@9"].training != found["t@2"].training


def test_two_trainings_of_one_base_end_each_by_itself():
    rows = [(f"{who}@{k}", "base", {"hub_id": f"o/{who}", "training_step": k}) for who in "ab" for k in (1, 2)]
    found = lineage(models(("base", None), *rows))
    assert {name for name, model in found.items() if model.last} == {"base", "a@2", "b@2"}


def test_two_checkpoints_at_one_step_are_refused():
    rows = [(name, "base", {"training_step": 5}) for name in ("a", "b")]
    with pytest.raises(BrainlakeError, match="a and b are both step 5 of what looks like one training"):
        lineage(models(("base", None), *rows))


def test_models_go_back_to_one_root():
    found = lineage(
        models(
            ("o--base", None, {"hub_id": "o/base"}),
            ("o--base+q4", None, {"hub_id": "o/base", "quantization": "q4"}),
            ("sft", "o/base"),
            ("dpo", "sft"),
            ("elsewhere", "x/y"),
        )
    )
    assert found["dpo"].base == "sft"
    assert {found[name].root for name in ("o--base", "o--base+q4", "sft", "dpo")} == {"o--base"}
    assert found["elsewhere"].root == "x--y"


@pytest.mark.parametrize(
    ("rows", "way"),
    [
        ([("a", "a")], "a was tuned from a"),
        ([("leaf", "round"), ("round", "trip"), ("trip", "round")], "round was tuned from trip was tuned from round"),
    ],
)
def test_a_model_that_goes_back_to_itself_is_refused(rows, way):
    with pytest.raises(BrainlakeError, match=f"models: {way}: correct a base_model"):
        lineage(models(*rows))


@pytest.mark.parametrize("tuning", ["untrained", "control"])
def test_untrained_models_and_controls_are_not_counted(tuning):
    found = lineage(models(("m", None), ("n", "m", {"tuning": tuning})))
    assert [name for name, model in found.items() if model.counts] == ["m"]


def test_families():
    found = lineage(models(("a", None, {"family": None}), ("b", None, {"family": "t5"}), ("c", None, {"family": "t5"})))
    assert families(found.values()) == [NOT_STATED, "t5"]


def test_the_same_model_from_two_roots_is_one_and_with_other_facts_none():
    twice = models(("a", None), ("a", None))
    assert list(lineage(twice)) == ["a"]
    with pytest.raises(BrainlakeError, match="a stands there more than once"):
        lineage(models(("a", None), ("a", "b")))


def test_a_table_of_something_else_is_refused():
    with pytest.raises(BrainlakeError, match="no column hub_id, family"):
        lineage(pl.DataFrame({"model": ["m"]}))
