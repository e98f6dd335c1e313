"""The profiled criterion: against determinants and quadratic forms of dense covariances."""

import numpy as np
import pytest

from brainlake import BrainlakeError
from brainlake.encoding.mixed_likelihood import person_factor, profiled, reduced, without_words
from brainlake.encoding.mixed_products import cross_products

RNG = np.random.default_rng(0)
PERSON, WORD = RNG.integers(4, size=60), RNG.integers(9, size=60)
X, Y = RNG.normal(size=(60, 2)), RNG.normal(size=60)
THETA = np.array([0.7, -0.2, 0.4, 0.5])


@pytest.fixture(scope="module")
def dense():
    """Products of the rows, the standardised [1, X, y], and the relative covariance of the rows."""
    (part,), scaling, q = cross_products(X, Y, PERSON, WORD, X[:, 0], np.zeros(60))
    columns = np.column_stack([X, Y])
    A = np.column_stack([np.ones(60), (columns - scaling.mean) / scaling.scale])
    own = np.column_stack([np.ones(60), X[:, 0] - X[:, 0].mean()]) / scaling.of_person
    L = np.array([[0.7, 0.0], [-0.2, 0.4]])
    np.testing.assert_array_equal(person_factor(THETA, q), L)
    same_person, same_word = PERSON[:, None] == PERSON, WORD[:, None] == WORD
    return part, A, np.eye(60) + same_person * (own @ L @ L.T @ own.T) + 0.25 * same_word


def test_eliminating_words_and_people_leaves_the_dense_products(dense):
    part, A, V = dense
    log_det, G = reduced(without_words(part, 0.5), THETA, 2)
    assert log_det == pytest.approx(np.linalg.slogdet(V)[1], abs=1e-9)
    np.testing.assert_allclose(G, A.T @ np.linalg.solve(V, A), atol=1e-9)


def test_profiled_is_generalised_least_squares(dense):
    _, A, V = dense
    G = A.T @ np.linalg.solve(V, A)
    found = profiled(np.linalg.slogdet(V)[1], G, 60)
    fixed, y = A[:, :3], A[:, 3]
    beta = np.linalg.solve(fixed.T @ np.linalg.solve(V, fixed), fixed.T @ np.linalg.solve(V, y))
    r = y - fixed @ beta
    variance = r @ np.linalg.solve(V, r) / 57
    log_dets = np.linalg.slogdet(V)[1] + np.linalg.slogdet(fixed.T @ np.linalg.solve(V, fixed))[1]
    np.testing.assert_allclose(found.beta, beta, atol=1e-10)
    assert found.variance == pytest.approx(variance)
    assert found.criterion == pytest.approx(log_dets + 57 * (1 + np.log(2 * np.pi * variance)))


def test_predictors_that_depend_on_one_another_are_refused():
    with pytest.raises(BrainlakeError, match="depend on one another"):
        profiled(0.0, np.ones((3, 3)), 9)
