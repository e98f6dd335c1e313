"""What is fitted without a penalty: the constant and nuisance regressors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brainlake.encoding.unpenalised import projection, unpenalised_basis, unpenalised_weights
from brainlake.errors import BrainlakeError

N = 30


def test_nuisance_that_says_the_same_twice_counts_once():
    Z = np.random.default_rng(0).standard_normal((N, 2))
    basis = unpenalised_basis(N, np.column_stack([Z, Z[:, 0] * 3 + 1, np.full(N, 5.0)]))
    D = np.column_stack([np.ones(N), Z])
    assert basis.shape == (N, 3)
    np.testing.assert_allclose(projection(basis), np.eye(N) - D @ np.linalg.pinv(D), atol=1e-9)


@given(seed=st.integers(0, 1000))
@settings(deadline=None)
def test_weights_are_those_of_least_squares_over_the_rows_of_each_target(seed):
    rng = np.random.default_rng(seed)
    basis = unpenalised_basis(N, rng.standard_normal((N, 2)))
    Y, present = rng.standard_normal((N, 4)), rng.random((N, 4)) > 0.3
    present[:, 3] = False
    found = unpenalised_weights(basis, Y, present)
    for j in range(3):
        there = present[:, j]
        np.testing.assert_allclose(found[:, j], np.linalg.lstsq(basis[there], Y[there, j])[0], atol=1e-9)
    assert not found[:, 3].any()


def test_what_leaves_nothing_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(BrainlakeError, match="29 independent nuisance regressors leave nothing of 30 rows"):
        unpenalised_basis(N, rng.standard_normal((N, 40)))
    run = np.zeros((N, 1))
    run[:3] = 1
    basis, present = unpenalised_basis(N, run), np.ones((N, 1), bool)
    present[:3] = False
    with pytest.raises(BrainlakeError, match="does not vary in the training rows that some target has"):
        unpenalised_weights(basis, np.ones((N, 1)), present)
