"""Which exchanges there are, and where there are too few."""

import numpy as np

from brainlake.alignment.uncertainty.exchanges import Exchanges, too_few_exchanges
from nulls import scans, series, setting_of


def test_few_orders_are_said_to_be_few_and_none_to_be_none():
    Y = np.random.default_rng(0).standard_normal((19, 2))
    three = setting_of(Y, 99, groups=np.repeat(list("abcde"), [3, 3, 3, 4, 6]))
    assert Exchanges.of(three).smallest_p == 1 / 6
    assert too_few_exchanges(three.recording) is None
    none = setting_of(Y, 99, groups=np.repeat(list("abcd"), [3, 4, 5, 7]))
    assert "no two groups have the same number of stimuli" in too_few_exchanges(none.recording)


def test_a_series_of_few_independent_pieces_has_none():
    rng = np.random.default_rng(0)
    slow, fast = (
        setting_of(series(rho, 200, 20, rng), 9, groups=None, volumes=scans(200)).recording for rho in (0.99, 0.5)
    )
    assert "independent pieces" in too_few_exchanges(slow)
    assert too_few_exchanges(fast) is None
