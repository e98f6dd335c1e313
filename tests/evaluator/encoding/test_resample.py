import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brainlake.encoding.resample import average, labels_of_trs, total, tr_of_words
from brainlake.errors import BrainlakeError

TIMES = np.array([0.0, 2.0, 4.0, 10.0, 12.0])  # two runs


def test_a_word_on_a_border_goes_where_it_is_told():
    onsets = [0.0, 2.0, 3.9, 6.0, 12.0, 14.0]
    assert tr_of_words(onsets, TIMES, 2.0).tolist() == [0, 1, 1, -1, 4, -1]
    assert tr_of_words(onsets, TIMES, 2.0, closed="right").tolist() == [-1, 0, 1, 2, 3, 4]


def test_a_scan_may_begin_a_hundredth_too_early_and_takes_the_words_then():
    starts = [0.0, 0.735, 1.47]  # a TR of .7351 s, rounded
    assert tr_of_words([0.7349, 0.735, 1.4699], starts, 0.7351).tolist() == [0, 1, 1]
    with pytest.raises(BrainlakeError, match="at least"):
        tr_of_words([0.1], [0.0, 0.72], 0.7351)


@given(st.lists(st.floats(-5, 20), min_size=1, max_size=30))
def test_every_word_lies_in_its_tr(onsets):
    for onset, tr in zip(onsets, tr_of_words(onsets, TIMES, 2.0), strict=True):
        if tr >= 0:
            assert TIMES[tr] - 1e-5 <= onset < TIMES[tr] + 2.0 + 1e-5
        else:
            assert not any(start <= onset < start + 2 - 1e-5 for start in TIMES)


def test_total_and_average_against_loops():
    rng = np.random.default_rng(0)
    X, trs = rng.normal(size=(40, 3)), np.sort(rng.integers(-1, 6, 40))
    for k in range(7):
        words = X[trs == k]
        for function, expected in ((total, words.sum(0)), (average, words.mean(0) if len(words) else np.zeros(3))):
            assert function(X, trs, 7)[k] == pytest.approx(expected)


def test_average_keeps_float32():
    X = np.ones((3, 2), np.float32)
    assert average(X, np.array([0, 0, 1]), 2).dtype == np.float32


def test_labels_are_those_of_the_last_word_begun():
    assert labels_of_trs([0.5, 3.0, 5.0], ["a", "a", "b"], [0.0, 2.0, 4.0, 6.0]).tolist() == ["a", "a", "a", "b"]


def test_what_is_out_of_order_is_refused():
    with pytest.raises(BrainlakeError, match="in order"):
        tr_of_words([0.0], [0.0, 1.0], 2.0)
    with pytest.raises(BrainlakeError, match="in order"):
        labels_of_trs([1.0, 0.0], ["a", "b"], [0.0])
    with pytest.raises(BrainlakeError, match="finite seconds"):
        tr_of_words([np.nan], [0.0], 2.0)
    with pytest.raises(BrainlakeError, match="for 3 words"):
        total(np.zeros((2, 2)), np.array([0, 1, 1]), 2)
