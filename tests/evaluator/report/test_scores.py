"""What is no table of scores is said before it is summed up."""

import polars as pl
import pytest

from brainlake import BrainlakeError, brain_alignment, published, summary
from brainlake.report.scores import _UNREAD, check_scores


@pytest.fixture(scope="module")
def scores(toy_bank):
    return brain_alignment(toy_bank, "toy.brain", n_boot=0, baselines="length", threads=1)


def test_every_column_that_is_read_is_asked_for(scores):
    for column in scores.columns:
        lacking = scores.drop(column)
        if column in _UNREAD:
            assert repr(summary(lacking)) == repr(summary(scores))
        elif column != "kind":
            with pytest.raises(BrainlakeError, match=f"scores: no column {column}: "):
                summary(lacking)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"score": pl.lit("x")}, "scores: column score is String, not Float64"),
        ({"model": pl.lit(5)}, "scores: column model is Int32, not String"),
        ({"kind": pl.lit(5)}, "scores: column kind is Int32, not String"),
        ({"kind": pl.lit("layer")}, "there is no headline among them"),
    ],
)
def test_columns_of_another_kind(scores, change, message):
    with pytest.raises(BrainlakeError, match=message):
        check_scores(scores.with_columns(**change))


def test_two_scores_of_one_thing_are_no_twins(scores):
    assert repr(summary(pl.concat([scores, scores]))) == repr(summary(scores))
    other = scores.with_columns(pl.col("score") + 0.1)
    with pytest.raises(BrainlakeError, match=r"'m' has two different headlines on 'toy.brain' under protocol grouped"):
        summary(pl.concat([scores, other]))


def test_what_is_not_known_is_not_said():
    assert "None" not in repr(summary(published().scores))


def test_stimulus_sets_of_some_benchmarks_are_named_for_those_alone(scores):
    sets = scores.with_columns(benchmark=pl.lit("other"), stimulus_set=pl.lit("words"))
    assert "None" not in repr(summary(pl.concat([scores, sets])))
