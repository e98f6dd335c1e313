"""Student's t against scipy.stats, which has the same functions behind a second of imports."""

import numpy as np
from scipy import stats

from brainlake.encoding.student import normal_upper_quantile, student_quantile, student_tail

FREEDOM = np.array([0.3, 1, 2.5, 9, 1000, np.inf, np.nan])
T = np.array([0, 0.5, -1, 3, 40, 2, 1])


def test_quantiles_and_tails_are_those_of_scipy():
    for share in (0.5, 0.9, 0.975, 0.9999):
        np.testing.assert_array_equal(student_quantile(share, FREEDOM), stats.t.ppf(share, FREEDOM))
    np.testing.assert_allclose(student_tail(T, FREEDOM), stats.t.sf(T, FREEDOM), rtol=1e-14)
    p = np.array([0, 1e-300, 0.3, 0.5, 1, np.nan])
    np.testing.assert_allclose(normal_upper_quantile(p), stats.norm.isf(p), rtol=1e-14)
