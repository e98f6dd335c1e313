"""Names of a bank: a list to look at, a key to complete."""

import pickle

import pytest

from brainlake import UnknownNameError
from brainlake.bank.names import Names

NAMES = Names("model", {"m10", "m9", "k"})


def test_they_are_shown_as_a_list_in_order():
    assert repr(NAMES) == "['k', 'm9', 'm10']"
    assert list(NAMES) == ["k", "m9", "m10"]
    assert (NAMES[0], NAMES[-1], NAMES[1:]) == ("k", "m10", ("m9", "m10"))


def test_a_name_is_found_by_itself():
    assert NAMES["m9"] == "m9"
    assert NAMES._ipython_key_completions_() == ["k", "m9", "m10"]
    with pytest.raises(UnknownNameError, match=r"unknown model 'm99' \(did you mean 'm9'\?\)"):
        NAMES["m99"]


def test_they_travel_between_processes():
    assert pickle.loads(pickle.dumps(NAMES)) == NAMES
