"""Questions of a table of scores, and what has no place on one axis."""

import polars as pl
import pytest

from brainlake.errors import BrainlakeError
from brainlake.figures.questions import checked, one_question, questions
from drawn import profile


def test_questions_are_told_apart():
    table = pl.concat([profile(), profile(benchmark="c")])
    assert [name for name, _ in questions(table)] == ["b, grouped", "c, grouped"]
    with pytest.raises(BrainlakeError, match="several"):
        one_question(table)


def test_a_table_that_lacks_a_column_is_refused():
    assert checked(profile()).equals(profile())
    with pytest.raises(BrainlakeError, match="scores: no column kind: give a table of scores"):
        checked(profile().drop("kind"))


def test_two_scores_of_one_thing_are_refused_whatever_else_differs():
    table = profile(n=1, layers=2)
    for other in (table, table.with_columns(folds=pl.lit("contiguous"), controls=pl.lit("length"))):
        with pytest.raises(
            BrainlakeError, match=r"lab--m0 has two scores of kind headline on b under protocol grouped"
        ):
            one_question(pl.concat([table, other]))


@pytest.mark.parametrize("fact", ["stimuli_sha256", "folds", "n_targets"])
def test_models_that_were_scored_on_something_else_share_no_axis(fact):
    table = profile(n=2, layers=0)
    kind = table.schema[fact]
    first = pl.col("model") == "lab--m0"
    unlike = table.with_columns(
        pl.when(first).then(pl.lit("7").cast(kind)).otherwise(pl.lit("8").cast(kind)).alias(fact)
    )
    with pytest.raises(BrainlakeError, match=rf"lab--m0 and lab--m1 on b .* do not compare: {fact} is 7 and 8"):
        one_question(unlike)
