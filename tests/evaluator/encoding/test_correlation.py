"""Correlations column by column, against SciPy, with and without missing rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import pearsonr

from brainlake.encoding.correlation import pearson, standardised, standardised_where
from brainlake.errors import BrainlakeError


def arrays(n=30, v=4, seed=0):
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((n, v))
    return A, A + rng.standard_normal((n, v)) + 100


@given(seed=st.integers(0, 1000), scale=st.floats(1e-3, 1e3), shift=st.floats(-1e3, 1e3))
def test_it_knows_no_scale_and_no_shift_but_a_sign(seed, scale, shift):
    A, B = arrays(seed=seed)
    expected = [pearsonr(a, b).statistic for a, b in zip(A.T, B.T, strict=True)]
    np.testing.assert_allclose(pearson(A * scale + shift, B), expected, atol=1e-8)
    np.testing.assert_allclose(pearson(B, -A), -pearson(A, B), atol=1e-12)


def test_a_column_that_is_constant_up_to_rounding_has_no_correlation():
    A, B = arrays()
    A[:, 1] = 0.1
    B[:, 2] = 1e6 + np.tile([0.0, 1e-11], 15)
    np.testing.assert_array_equal(np.isnan(pearson(A, B)), [False, True, True, False])


@given(seed=st.integers(0, 1000))
def test_standardised_where_is_standardised_of_what_is_there(seed):
    A, _ = arrays(seed=seed)
    present = np.random.default_rng(seed + 1).random(A.shape) > 0.4
    found = standardised_where(A, present)
    for j in range(A.shape[1]):
        if present[:, j].sum() > 1:
            np.testing.assert_allclose(found[present[:, j], j], standardised(A[present[:, j], j : j + 1])[:, 0])
        assert not found[~present[:, j], j].any()


def test_arrays_that_do_not_belong_together_are_refused():
    A, Y = arrays()
    with pytest.raises(BrainlakeError, match=r"shapes \(30, 4\) and \(30, 3\)"):
        pearson(A, Y[:, :3])
