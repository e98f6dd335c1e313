"""How many replicates are enough."""

import numpy as np
import pytest

from brainlake import BrainlakeError
from brainlake.alignment.design.replicates import MAX_REPLICATES, MIN_REPLICATES, check_replicates


def test_the_smallest_number_has_a_replicate_beyond_each_end():
    replicates = np.arange(MIN_REPLICATES)
    low, high = np.quantile(replicates, [0.025, 0.975])
    assert (replicates < low).sum() == (replicates > high).sum() == 1
    check_replicates(MIN_REPLICATES)
    check_replicates(0)


@pytest.mark.parametrize("n_boot", [1, MIN_REPLICATES - 1])
def test_fewer_are_refused(n_boot):
    with pytest.raises(BrainlakeError, match=f"{n_boot} bootstrap replicates; a 95 % interval needs at least 40"):
        check_replicates(n_boot)


@pytest.mark.parametrize("n_boot", [-1, MAX_REPLICATES + 1, 10**30, 1000.0, True])
def test_what_no_one_means_is_refused_as_an_argument(n_boot):
    with pytest.raises(BrainlakeError, match=r"n_boot=.* is not possible: it is a whole number"):
        check_replicates(n_boot)
