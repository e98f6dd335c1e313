"""Ceilings computed again from a bank."""

import polars as pl
import pytest

from brainlake import UnknownNameError, open_bank
from brainlake_builder.humans.ingest import ingest
from brainlake_builder.humans.recompute import recompute_ceilings


def test_a_benchmark_that_is_not_there(toy_bank):
    with pytest.raises(UnknownNameError, match="unknown benchmark 'nope'"):
        recompute_ceilings(toy_bank, "nope")


@pytest.mark.mirror
@pytest.mark.parametrize("benchmark", ["alice2016", "futrell2018"])
def test_recomputed_from_the_bank_they_are_those_of_the_reader(tmp_path, benchmark):
    ingest([benchmark], tmp_path)
    before = open_bank(tmp_path).table("ceilings", benchmark=benchmark)
    recompute_ceilings(tmp_path, benchmark)
    assert open_bank(tmp_path).table("ceilings", benchmark=benchmark).equals(before, null_equal=True)


def test_what_was_published_stays_as_it_is(own_bank):
    before = open_bank(own_bank).table("ceilings", benchmark="toy.brain")
    computed = recompute_ceilings(own_bank, "toy.brain")
    after = open_bank(own_bank).table("ceilings", benchmark="toy.brain")
    assert after.filter(pl.col("source") == "here").equals(before, null_equal=True)
    assert any("there is one subject" in why for why in computed.why_not)
    assert open_bank(own_bank).verify() == []
