"""Questions in order, and which rows answer them."""

import pytest

from brainlake import published
from brainlake.study.answers import answers, papers_answers
from brainlake.study.tables import StudyTables
from studies import composites, family, models, properties, scores

ASKED = [
    "Does tuning on instructions raise brain alignment?",
    "Does it change behavioral alignment?",
    "What goes with brain alignment?",
    "Knowledge, or size?",
    "Does it hold without one of the families?",
    "What goes with behavioral alignment?",
    "How does alignment change in training?",
]


@pytest.fixture(scope="module")
def papers():
    return papers_answers()


def test_questions_come_in_order(papers):
    assert [answer.asked for answer in papers[:7]] == ASKED
    assert [answer.kind for answer in papers[7:]] == ["gains", "correlations", "text"]
    assert [answer.asked for answer in answers(published())] == ASKED


def test_brain_and_behavior_are_asked_apart_and_means_come_first(papers):
    brain, behavior, with_brain, _, _, with_behavior, _ = papers[:7]
    assert {row.benchmark for row in behavior.rows} == {row.benchmark for row in with_behavior.rows} == {"futrell2018"}
    for answer in (brain, with_brain):
        assert answer.rows[0].benchmark == "aw2024.brain"
        assert {row.benchmark for row in answer.rows} == {"aw2024.brain", "pereira2018", "blank2014", "wehbe2014"}


def test_partial_correlations_and_families_left_out_are_of_the_mean(papers):
    given, left_out = papers[3:5]
    assert {row.benchmark for row in (*given.rows, *left_out.rows)} == {"aw2024.brain"}
    assert all(row.given is not None and row.left_out is None for row in given.rows)
    assert {row.left_out for row in left_out.rows} == {None, "llama", "t5"}


def test_gpt2_models_are_there_in_their_own_answers_alone(papers):
    assert {row.n_models for row in papers[0].rows if row.family == "all"} == {17}
    assert {row.n_models for row in papers[7].rows if row.family == "all"} == {21}
    assert {row.n_models for row in papers[8].rows if row.models == "all"} == {33}


def test_what_the_tables_say_nothing_on_has_no_rows():
    tables = StudyTables(
        scores([("m", "b", 0.2), ("n", "b", 0.3)]), models(("m", None), ("n", None)), properties(), composites()
    )
    rows = {answer.asked: len(answer.rows) for answer in answers(tables)}
    assert [rows[asked] for asked in ASKED] == [0, 0, 0, 0, 0, 0, 0]


def test_checkpoints_answer_the_last_question():
    scored, who, known = family([2, 2])
    steps = models(*((f"s{k}", None, {"hub_id": "o/s", "training_step": k}) for k in (1, 2)))
    rows = scores([("s1", "b", 0.2), ("s2", "b", 0.3)])
    found = answers(StudyTables(scored.vstack(rows), who.vstack(steps), known, composites()))
    assert [row.model for row in found[-1].rows] == ["s1", "s2"]
