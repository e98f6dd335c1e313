"""One number a model and question; what means something else is a question of its own."""

import pytest

from brainlake import BrainlakeError
from brainlake.study.model_scores import Score, model_scores, overall, parts_of
from studies import composites, scores


def by_benchmark(found):
    return {(q.benchmark, q.protocol): {m: s.value for m, s in values.items()} for q, values in found.items()}


def test_headlines_of_models_alone_are_taken():
    rows = scores(
        [
            ("m", "b", 0.3, {"ci_low": 0.1, "ci_high": 0.5}),
            ("m", "b", 0.9, {"kind": "layer", "layer": 3}),
            ("m", "b", 0.8, {"roi": "front"}),
            ("m", "b", 0.7, {"kind": "other_folds"}),
            ("baseline:length", "b", 0.6),
            ("n", "b", None),
        ]
    )
    (values,) = model_scores(rows).values()
    assert values == {"m": Score(0.3, 0.1, 0.5)}


@pytest.mark.parametrize(
    "other", [{"protocol": "aw2024"}, {"metric": "cka"}, {"recipe": "aw2024"}, {"measure": "rt"}, {"stimulus_set": "s"}]
)
def test_another_way_is_another_question_and_averaged_with_none(other):
    found = model_scores(scores([("m", "b", 0.3), ("m", "c", 0.5, other)]))
    assert sorted(q.benchmark for q in found) == ["b", "c"]
    assert all(list(values) == ["m"] for values in found.values())


def test_what_was_divided_by_its_ceiling_stands_apart():
    rows = [("m", "b", 0.3), ("n", "b", None, {"normalized": 0.8, "ci_low": 0.2, "ci_high": 0.4})]
    found = {q.scale: values for q, values in model_scores(scores(rows)).items()}
    assert found == {"score": {"m": Score(0.3)}, "normalized": {"n": Score(0.8)}}


def test_brain_benchmarks_of_one_protocol_have_a_mean_over_models_that_have_all():
    found = by_benchmark(model_scores(scores([("m", "b", 0.2), ("m", "c", 0.4), ("n", "b", 0.9)])))
    assert found["mean of 2", "grouped"] == {"m": pytest.approx(0.3)}


def test_reading_times_have_no_mean():
    rows = [("m", name, 0.2, {"measure": "rt"}) for name in "bc"]
    assert {q.benchmark for q in model_scores(scores(rows))} == {"b", "c"}


def test_a_mean_and_its_parts_count_once():
    table = composites(whole=["b", "c"])
    rows = [("m", "whole", 0.3), ("m", "b", 0.2), ("m", "c", 0.4)]
    found = model_scores(scores(rows), table)
    (whole,) = overall(found)
    assert {q.benchmark for q in found} == {"whole", "b", "c"}
    assert (whole.benchmark, whole.parts) == ("whole", ("b", "c"))
    assert {q.benchmark for q in parts_of(whole, found)} == {"b", "c"}
    wider = model_scores(scores([*rows, ("m", "d", 0.9)]), table)
    assert by_benchmark(wider)["mean of 2", "grouped"] == {"m": pytest.approx(0.6)}
    assert [q.parts for q in overall(wider)] == [("d", "whole")]
    assert parts_of(whole, [q for q in found if q.benchmark != "c"]) == []


def test_a_question_alone_is_the_overall_one():
    found = model_scores(scores([("m", "b", 0.3), ("m", "r", 0.1, {"measure": "rt"})]))
    assert overall(found) == set(found)


def test_the_same_score_in_two_files_is_one_and_another_a_contradiction():
    same = scores([("m", "b", 0.3, {"file": "x"}), ("m", "b", 0.3, {"file": "y"})])
    assert [len(values) for values in model_scores(same).values()] == [1]
    with pytest.raises(BrainlakeError, match=r"m has two scores on b under protocol grouped: 0.3 \(x\) and 0.31 \(y\)"):
        model_scores(scores([("m", "b", 0.3, {"file": "x"}), ("m", "b", 0.31, {"file": "y"})]))


def test_a_table_of_something_else_is_refused():
    with pytest.raises(BrainlakeError, match="no column kind"):
        model_scores(scores([("m", "b", 0.3)]).drop("kind"))
