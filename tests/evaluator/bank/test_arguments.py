"""One where several may be given, each once, and nothing that only looks like it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brainlake import BrainlakeError
from brainlake.bank.arguments import flag, impossible, is_text, names, number, numbers, one_of, place, some_names


@given(st.lists(st.text(min_size=1), min_size=1))
def test_names_come_once_in_order(given_names):
    assert names("models", given_names) == tuple(dict.fromkeys(given_names))
    assert names("models", given_names[0]) == (given_names[0],)


@given(st.lists(st.integers(0, 10**6), min_size=1))
def test_numbers_come_once_in_order(layers):
    assert numbers("layers", np.array(layers)) == tuple(dict.fromkeys(layers))
    assert numbers("layers", layers[0]) == (layers[0],)


def test_none_is_all_and_an_empty_list_of_names_is_none_of_them():
    assert names("baselines", None) is None
    assert numbers("layers", None) is None
    assert names("baselines", []) == ()


@pytest.mark.parametrize("value", [True, np.True_, 1.0, "1", None, [1], -1])
def test_what_is_no_number(value):
    with pytest.raises(BrainlakeError, match=r"n_boot=.* is not possible: it is a whole number, 0 or more"):
        number("n_boot", value)


def test_what_was_given_is_shown_in_short():
    assert len(str(impossible("models", [["m"] * 1000], "a name"))) < 110


def test_what_is_shown_in_many_lines_is_shown_in_one():
    assert "\n" not in str(impossible("models", np.zeros((9, 9)), "a name"))


def test_names_of_which_one_is_needed():
    assert some_names("recipes", None) is None
    assert some_names("recipes", "document") == ("document",)
    with pytest.raises(
        BrainlakeError, match=r"recipes=\[\] is not possible: it is a name, or a list of names with one"
    ):
        some_names("recipes", [])


def test_one_of_a_few_words():
    assert one_of("unit", "bits", ("nats", "bits")) == "bits"
    message = r"unit='bit' is not possible: it is one of nats, bits \(did you mean 'bits'\?\)"
    with pytest.raises(BrainlakeError, match=message):
        one_of("unit", "bit", ("nats", "bits"))
    for value in (None, ["bits"], np.zeros((2, 2))):
        with pytest.raises(BrainlakeError, match=r"is not possible: it is one of nats, bits$"):
            one_of("unit", value, ("nats", "bits"))


def test_a_number_may_have_a_largest():
    assert number("n_boot", 9, at_most=9) == 9
    with pytest.raises(BrainlakeError, match="n_boot=10 is not possible: it is a whole number, 9 or less"):
        number("n_boot", 10, at_most=9)


def test_half_a_character_is_no_text():
    assert is_text("é\U0001f600")
    assert not is_text("a\ud800")
    assert not is_text(b"a")


def test_a_flag_is_no_text_and_no_number():
    assert flag("pooled", True) is True
    assert flag("pooled", np.False_) is False
    for value in ("no", "True", 1, 0, None, []):
        with pytest.raises(BrainlakeError, match=r"pooled=.* is not possible: it is True or False"):
            flag("pooled", value)


def test_a_place_is_a_path_below_home_where_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert place("bank", "~/x") == tmp_path / "x"
    assert place("bank", tmp_path) == tmp_path
    for value in (5, None, "", b"x", ["x"], "a\0b", "x" * 5000):
        with pytest.raises(BrainlakeError, match=r"bank=.* is not possible: it is a path"):
            place("bank", value)
