"""Scores on one question are of the same stimuli, folds and people, as far as they say it."""

import re

import pytest

from brainlake import BrainlakeError
from brainlake.study.model_scores import model_scores
from studies import scores


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("stimuli_sha256", "aa", "bb"),
        ("folds", "shuffled", "disjoint"),
        ("controls", "log frequency (us)", "log frequency (them)"),
        ("n_subjects", 5, 6),
        ("n_stimuli", 10256, 9775),
    ],
)
def test_scores_of_something_else_are_refused(name, one, other):
    rows = [("m", "b", 0.3, {name: one}), ("k", "b", 0.3, {name: None}), ("n", "b", 0.4, {name: other})]
    with pytest.raises(
        BrainlakeError,
        match=rf"scores of m and n on b .* do not compare: {name} is {re.escape(str(one))} and {re.escape(str(other))}",
    ):
        model_scores(scores(rows))


def test_what_is_not_stated_and_a_word_more_or_less_compare():
    rows = [("m", "b", 0.3, {"n_stimuli": 1861}), ("n", "b", 0.4, {"n_stimuli": 1860, "folds": "shuffled"})]
    rows += [("o", "b", 0.5, {"n_stimuli": None}), ("m", "c", 0.1, {"n_stimuli": 5, "folds": "disjoint"})]
    assert {question.benchmark for question in model_scores(scores(rows))} == {"b", "c", "mean of 2"}
