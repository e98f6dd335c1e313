"""Ceilings computed again from a bank."""

import polars as pl
import pytest

from brainlake import UnknownNameError, open_bank
from brainlake_builder.humans.ingest import ingest, ingest_frames
from brainlake_builder.humans.recompute import recompute_ceilings
from brainlake_builder.humans.templates import template


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


def test_they_say_what_they_were_made_from(tmp_path):
    frames = template("fmri")
    ingest_frames(frames, tmp_path)
    made = [("stimuli/my_fmri.parquet",), ("responses/my_fmri.parquet",), ("targets/my_fmri.parquet",)]
    for again in (False, True):
        if again:
            recompute_ceilings(tmp_path, "my_fmri")
        sidecar = open_bank(tmp_path).sidecar("ceilings", "my_fmri")
        assert [(part["path"],) for part in sidecar.made_from] == made
    assert open_bank(tmp_path).verify() == []
    noise = frames["responses"].with_columns(value=pl.col("value").shuffle(0))
    ingest_frames(frames | {"responses": noise}, tmp_path)
    assert open_bank(tmp_path).verify() == []
