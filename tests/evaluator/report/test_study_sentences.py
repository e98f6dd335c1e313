"""What answers show and do not show."""

from dataclasses import replace

import pytest

from brainlake.report.study_sentences import NOTHING, sentences
from brainlake.study.answers import Answer, papers_answers
from brainlake.study.lineage import lineage
from brainlake.study.model_scores import model_scores
from brainlake.study.training import curves
from studies import CHECKPOINT_SCORES, CHECKPOINTS, scores


@pytest.fixture(scope="module")
def papers():
    return papers_answers()


def test_a_gain_whose_interval_holds_0_is_not_shown(papers):
    (said,) = sentences(papers[0])
    assert "over 17 tuned models the change is +5.98 % [-0.52, +12.49], which holds 0" in said
    assert said.endswith("nothing is shown for families other than llama, t5.")


@pytest.mark.parametrize(("low", "high", "word"), [(0.01, 0.02, "a gain is shown"), (-0.02, -0.01, "a loss is shown")])
def test_a_gain_whose_interval_leaves_out_0_is_shown(papers, low, high, word):
    rows = [replace(row, ci_low=low, ci_high=high) for row in papers[0].rows]
    assert word in sentences(replace(papers[0], rows=rows))[0]


def test_where_there_is_no_ratio_the_difference_is_said(papers):
    rows = [replace(row, value=None) if row.statistic == "mean_of_ratios" else row for row in papers[0].rows]
    assert "the change is .010 [-.001, .020]" in sentences(replace(papers[0], rows=rows))[0]


def test_a_gain_without_an_interval_says_why(papers):
    why = "none: one base shows no spread between bases"
    rows = [replace(row, ci_low=None, ci_high=None, ci_method=why) for row in papers[0].rows]
    assert "without an interval (one base shows no spread between bases)" in sentences(replace(papers[0], rows=rows))[0]


def test_the_property_that_goes_most_with_alignment_is_no_cause(papers):
    (said,) = sentences(papers[2])
    assert "log10_params goes with it most, r = .946 [.860, .980] over 17 models of 8 bases of 2 families" in said
    assert "not what would change if one were changed" in said


def test_the_conclusion_on_knowledge_turns_on_the_logarithm(papers):
    (said,) = [one for one in sentences(papers[3]) if "mmlu" in one]
    assert "given the logarithm of size, mmlu keeps r = -.159" in said
    assert "size given mmlu .841" in said
    assert "given raw size, mmlu keeps .593: what is concluded turns on the logarithm" in said
    (other,) = [one for one in sentences(papers[3]) if "bbh" in one]
    assert "does not turn on the logarithm" in other


def test_a_family_left_out_is_said_with_its_numbers(papers):
    said = sentences(papers[4])[0]
    assert "r = .946 over tuned models, .942 without llama (12 models of 5 bases of 1 family), .219 without t5" in said


def test_differences_between_text_and_tables_are_said(papers):
    said = "\n".join(sentences(papers[-1]))
    for part in (
        "aw2024.brain, gain: .062 in the text, .060 from the tables",
        "nwp_loss: -.540 in the text, .545 from the tables; other sign",
        "the text reports no test of a gain",
        "blank2014, p of the gain: p = .102",
        "futrell2018, p of the gain: p = .084",
        "divided by their ceiling, the brain's are raw",
    ):
        assert part in said


def test_training_is_said_from_its_first_to_its_last_step():
    scored = model_scores(scores([(m, "b", v) for m, v in CHECKPOINT_SCORES.items()]))
    said = sentences(Answer("?", "training", curves(scored, lineage(CHECKPOINTS))))
    assert said[1] == (
        "b: base (instruction) goes from .250 at step 10 to .300 at step 20, .090 over the control at the last step "
        "that both have; one training shows no spread between trainings."
    )


@pytest.mark.parametrize("kind", [kind for kind in NOTHING if kind != "text"])
def test_what_is_not_answered_says_why(kind):
    assert sentences(Answer("?", kind, [])) == [f"Not answered: {NOTHING[kind]}."]
