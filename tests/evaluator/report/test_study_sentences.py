"""What answers show and do not show."""

from dataclasses import replace

import polars as pl
import pytest

from brainlake.report.study_sentences import NOTHING, sentences
from brainlake.report.study_tables import study_table
from brainlake.study.answers import Answer, answers, papers_answers
from brainlake.study.lineage import lineage
from brainlake.study.model_scores import model_scores
from brainlake.study.tables import StudyTables
from brainlake.study.training import curves
from studies import CHECKPOINT_SCORES, CHECKPOINTS, composites, family, models, scores


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


def test_a_gain_without_an_interval_says_why(papers):
    why = "none: one base shows no spread between bases"
    rows = [replace(row, ci_low=None, ci_high=None, ci_method=why) for row in papers[0].rows]
    assert "without an interval (one base shows no spread between bases)" in sentences(replace(papers[0], rows=rows))[0]


def test_the_property_that_goes_most_with_alignment_is_no_cause(papers):
    (said,) = sentences(papers[2])
    assert "log10_params goes with it most, r = .946 [.860, .980] over 17 models of 8 bases of 2 families" in said
    assert "not what would change if one were changed" in said


def test_what_is_not_shown_goes_with_nothing_most(papers):
    rows = [replace(row, ci_low=-0.1) if row.property == "log10_params" else row for row in papers[2].rows]
    assert "mmlu goes with it most, r = .805" in sentences(replace(papers[2], rows=rows))[0]


def test_where_every_interval_holds_0_no_property_is_shown(papers):
    (said,) = sentences(papers[5])
    assert said.startswith(
        "futrell2018: no property is shown to go with it, nor that none does; most does log10_params"
    )


def test_the_conclusion_on_knowledge_turns_on_the_logarithm(papers):
    (said,) = [one for one in sentences(papers[3]) if "mmlu" in one]
    assert "given the logarithm of size, mmlu keeps r = -.159" in said
    assert "size given mmlu .841" in said
    assert "given raw size, mmlu keeps .593: what is concluded turns on the logarithm" in said
    (other,) = [one for one in sentences(papers[3]) if "bbh" in one]
    assert "does not turn on the logarithm" in other


def test_what_has_no_correlation_is_said_once_a_reason(papers):
    why = "no correlation: 3 models, at least 5 are needed"
    rows = [replace(row, r=None, ci_low=None, ci_high=None, ci_method=why) for row in papers[3].rows]
    (said,) = sentences(replace(papers[3], rows=rows))
    assert said == (
        "nwp_loss given log10_params, log10_params given nwp_loss, nwp_loss given n_params, n_params given nwp_loss "
        f"and 8 more, tuned models: {why}."
    )


@pytest.mark.parametrize(("n", "cautious"), [(3, True), (8, False)])
def test_so_few_bases_that_flipping_shows_nothing_are_said(papers, n, cautious):
    rows = [replace(row, ci_low=0.01, ci_high=0.02, p_floor=2.0 ** (1 - n)) for row in papers[0].rows]
    said = sentences(replace(papers[0], rows=rows))[0]
    assert ("and so few can show no less than .250" in said) is cautious


def test_an_interval_and_a_test_that_disagree_are_both_said(papers):
    row = next(row for row in papers[0].rows if row.overall and row.statistic == "mean_of_ratios")
    for low, p, said in (
        (0.01, 0.078, "a gain is shown for bases like these 8, if what they add is normal: flipping their signs gives"),
        (-0.01, 0.031, "is shown for bases like these 8, though flipping their signs gives p = .031"),
    ):
        (sentence,) = sentences(replace(papers[0], rows=[replace(row, ci_low=low, p_value=p)]))
        assert said in sentence
    agreed = [replace(row, ci_low=0.01, p_value=0.03), replace(row, ci_low=-0.01, p_value=0.3)]
    assert not any("flipping" in sentences(replace(papers[0], rows=[one]))[0] for one in agreed)


def test_properties_that_several_measured_are_said_with_their_source():
    scored, who, known = family([2, 1, 2, 1, 2, 2])
    both = pl.concat([known, known.with_columns(source=pl.lit("them"), value=1 - pl.col("value"))])
    asked = answers(StudyTables(scored, who, both, composites()))
    said = " ".join(sentences(asked[3]))
    assert "mmlu (me) keeps r = " in said
    assert "size given mmlu (them) " in said
    assert "log10_params (" not in said
    few = [replace(row, r=None, ci_method="too few") for row in asked[3].rows]
    assert "mmlu (me) given log10_params" in " ".join(sentences(replace(asked[3], rows=few)))


def test_why_there_is_no_ratio_is_said(papers):
    why = "no ratio: the score of a base is near zero: m"
    rows = [
        replace(row, value=None, ci_method=why) if row.statistic == "mean_of_ratios" else row for row in papers[0].rows
    ]
    assert f"the change is .010 ({why}) [-.001, .020]" in sentences(replace(papers[0], rows=rows))[0]


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


def test_a_checkpoint_without_a_score_is_said():
    scored = model_scores(scores([("base", "b", 0.2), ("t@20", "b", 0.3)]))
    said = sentences(Answer("?", "training", curves(scored, lineage(CHECKPOINTS))))
    assert said == [
        "b: base (instruction) has .300 at step 20; step 10 has no score; one training shows no spread between "
        "trainings."
    ]


def test_training_is_said_of_the_mean_alone():
    rows = [(m, b, v) for m, v in CHECKPOINT_SCORES.items() for b in "bc"]
    found = curves(model_scores(scores(rows)), lineage(CHECKPOINTS))
    assert len(found) == 3 * 6
    assert [said.split(":")[0] for said in sentences(Answer("?", "training", found))] == ["mean of 2"] * 3


@pytest.mark.parametrize("kind", [kind for kind in NOTHING if kind != "text"])
def test_what_is_not_answered_says_why(kind):
    assert sentences(Answer("?", kind, [])) == [f"Not answered: {NOTHING[kind]}."]


def test_two_trainings_of_one_base_are_said_apart():
    steps = [(f"{who}@{k}", "base", {"training_step": k, "hub_id": f"o/{who}"}) for who in "ab" for k in (1, 2)]
    scored = model_scores(scores([(name, "b", 0.1 * place) for place, (name, _, _) in enumerate(steps, 1)]))
    rows = curves(scored, lineage(models(("base", None), *steps)))
    said = sentences(Answer("?", "training", rows))
    assert [one.split(" at step")[0] for one in said] == [
        "b: base, o/a (instruction) goes from .100",
        "b: base, o/b (instruction) goes from .300",
    ]
    table = study_table(Answer("?", "training", rows))
    assert table["training"].to_list() == ["base, o/a"] * 2 + ["base, o/b"] * 2
