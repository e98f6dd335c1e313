"""The text of the paper beside its tables."""

import pytest

from brainlake.study.answers import papers_answers
from brainlake.study.paper import NOT_PUBLISHED


@pytest.fixture(scope="module")
def stated():
    rows = papers_answers()[-1].rows
    return {(row.benchmark, row.property, row.models): row for row in rows}


def test_what_agrees_agrees_to_a_digit_of_the_text(stated):
    for row in stated.values():
        if row.stated is not None and row.recomputed is not None and row.remark is None:
            assert row.recomputed == pytest.approx(row.stated, abs=0.0055), row


def test_p_values_of_behavior_are_the_texts(stated):
    tuned = [("mmlu", "17 tuned"), ("log10_params", "17 tuned"), ("nwp_loss", "12 T5"), ("nwp_loss", "5 LLaMA")]
    for what, models in tuned:
        row = stated["futrell2018", what, models]
        assert round(row.recomputed_p, 2) == row.stated_p


def test_what_disagrees_is_named(stated):
    gain, loss = stated["aw2024.brain", "gain", "17 tuned"], stated["aw2024.brain", "nwp_loss", "17 tuned"]
    assert (gain.stated, round(gain.recomputed, 4)) == (0.062, 0.0598)
    assert "mean of its three rounded gains" in gain.remark
    assert loss.stated == -0.54
    assert round(loss.recomputed, 2) == 0.54
    assert "other sign" in loss.remark


def test_tests_that_the_text_does_not_report_stand_beside(stated):
    p = {about: row.recomputed_p for (about, what, _), row in stated.items() if what == "p of the gain"}
    assert {about: round(value, 3) for about, value in p.items()} == {
        "aw2024.brain": 0.003,
        "pereira2018": 0.0,
        "blank2014": 0.102,
        "wehbe2014": 0.009,
        "futrell2018": 0.084,
    }
    assert "the brain's are raw" in stated["futrell2018", "p of the gain", "17 tuned"].remark
    assert "raw" not in stated["blank2014", "p of the gain", "17 tuned"].remark


def test_categories_are_marked_and_not_recomputed(stated):
    marked = [row for row in stated.values() if row.remark == NOT_PUBLISHED]
    assert len(marked) == 10
    assert all(row.recomputed is None and row.stated is not None for row in marked)
