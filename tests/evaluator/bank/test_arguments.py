"""One where several may be given, each once, and nothing that only looks like it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brainlake import BrainlakeError
from brainlake.bank.arguments import flag, impossible, names, number, numbers, place


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
    for value in (5, None, "", b"x", ["x"]):
        with pytest.raises(BrainlakeError, match=r"bank=.* is not possible: it is a path"):
            place("bank", value)
