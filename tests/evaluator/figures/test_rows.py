"""Labels of models, and which rows a question has."""

import polars as pl
import pytest

from brainlake.errors import BrainlakeError
from brainlake.figures.rows import LONGEST, SIZE, checked, labels, of_kind, one_question, questions, sort_of
from brainlake.figures.text_width import text_width
from drawn import profile


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([("o--a", "r"), ("o--b", "r")], ["a", "b"]),
        ([("o--a", "r"), ("p--a", "r")], ["o--a", "p--a"]),
        ([("a", "r"), ("a", "s"), ("b", "r")], ["a r", "a s", "b"]),
        ([("baseline:length", None), ("length", "r")], ["baseline:length", "length"]),
        ([("o--", "r")], ["o--"]),
        ([("a\x1b[2J", "r")], ["a\\x1b[2J"]),
    ],
)
def test_labels_are_short_and_tell_models_apart(names, expected):
    assert list(labels(names).values()) == expected


def test_labels_that_are_cut_alike_are_numbered():
    names = [(f"{'x' * 80}{i}{'y' * 80}", None) for i in range(5)]
    found = list(labels(names).values())
    assert len(set(found)) == 5
    assert all(text_width(label, SIZE) <= LONGEST for label in found)


def test_sorts():
    assert [sort_of(name) for name in ("m", "m+untrained-s0", "baseline:x")] == ["model", "untrained", "baseline"]


def test_questions_are_told_apart():
    table = pl.concat([profile(), profile(benchmark="c")])
    assert [name for name, _ in questions(table)] == ["b, grouped", "c, grouped"]
    with pytest.raises(BrainlakeError, match="several"):
        one_question(table)


def test_rows_without_a_score_are_no_rows():
    nothing = profile().with_columns(score=pl.lit(None, dtype=pl.Float64))
    with pytest.raises(BrainlakeError, match="no scores of kind layer or headline"):
        of_kind(nothing, "layer", "headline")


def test_a_table_that_lacks_a_column_is_refused():
    assert checked(profile()).equals(profile())
    with pytest.raises(BrainlakeError, match="scores: no column kind: give a table of scores"):
        checked(profile().drop("kind"))
