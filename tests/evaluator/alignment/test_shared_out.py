"""Models shared out come back as one table, the one that a single process makes."""

import numpy as np
import pytest
from polars.testing import assert_frame_equal

from banks import put_model
from brainlake import brain_alignment
from brainlake.alignment import shared_out
from brainlake.alignment.shared_out import shared_brain_alignment
from brainlake.engines.unit import in_this_process
from brainlake.errors import BrainlakeError, Failures

HOW = {"protocol": "grouped", "n_boot": 0}


@pytest.fixture
def many(own_bank, toy_arrays):
    for k in range(4):
        put_model(own_bank, f"m{k}", "toy", toy_arrays[0] + np.float32(k) * toy_arrays[0][::-1])
    return own_bank


def shared(bank, failures, **more):
    asked = {"models": None, "recipes": None, "cpus": 1, "note": lambda _: None, **HOW, **more}
    return shared_brain_alignment(in_this_process, [str(bank)], "toy.brain", failures=failures, **asked)


def test_the_table_is_that_of_one_process(many, monkeypatch):
    monkeypatch.setattr(shared_out, "MODELS", 2)
    asked = []
    score = shared_out._score
    monkeypatch.setattr(shared_out, "_score", lambda *a: asked.append(a[2]["models"]) or score(*a))
    table = shared(many, Failures(fail_fast=True))
    assert asked == [["m", "m0"], ["m1", "m2"], ["m3"]]
    assert_frame_equal(table, brain_alignment(many, "toy.brain", **HOW))


def test_a_part_that_fails_keeps_no_other_from_its_scores(many, monkeypatch):
    monkeypatch.setattr(shared_out, "MODELS", 2)
    score = shared_out._score

    def refuse(places, benchmark, asked):
        if "m1" in asked["models"]:
            raise BrainlakeError("lost")
        return score(places, benchmark, asked)

    monkeypatch.setattr(shared_out, "_score", refuse)
    failures = Failures()
    table = shared(many, failures)
    assert {"m", "m0", "m3"} == {name for name in table["model"] if name.startswith("m")}
    assert list(map(str, failures.found.values())) == ["lost"]
    monkeypatch.setattr(shared_out, "_score", lambda *_: refuse(*_[:2], {"models": ["m1"]}))
    with pytest.raises(BrainlakeError, match="lost"):
        shared(many, Failures())
