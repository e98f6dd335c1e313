"""Which ceiling belongs to a score."""

import numpy as np
import polars as pl
import pytest

from brainlake.alignment.design.ceilings import matching_ceiling
from brainlake.contract.schema import CEILINGS
from brainlake.encoding.folds import by_stimulus, contiguous, grouped, shuffle_split

FOLDS = {
    "grouped": grouped(np.arange(12)),
    "contiguous": contiguous(12),
    "by_stimulus": by_stimulus(12),
    "shuffled": shuffle_split(12),
}


def ceiling(scored, protocol="grouped", /, **row):
    facts = dict.fromkeys(CEILINGS.names) | {"method": "made up", "scale": "max_r", "value": 0.64} | row
    return matching_ceiling(pl.DataFrame([facts], infer_schema_length=None), protocol, scored, None, False)


@pytest.mark.parametrize("stored", FOLDS)
def test_a_ceiling_of_folds_belongs_to_scores_under_them_alone(stored):
    matched = {name for name, folds in FOLDS.items() if ceiling(folds, folds=stored) is not None}
    assert matched == {stored}


def test_a_ceiling_of_disjoint_folds_belongs_to_all_of_them():
    matched = {name for name, folds in FOLDS.items() if ceiling(folds, folds="disjoint") is not None}
    assert matched == {"grouped", "contiguous", "by_stimulus"}


def test_what_is_a_property_of_the_data_belongs_to_all():
    assert ceiling(None).value == ceiling(FOLDS["shuffled"]).value == 0.64
    assert ceiling(None, folds="grouped") is None


def test_a_ceiling_of_another_protocol_is_none():
    assert ceiling(FOLDS["grouped"], "grouped+folds=5", protocol="grouped") is None


def test_a_reliability_bounds_r_by_its_square_root():
    assert ceiling(None, scale="reliability").value == pytest.approx(0.8)


def test_a_reliability_below_zero_bounds_r_by_zero():
    assert ceiling(None, scale="reliability", value=-0.1).value == 0


def test_a_ceiling_says_how_far_it_is_known():
    assert ceiling(None, ci_low=0.5, ci_high=0.7).method == "made up [0.500, 0.700]"
    assert ceiling(None, scale="reliability", ci_low=-0.1, ci_high=0.81).method == (
        "square root of made up [0.000, 0.900]"
    )
