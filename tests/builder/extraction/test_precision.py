"""Rounding to fewer bits: the nearest value that they can say, halves to even."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brainlake.contract.recipe import parse_recipe
from brainlake_builder.extraction.precision import round_significand, significand_bits

FLOATS = st.floats(-(2.0**100), 2.0**100, width=32, allow_subnormal=False)


@given(st.lists(FLOATS, min_size=1), st.integers(1, 23))
def test_it_is_the_nearest_value_of_so_many_bits(values, bits):
    values = np.array(values, np.float32)
    mantissa, exponent = np.frexp(values.astype(np.float64))
    expected = np.ldexp(np.rint(mantissa * 2.0 ** (bits + 1)) / 2.0 ** (bits + 1), exponent)
    np.testing.assert_array_equal(round_significand(values, bits), expected.astype(np.float32))


@given(st.lists(FLOATS, min_size=1), st.integers(1, 23))
def test_once_rounded_it_stays(values, bits):
    once = round_significand(np.array(values, np.float32), bits)
    np.testing.assert_array_equal(round_significand(once, bits), once)


@given(st.lists(st.floats(-60000, 60000, width=16, allow_subnormal=False), min_size=1))
def test_nothing_of_a_half_precision_pass_is_lost(values):
    values = np.array(values, np.float16).astype(np.float32)
    np.testing.assert_array_equal(
        round_significand(values, significand_bits(parse_recipe("document+dtype=float16"))), values
    )


@pytest.mark.parametrize(
    ("recipe", "bits"),
    [
        ("document", 23),
        ("document+dtype=bfloat16", 7),
        ("document+dtype=float16", 10),
        ("document+dtype=bfloat16+pool=mean", 12),
        ("document+pool=mean", 23),
    ],
)
def test_bits_are_those_of_the_pass_and_a_mean_has_more(recipe, bits):
    assert significand_bits(parse_recipe(recipe)) == bits
