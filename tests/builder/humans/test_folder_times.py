"""Words and scans that cannot be on one clock, with the two numbers that disagree, and what may be said to be meant."""

from contextlib import nullcontext

import polars as pl
import pytest

from brainlake.bank.catalogue import open_bank
from brainlake.errors import BrainlakeError
from brainlake_builder.humans.ingest import ingest_frames
from brainlake_builder.humans.templates import template


def changed(table, column, change):
    frames = template("story")
    values = [change(k, value) for k, value in enumerate(frames[table][column].to_list())]
    return frames | {table: frames[table].with_columns(pl.Series(column, values, strict=False))}


N = template("story")["stimuli"].height


@pytest.mark.parametrize(
    ("table", "column", "change", "message"),
    [
        ("stimuli", "onset_s", lambda k, s: s if k < N // 2 else s - 40.5, r"0 s comes after 40 s: onsets are on one"),
        ("stimuli", "onset_s", lambda k, s: s * 1000, r"lies in no scan: they cover 0 to 82 s, and 16\d of 162"),
        ("stimuli", "onset_s", lambda k, s: s + 100, r"row 1, column onset_s: 100 s lies in no scan"),
        ("stimuli", "onset_s", lambda k, s: min(s, 20.0), r"of the 2\d scans of run '2', .*, have no words"),
        (
            "responses",
            "time_s",
            lambda k, s: s if k != 3 else s + 0.5,
            r"row 4, column time_s: 2.5, but 2.0 in an earl",
        ),
        ("responses", "run", lambda k, r: r if k != 3 else "9", r"row 4, column run: '9', but '1' in an earlier row"),
        (
            "benchmarks",
            "tr_s",
            lambda k, s: 1.9,
            r"column time_s: scans of run '1' start 2 s apart, but tr_s is 1\.9 s",
        ),
        ("responses", "time_s", lambda k, s: s * 1000, r"scans of run '1' start 2000 s apart, but tr_s is 2 s"),
        ("responses", "time_s", lambda k, s: s / 2, r"starts at 1.0 s and scan000 at 0.0 s, less than tr_s = 2.0 s"),
        ("benchmarks", "tr_s", lambda k, s: 2000.0, r"column tr_s: 2000.0 is not 0.01 to 60 s"),
    ],
)
def test_times_that_cannot_be_right(table, column, change, message, tmp_path):
    with pytest.raises(BrainlakeError, match=message):
        ingest_frames(changed(table, column, change), tmp_path / "bank")
    assert not (tmp_path / "bank").exists()


def test_the_scans_of_a_run_follow_each_other(tmp_path):
    frames = template("story")
    again = frames["responses"].with_columns(run=pl.col("time_s").rank("dense").mod(2).cast(pl.String))
    with pytest.raises(
        BrainlakeError, match=r"column run: scan scan002 at 4.0 s is of run '.*' again, after scans of an"
    ):
        ingest_frames(frames | {"responses": again}, tmp_path / "bank")


def test_a_word_between_scans_is_told_where_they_are_not(tmp_path):
    frames = template("story")
    gap = frames["responses"].filter(pl.col("row_id") != "scan003")
    with pytest.raises(BrainlakeError, match=r"6.5 s lies in no scan: they cover 0 to 82 s, but for 6 to 8 s"):
        ingest_frames(frames | {"responses": gap}, tmp_path / "bank")


def test_shifted_responses_of_scans_are_refused(tmp_path):
    frames = template("story")
    frames["benchmarks"] = frames["benchmarks"].with_columns(response_shift_s=4.0)
    with pytest.raises(BrainlakeError, match=r"were shifted by 4.0 s, and delays would shift them again"):
        ingest_frames(frames, tmp_path / "bank")


@pytest.mark.parametrize(
    ("accept", "change"),
    [("outside", lambda k, s: s + (60 if k > N - 5 else 0)), ("silence", lambda k, s: min(s, 20.0))],
)
def test_what_is_meant_can_be_said(accept, change, tmp_path):
    frames = changed("stimuli", "onset_s", change)
    with pytest.raises(BrainlakeError, match=f"say so with --accept {accept}"):
        ingest_frames(frames, tmp_path / "bank")
    (row,) = [s for s in ingest_frames(frames, tmp_path / "bank", [accept]) if s.kind == "benchmarks"]
    assert "accepted as meant" in row.details
    assert open_bank(tmp_path / "bank").verify() == []


def test_spaces_around_a_text(tmp_path):
    frames = template("reading")
    frames["stimuli"] = frames["stimuli"].with_columns(text=pl.col("text") + " ")
    with pytest.raises(BrainlakeError, match=r"row 1, column text: .* has white space around it.*--accept spaces"):
        ingest_frames(frames, tmp_path / "bank")
    ingest_frames(frames, tmp_path / "bank", ["spaces"])
    assert open_bank(tmp_path / "bank").stimuli("my_reading")["text"][0] == "The "


@pytest.mark.parametrize(
    ("end", "message"),
    [
        (
            pl.col("onset_s") * 1000 + 400,
            "row 1, column offset_s: 400.0 s lies beyond the onset of the next item",
        ),
        (pl.lit(0.4), "row 2, column offset_s: comes before onset_s of the same row: it is the end, no duration"),
    ],
)
def test_ends_of_words_that_cannot_be_right(end, message, tmp_path):
    frames = template("story")
    with pytest.raises(BrainlakeError, match=message):
        ingest_frames(frames | {"stimuli": frames["stimuli"].with_columns(offset_s=end)}, tmp_path)


def test_onsets_that_go_backwards_in_a_document_where_rows_are_no_scans(tmp_path):
    frames = template("ecog")
    onsets = pl.int_range(pl.len()).over("document_id") * 0.5
    ingest_frames(frames | {"stimuli": frames["stimuli"].with_columns(onset_s=onsets)}, tmp_path / "a")
    with pytest.raises(BrainlakeError, match=r"row 2, column onset_s: -0\.5 s comes after -?0 s"):
        ingest_frames(frames | {"stimuli": frames["stimuli"].with_columns(onset_s=-onsets)}, tmp_path / "b")


@pytest.mark.parametrize(("early", "message"), [(0.015, None), (0.025, r"= 2.0 s apart \(they may be 1% early\)")])
def test_times_of_scans_may_be_rounded(early, message, tmp_path):
    frames = changed("responses", "time_s", lambda k, s: s - early * (s % 6 == 2.0))
    with nullcontext() if message is None else pytest.raises(BrainlakeError, match=message):
        ingest_frames(frames, tmp_path)


def test_seconds_of_float32_are_those_that_were_written(tmp_path):
    frames = template("story")
    facts = frames["benchmarks"].with_columns(tr_s=pl.lit(2.2))
    stimuli, responses = (
        frames[table].with_columns((pl.col(name) * 1.1).round(2).cast(pl.Float32))
        for table, name in (("stimuli", "onset_s"), ("responses", "time_s"))
    )
    ends = [name for name in ("offset_s",) if name in stimuli.columns]
    ingest_frames(
        frames | {"benchmarks": facts, "stimuli": stimuli.drop(ends), "responses": responses}, tmp_path / "bank"
    )
    times = open_bank(tmp_path / "bank").sql("select distinct time_s from responses order by 1")["time_s"].to_list()
    assert times == [round(2.2 * k, 2) for k in range(len(times))]
