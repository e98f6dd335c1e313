"""Rows of ceilings, and intervals by drawing whole units."""

import numpy as np
import pytest

from brainlake.contract.schema import CEILINGS
from brainlake_builder.humans.ceiling_rows import ceiling_rows, interval_of_draws, joined, none


def rows(*values):
    shared = {"method": "m", "scale": "max_r", "source": "s"}
    return ceiling_rows("b", len(values), value=list(values), **shared)


def test_rows_are_those_of_the_contract():
    table = rows(0.1, 0.2)
    assert table.schema.equals(CEILINGS)
    assert table.column("value").to_pylist() == [0.1, 0.2]
    assert table.column("benchmark").to_pylist() == ["b", "b"]
    assert table.column("roi").null_count == 2


def test_what_cannot_be_had_is_a_sentence_and_no_row():
    empty = none("why")
    assert (empty.rows.num_rows, empty.why_not) == (0, ("why",))
    both = joined([empty, type(empty)(rows(0.3), ()), none("and why")])
    assert (both.rows.num_rows, both.why_not) == (1, ("why", "and why"))


def test_units_are_drawn_whole():
    units = np.array(list("aabbbc"))
    seen = []
    interval_of_draws(units, lambda drawn: seen.append(drawn) or np.zeros(1), 50)
    for drawn in seen:
        counts = np.bincount(drawn, minlength=6)
        assert len({counts[0], counts[1]}) == len({counts[2], counts[3], counts[4]}) == 1
        assert counts[0] + counts[2] + counts[5] == 3


def test_the_interval_of_a_mean_is_about_two_standard_errors():
    x = np.random.default_rng(0).standard_normal(400)
    (low,), (high,) = interval_of_draws(np.arange(400).astype(str), lambda i: np.array([x[i].mean()]), 2000)
    se = x.std() / 20
    assert low == pytest.approx(x.mean() - 1.96 * se, abs=0.2 * se)
    assert high == pytest.approx(x.mean() + 1.96 * se, abs=0.2 * se)


def test_replicates_without_a_value_are_left_out():
    low, high = interval_of_draws(np.array(list("abc")), lambda i: np.array([np.nan if i[0] == 0 else 1.0, 2.0]), 40)
    np.testing.assert_array_equal((low, high), [[1, 2], [1, 2]])


def test_a_target_without_any_value_has_no_interval_and_no_warning(recwarn):
    low, high = interval_of_draws(np.array(list("abc")), lambda i: np.array([np.nan, 2.0]), 40)
    np.testing.assert_array_equal((low, high), [[np.nan, 2], [np.nan, 2]])
    assert not recwarn.list
