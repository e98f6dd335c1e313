"""Responses that never vary, or that lie far out of all others."""

import numpy as np
import polars as pl
import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.humans.ingest import ingest_frames
from brainlake_builder.humans.templates import template


def long_and_lists(change):
    """The template's responses, changed, as one row a value and as lists."""
    frames = template("fmri")
    values = frames["responses"].with_columns(value=change)
    lists = values.group_by("subject", "row_id", maintain_order=True).agg(pl.col("value").alias("response"))
    return [frames | {"responses": values}, frames | {"responses": lists}]


IFG2 = (pl.col("subject") == "sub-02") & (pl.col("target_id") == "IFG")


def test_responses_that_never_vary(tmp_path):
    long, lists = long_and_lists(pl.when(IFG2).then(1.5).otherwise("value"))
    with pytest.raises(BrainlakeError, match=r"row 49, column value: responses of sub-02, IFG are all 1\.5.*constant"):
        ingest_frames(long, tmp_path)
    with pytest.raises(BrainlakeError, match=r"row 25, column response: responses of sub-02, target 1 are all 1\.5"):
        ingest_frames(lists, tmp_path)
    for frames in (long, lists):
        ingest_frames(frames, tmp_path, accept=["constant"])


def test_a_response_far_out_of_all_others(tmp_path):
    row = pl.int_range(pl.len()) == 50
    long, lists = long_and_lists(pl.when(row).then(1e9).otherwise("value"))
    message = r"row 51, column value: 1e\+09 is a million times as far out as other responses of sub-02, IFG"
    with pytest.raises(BrainlakeError, match=message):
        ingest_frames(long, tmp_path)
    with pytest.raises(BrainlakeError, match=r"row 26, column response: 1e\+09 is a million times .*--accept codes"):
        ingest_frames(lists, tmp_path)


def test_a_response_that_float32_does_not_hold(tmp_path):
    long, _ = long_and_lists(pl.when(pl.int_range(pl.len()) == 4).then(1e39).otherwise("value"))
    with pytest.raises(BrainlakeError, match=r"row 5, column value: 1e\+39 is too large: no number over 3.4"):
        ingest_frames(long, tmp_path)


def test_a_subject_without_the_repeats_of_another(tmp_path):
    frames = template("fmri")
    again = frames["responses"].with_columns(presentation=pl.lit(0))
    noise = np.random.default_rng(0).normal(size=len(again))
    second = again.with_columns(value=pl.col("value") + pl.Series(noise), presentation=pl.lit(1))
    both = pl.concat([again, second.filter(pl.col("subject") == "sub-01")])
    written = ingest_frames(frames | {"responses": both}, tmp_path)
    (path,) = (tmp_path / file.path for file in written if file.kind == "ceilings")
    repeats = pl.read_parquet(path).filter(pl.col("method").str.contains("presentations"))
    assert repeats["n_subjects"].unique().to_list() == [1]


@pytest.mark.parametrize("offset", [1e9, 2.0**40])
def test_lists_that_float32_cannot_tell_apart(offset, tmp_path):
    _, lists = long_and_lists(offset + pl.int_range(pl.len()) / 10)
    with pytest.raises(BrainlakeError, match=r"column response: responses of sub-01, 1 vary by .*subtract what they"):
        ingest_frames(lists, tmp_path)
