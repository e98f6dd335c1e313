"""Families of tests are adjusted one by one, and named."""

from dataclasses import dataclass

import pytest
from scipy import stats

from brainlake.study.false_discovery import adjusted


@dataclass(frozen=True)
class Row:
    family: str | None
    p_value: float | None
    p_adjusted: float | None = None
    adjusted_over: str | None = None


def test_each_family_is_adjusted_by_itself_and_the_rest_is_left():
    rows = [Row("a", 0.01), Row("b", 0.04), Row("a", 0.03), Row(None, 0.001), Row("a", None), Row("a", 0.5)]
    found = adjusted(rows, lambda row: row.family, lambda rows: f"{rows[0].family} of {len(rows)}")
    expected = stats.false_discovery_control([0.01, 0.03, 0.5])
    assert [found[i].p_adjusted for i in (0, 2, 5)] == pytest.approx(expected.tolist())
    assert {found[i].adjusted_over for i in (0, 2, 5)} == {"a of 3"}
    assert (found[1].p_adjusted, found[1].adjusted_over) == (0.04, "b of 1")
    assert found[3] == rows[3]
    assert found[4] == rows[4]
