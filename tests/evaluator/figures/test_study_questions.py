"""Tables of the study, a question at a time."""

import polars as pl
import pytest

from brainlake.errors import BrainlakeError
from brainlake.figures.study_questions import asked_in, study_questions
from brainlake.study.pairs import tuning_pairs
from studies import family


@pytest.fixture(scope="module")
def pairs():
    scored, who, _ = family([2], benchmarks=("b", "c"))
    return tuning_pairs(scored, who)


def test_every_question_has_its_rows(pairs):
    found = dict(study_questions(pairs))
    assert list(found) == ["b, grouped", "c, grouped", "mean of 2, grouped"]
    assert pl.concat(found.values()).sort("benchmark", "model").equals(pairs.sort("benchmark", "model"))


def test_the_recipe_is_named_where_there_are_several(pairs):
    one = pairs.filter(benchmark="b")
    two = pl.concat([one.with_columns(recipe=pl.lit(recipe)) for recipe in ("document", "sentence")])
    assert [name for name, _ in study_questions(two)] == ["b, grouped, document", "b, grouped, sentence"]
    assert asked_in(two.filter(recipe="document")) == "b, grouped"


def test_several_questions_share_no_axis(pairs):
    with pytest.raises(BrainlakeError, match="answer several: b, grouped, c, grouped"):
        asked_in(pairs)
