"""Units of work, done in this process."""

from functools import partial

import pytest

from brainlake.engines.unit import Outcome, Unit, in_this_process
from brainlake.errors import BrainlakeError


def refuse(what):
    raise BrainlakeError(f"no {what}")


def test_one_behind_the_other_and_an_error_in_its_place():
    done = []
    units = [Unit("a", partial(done.append, 1)), Unit("b", partial(refuse, "b")), Unit("c", lambda: done[0] + 1)]
    outcomes = in_this_process(units)
    assert next(outcomes) == Outcome(units[0])
    assert done == [1]
    failed, last = outcomes
    with pytest.raises(BrainlakeError, match="no b"):
        failed.taken()
    assert last.taken() == 2


def test_what_is_no_error_of_ours_ends_it():
    with pytest.raises(ZeroDivisionError):
        list(in_this_process([Unit("a", lambda: 1 // 0)]))
