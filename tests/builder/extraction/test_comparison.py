"""A check passes at its tolerance and not above; across passes the layer furthest beyond rounding decides."""

import numpy as np
import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.extraction.comparison import across, check, require
from brainlake_builder.extraction.rounding import SAFETY, Rounding


def test_a_check_passes_at_its_tolerance_and_not_above():
    assert check("a", 1, 1, "b")["passed"]
    assert not check("a", 1.001, 1, "b")["passed"]
    assert not check("a", float("nan"), 1, "b")["passed"]


def test_the_layer_furthest_beyond_its_own_rounding_decides():
    right = np.random.default_rng(0).standard_normal((3, 20, 8)).astype(np.float32)
    rounding = Rounding(np.ones((3, 1, 8)), np.array([1.0, 1e-3, 1.0]), 0.0)
    wrong = right.copy()
    wrong[0] += 0.1  # the larger error, on a layer that rounds more
    wrong[1] += 0.01
    found = across("prefix", [(right, right), (wrong, right)], rounding, "a shorter pass")
    assert not found["passed"]
    assert (found["floor"], found["tolerance"]) == (1e-3, SAFETY * 1e-3)
    assert found["comparand"] == "a shorter pass; row 1 of layers"


def test_the_first_that_failed_is_named():
    with pytest.raises(BrainlakeError, match=r"m: self-check b gave 2, more than 1 \(against c\); nothing is written"):
        require([check("a", 0, 0, "x"), check("b", 2, 1, "c")], "m")
    require([check("a", 0, 0, "x")], "m")
