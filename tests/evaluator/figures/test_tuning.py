"""Each tuned model beside its base."""

import pytest

from brainlake.errors import BrainlakeError
from brainlake.figures.tuning import tuned_against_base, tuning_rows
from drawn import data_of
from studies import family, models, scores


def test_tuned_models_stand_beside_their_bases():
    scored, who, _ = family([2, 1])
    found = [r for r in data_of(tuned_against_base(scored, who)) if "which" in r]
    of = dict(scored.select("model", "score").iter_rows())
    assert {(r["of"], r["score"]) for r in found} == set(of.items())
    assert sorted(r["which"] for r in found) == ["base"] * 3 + ["tuned"] * 3


def test_pairs_of_a_base_stand_together_the_best_base_first():
    who = models(("a", None), ("a+", "a"), ("b", None), ("b-", "b"), ("b+", "b"))
    of = {"a": 0.1, "a+": 0.9, "b": 0.2, "b-": 0.3, "b+": 0.4}
    rows = tuning_rows(scores([(name, "s", score) for name, score in of.items()]), who)
    assert rows.select("base_label", "label").rows() == [("b", "b+"), ("b", "b-"), ("a", "a+")]


def test_no_pair_and_several_questions_are_refused():
    with pytest.raises(BrainlakeError, match="no model tuned on instructions"):
        tuned_against_base(scores([("m", "b", 0.1)]), models(("m", None)))
    scored, who, _ = family([1], benchmarks=("b", "c"))
    with pytest.raises(BrainlakeError, match="answer several"):
        tuned_against_base(scored, who)
