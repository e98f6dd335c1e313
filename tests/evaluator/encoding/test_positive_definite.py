"""Positive definite systems, against numpy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brainlake.encoding.positive_definite import inverse, solve
from brainlake.errors import BrainlakeError


@settings(deadline=None)
@given(seed=st.integers(0, 1000), m=st.one_of(st.integers(1, 12), st.sampled_from([129, 400])))
def test_inverse_and_solve_are_those_of_numpy(seed, m):
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((m, m + 3))
    G, R = A @ A.T, rng.standard_normal((m, 4))
    np.testing.assert_allclose(inverse(G) @ G, np.eye(m), atol=1e-6)
    np.testing.assert_allclose(G @ solve(G, R), R, atol=1e-6)
    lower = np.asfortranarray(np.tril(G))  # as factorisations leave it: only this triangle is read
    np.testing.assert_allclose(solve(lower, R), solve(G, R), atol=1e-6)


@pytest.mark.parametrize("function", [inverse, lambda G: solve(G, np.ones((3, 1)))])
def test_a_singular_matrix_is_refused(function):
    with pytest.raises(BrainlakeError, match="leaves a nuisance regressor without variation"):
        function(np.zeros((3, 3)))
