"""Routines in place against numpy, on blocks of larger matrices; and that they give Python's lock back."""

import sys
import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brainlake.encoding import lapack
from brainlake.errors import BrainlakeError

sizes = st.integers(1, 9)
seeds = st.integers(0, 1000)


def inside(rows, columns, seed):
    """A block of a larger matrix: its lines lie apart."""
    return np.random.default_rng(seed).standard_normal((rows + 2, columns + 3))[1 : rows + 1, 2 : columns + 2]


def positive(n, seed):
    A = inside(n, n, seed)
    A[:] = A @ A.T + np.eye(n)
    return A


@settings(deadline=None, max_examples=30)
@given(n=sizes, k=sizes, seed=seeds)
def test_factors_solutions_and_squares_are_those_of_numpy(n, k, seed):
    A, B, C = positive(n, seed), inside(n, k, seed + 1), positive(k, seed + 2)
    L, above = A.copy(), np.triu(np.full((n, n), 7.0), 1)
    L = np.tril(L) + above
    assert lapack.factor(L)
    np.testing.assert_array_equal(np.triu(L, 1), above)
    np.testing.assert_allclose(np.tril(L), np.linalg.cholesky(A), atol=1e-12)
    lower, X, lines = np.tril(L), inside(n, k, 0), inside(k, n, 0)
    X[:], lines[:] = B, B.T
    assert lapack.solve_positive(A.copy(), X)
    np.testing.assert_allclose(A @ X, B, atol=1e-9)
    assert lapack.solve_positive_lines(A.copy(), lines)
    np.testing.assert_allclose(lines, X.T, atol=1e-9)
    for W in (B, B.T.copy().T):
        D = C.copy()
        lapack.subtract_square(D, W)
        np.testing.assert_allclose(np.tril(D), np.tril(C - B.T @ B), atol=1e-12)
    X[:] = B
    lapack.multiply_triangular(L, X)
    np.testing.assert_allclose(X, lower @ B, atol=1e-12)
    for transposed in (False, True):
        for negative in (False, True):
            T = B.T.copy()
            lapack.multiply_by_triangular(T, L, transposed, negative)
            np.testing.assert_allclose(
                T, (-1 if negative else 1) * B.T @ (lower.T if transposed else lower), atol=1e-12
            )
    J = L.copy()
    assert lapack.invert_triangular(J)
    np.testing.assert_allclose(np.tril(J) @ lower, np.eye(n), atol=1e-8)
    lapack.square_triangular(J)
    np.testing.assert_allclose(lapack.mirror(J) @ A, np.eye(n), atol=1e-8)
    np.testing.assert_array_equal(np.triu(L, 1), above)
    for H in (B, np.asfortranarray(B)):
        out = np.full((n, n), np.nan)
        lapack.square(H, out)
        np.testing.assert_allclose(lapack.mirror(out), B @ B.T, atol=1e-12)


@settings(deadline=None, max_examples=30)
@given(n=st.sampled_from([1, 2, 5, 40, 130]), seed=seeds)
def test_decompositions_are_those_of_numpy(n, seed):
    A, B = positive(n, seed), inside(3, n, seed + 1)
    values, vectors = lapack.eigh(A)
    np.testing.assert_allclose(values, np.linalg.eigvalsh(A), rtol=1e-9)
    np.testing.assert_allclose(vectors * values @ vectors.T, A, atol=1e-9 * n)
    shifts = np.array([0.1, 1.0, 50.0])
    found = lapack.Tridiagonal.of(A.copy()).solve(shifts, B)
    for shift, one in zip(shifts, found, strict=True):
        np.testing.assert_allclose(one @ (A + shift * np.eye(n)), B, atol=1e-9 * n)
    np.testing.assert_array_equal(lapack.mirror(np.tril(A)), np.tril(A) + np.tril(A, -1).T)


def test_nothing_is_done_to_nothing():
    none, some = np.empty((0, 0)), np.ones((2, 2))
    assert lapack.factor(none)
    assert lapack.solve_positive(some.copy() + np.eye(2), np.empty((2, 0)))
    assert lapack.solve_positive_lines(some.copy() + np.eye(2), np.empty((0, 2)))
    lapack.multiply_triangular(some, np.empty((2, 0)))
    lapack.multiply_by_triangular(np.empty((0, 2)), some)
    lapack.subtract_square(none, np.empty((3, 0)))
    lapack.square(np.empty((2, 0)), some)
    np.testing.assert_array_equal(some, np.zeros((2, 2)))
    assert lapack.Tridiagonal.of(none).solve(np.ones(2), np.empty((3, 0))).shape == (2, 3, 0)


def test_what_is_not_positive_definite_is_said():
    assert not lapack.factor(np.diag([1.0, -1.0]))
    assert not lapack.solve_positive(np.diag([1.0, -1.0]), np.ones((2, 1)))
    assert not lapack.solve_positive_lines(np.diag([1.0, -1.0]), np.ones((1, 2)))
    assert not lapack.invert_triangular(np.diag([1.0, 0.0]))
    assert lapack.Tridiagonal.of(np.diag([1.0, -1.0])).solve(np.array([2.0, 0.5]), np.ones((1, 2))) is None
    with pytest.raises(BrainlakeError, match="not finite"):
        lapack.eigh(np.full((3, 3), np.nan))


@pytest.mark.parametrize("A", [np.eye(3, dtype=np.float32), np.ones((3, 6))[:, ::2], np.asfortranarray(np.eye(3))])
def test_other_layouts_are_refused_before_memory_is_written(A):
    with pytest.raises(ValueError, match="float64 with the numbers of a line together"):
        lapack.factor(A)


def test_other_threads_run_meanwhile():
    """They get no turn from the wrappers of scipy, which keep the lock: nothing else here would give it away."""
    A, counted, done = positive(700, 0), [0], threading.Event()

    def count():
        while not done.is_set():
            counted[0] += 1
            time.sleep(0)

    interval = sys.getswitchinterval()
    thread = threading.Thread(target=count)
    thread.start()
    try:
        sys.setswitchinterval(100)
        for _ in range(200):  # on a busy machine the other thread may find no processor
            L = A.copy()
            before = counted[0]
            lapack.factor(L)
            meanwhile = counted[0] - before
            if meanwhile:
                break
        assert meanwhile
    finally:
        sys.setswitchinterval(interval)
        done.set()
        thread.join()
