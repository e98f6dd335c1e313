"""Cross products of rows: against dense matrices, and a group at a time."""

import numpy as np
import pytest

from brainlake import BrainlakeError
from brainlake.encoding.mixed_products import cross_products, together

RNG = np.random.default_rng(0)
PERSON, WORD = RNG.integers(5, size=90), RNG.integers(12, size=90)
X, Y = RNG.normal(size=(90, 2)), RNG.normal(size=90)


def dense(labels):
    return (np.unique(labels, return_inverse=True)[1][:, None] == np.arange(len(np.unique(labels)))).astype(float)


def test_they_are_those_of_dense_matrices():
    (found,), scaling, q = cross_products(X, Y, PERSON, WORD, X[:, 0], np.zeros(90))
    columns = np.column_stack([X, Y])
    A = np.column_stack([np.ones(90), (columns - columns.mean(0)) / columns.std(0)])
    centred = X[:, 0] - X[:, 0].mean()
    own = np.stack([np.ones(90), centred / np.sqrt(np.mean(centred**2))], axis=1)
    Z, W = (dense(PERSON)[:, :, None] * own[:, None]).reshape(90, -1), dense(WORD)
    assert (q, found.n) == (2, 90)
    expected = {"AA": A.T @ A, "ZZ": Z.T @ Z, "ZA": Z.T @ A, "WA": W.T @ A, "WZ": W.T @ Z, "counts": W.sum(0)}
    for name, value in expected.items():
        np.testing.assert_allclose(getattr(found, name), value, atol=1e-10)
    np.testing.assert_allclose(scaling.scale, columns.std(0))


def test_groups_together_are_the_whole():
    groups = WORD // 4
    (whole,), *_ = cross_products(X, Y, PERSON, WORD, None, np.zeros(90))
    parts, *_ = cross_products(X, Y, PERSON, WORD, None, groups)
    assert len(parts) == 3
    both = together(parts)
    for name in ("n", "AA", "ZZ", "ZA", "counts", "WA", "WZ"):
        np.testing.assert_allclose(getattr(both, name), getattr(whole, name), atol=1e-10)


def test_labels_of_another_length_are_refused():
    with pytest.raises(BrainlakeError, match=r"\(3,\) labels for 90 rows"):
        cross_products(X, Y, PERSON[:3], WORD, None, np.zeros(90))
