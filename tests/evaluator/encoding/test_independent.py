"""Columns that depend on others, or are constant, are left out, and nothing that they spanned is lost."""

import numpy as np
import pytest

from brainlake import BrainlakeError
from brainlake.encoding.independent import independent

X = np.random.default_rng(0).normal(size=(50, 4)) * [1e-6, 1, 1e6, 1] + [0, 0, 0, 300]


def projector(X):
    Q, _ = np.linalg.qr(np.column_stack([np.ones(len(X)), (X - X.mean(0)) / X.std(0)]))
    return Q @ Q.T


def test_what_is_of_its_own_stays_as_it_is():
    np.testing.assert_array_equal(independent(X), X)


def test_constants_and_what_follows_from_others_goes():
    more = np.column_stack([np.full(50, 0.1), X, X[:, 3] - X[:, 1] + 7, np.zeros(50)])
    found = independent(more)
    assert found.shape == (50, 4)
    np.testing.assert_allclose(projector(found), projector(X), atol=1e-8)


def test_nothing_but_constants_leaves_nothing():
    assert independent(np.ones((5, 2))).shape == (5, 0)


def test_what_is_not_finite_is_refused():
    with pytest.raises(BrainlakeError, match="predictors"):
        independent([[1.0], [np.nan]])
