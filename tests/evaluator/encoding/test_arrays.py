"""What passes as an array, and what is refused with its place."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brainlake.encoding.arrays import column_blocks, matrix
from brainlake.errors import BrainlakeError


def test_a_vector_is_one_column_and_whole_numbers_become_float64():
    found = matrix([1, 2, 3], "x")
    assert found.shape == (3, 1)
    assert found.dtype == np.float64


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floats_are_taken_as_they_are_without_a_copy(dtype):
    values = np.ones((4, 2), dtype)
    assert matrix(values, "x") is values


def test_finite_values_whose_sum_is_not_are_accepted():
    values = np.full((4, 2), 1e308)
    np.testing.assert_array_equal(matrix(values, "x"), values)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_the_first_value_that_is_not_finite_is_located(bad):
    values = np.zeros((5, 3))
    values[[2, 4], [1, 0]] = bad
    with pytest.raises(BrainlakeError, match="x: 2 values are not finite, the first at row 2, column 1"):
        matrix(values, "x")


def test_infinities_that_cancel_are_found():
    with pytest.raises(BrainlakeError, match="2 values are not finite"):
        matrix([np.inf, -np.inf, 0.0], "x")


@pytest.mark.parametrize(
    ("values", "rows", "message"),
    [
        (np.ones((3, 2, 2)), None, r"rows x columns, got an array of shape \(3, 2, 2\)"),
        (np.ones((5, 0)), None, r"of shape \(5, 0\)"),
        (5.0, None, r"of shape \(\)"),
        (np.ones((4, 2)), 5, "x: 4 rows where 5 are expected"),
        (np.ones((2, 2)), None, "x: 2 rows; at least 3 are needed"),
    ],
)
def test_shapes_that_are_refused(values, rows, message):
    with pytest.raises(BrainlakeError, match=message):
        matrix(values, "x", rows=rows)


@given(v=st.integers(0, 2000))
def test_blocks_are_every_column_once_in_order(v):
    columns = np.arange(v)
    blocks = [columns[block] for block in column_blocks(v)]
    assert all(0 < len(block) <= 512 for block in blocks)
    np.testing.assert_array_equal(np.concatenate([*blocks, []]), columns)
