"""Reading times of a user's dataset: their units, who is scored, and what cannot be right."""

import polars as pl
import pytest

from brainlake.bank.catalogue import open_bank
from brainlake.errors import BrainlakeError
from brainlake_builder.humans.folder_reading import NESTED, fill_reading_times
from brainlake_builder.humans.folder_table import cast_table
from brainlake_builder.humans.ingest import ingest_frames
from brainlake_builder.humans.templates import template


def times(**columns):
    frame = pl.DataFrame({"stimulus_id": ["a", "b"], "measure": "rt"} | columns, strict=False)
    table = cast_table("reading_times", "reading_times.csv", frame).fill(stimulus_set="b")
    return fill_reading_times(table, {}).frame


def test_every_word_with_a_time_is_scored():
    found = times(value=[300.0, None, None], stimulus_id=["a", "b", "c"], skipped=[False, False, True])
    assert found["scored"].to_list() == [True, False, False]
    assert found["why_not_scored"].to_list() == [None, "no value", "skipped"]
    assert found["unit"].to_list() == ["ms"] * 3
    said = times(value=[300.0, 310.0], scored=[True, False], why_not_scored=[None, "first of its line"])
    assert said["why_not_scored"].to_list() == [None, "first of its line"]


@pytest.mark.parametrize(("part", "whole"), NESTED)
def test_a_time_that_is_longer_than_the_one_that_it_is_a_part_of(part, whole):
    rows = {"stimulus_id": ["a", "b", "a", "b"], "measure": [part, part, whole, whole], "subject": "s1"}
    message = rf"row 2, column value: 250\.0 of {part} is longer than the {whole} .*\(240 ms\).*--accept times"
    with pytest.raises(BrainlakeError, match=message):
        times(**rows, value=[200.0, 250.0, 300.0, 240.0])
    with pytest.raises(BrainlakeError, match=r"\(240 ms\)"):
        times(**rows, value=[200.0, 250.0, 0.3, 0.24], unit=["ms", "ms", "s", "s"])
    assert len(times(**rows, value=[200.0, 240.0, 300.0, 240.0])) == 4
    assert len(times(**rows | {"subject": ["s1", "s2", "s1", "s3"]}, value=[200.0, 250.0, 300.0, 240.0])) == 4
    means = {name: values for name, values in rows.items() if name != "subject"}
    assert len(times(**means, value=[200.0, 250.0, 300.0, 240.0])) == 4


def test_seconds_are_kept_as_milliseconds_with_their_spread():
    found = times(value=[0.3, 0.25], sd=[0.1, 0.05], unit="s")
    assert found.select("value", "sd", "unit").rows() == [(300.0, 100.0, "ms"), (250.0, 50.0, "ms")]


def test_amplitudes_may_be_below_zero_and_probabilities_are_as_they_are():
    assert times(value=[-3.5, 2.0], unit="microvolt")["value"].to_list() == [-3.5, 2.0]
    assert times(value=[0.0, 1.0], unit="probability")["value"].to_list() == [0.0, 1.0]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"value": [300.0, 0.0]}, "row 2, column value: 0.0 is no time above 0"),
        ({"value": [300.0, -5.0]}, "row 2, column value: -5.0 is no time above 0"),
        ({"value": [300.0, 0.0], "unit": "ms"}, "row 2, column value: 0.0 is no time above 0"),
        ({"value": [0.5, 1.5], "unit": "probability"}, "row 2, column value: a probability is not in"),
        ({"value": [300.0, 0.3]}, "row 2, column value: 0.3 is no likely reading time in ms.*--accept times"),
        (
            {"value": [300.0, 310.0], "unit": "s"},
            "row 1, column unit: 's' makes 305000 ms of the median .*--accept times",
        ),
        ({"value": [0.3, 0.32], "unit": "ms"}, "row 1, column unit: 'ms' makes 0.31 ms of the median rt, "),
        ({"value": [300.0, 310.0], "sd": 1.5, "n_subjects": [5, 1]}, "row 2, column sd: is above 0 for one reader"),
        ({"value": [300.0, 0.3], "unit": ["ms", "s"]}, "row 2, column unit: 's', but 'ms' in an earlier row"),
        ({"value": [300.0, 310.0], "subject": ["r1", None]}, "row 2, column subject: the row is a mean over readers"),
        ({"value": [300.0, 310.0], "subject": [None, "r1"]}, "row 2, column subject: the row is of one reader"),
        ({"value": [300.0, 310.0], "skipped": [False, True]}, "row 2, column skipped: is true, but the word has"),
    ],
)
def test_reading_times_that_cannot_be_right(columns, message):
    with pytest.raises(BrainlakeError, match=rf"reading_times\.csv, {message}"):
        times(**columns)


def reading(values, **columns):
    frames = template("reading")
    times = frames["reading_times"].head(len(values)).select("stimulus_id", "measure")
    return frames | {"reading_times": times.with_columns(value=pl.Series(values), **columns)}


def test_a_bank_holds_milliseconds_and_amplitudes_with_their_sign(tmp_path):
    ingest_frames(reading([0.3, 0.31], unit=pl.lit("s"), sd=pl.lit(0.05)), tmp_path / "s")
    assert open_bank(tmp_path / "s").sql("select value, sd, unit from reading_times").rows() == [
        (300.0, 50.0, "ms"),
        (310.0, 50.0, "ms"),
    ]
    ingest_frames(reading([-3.5, 0.0], unit=pl.lit("microvolt")), tmp_path / "uv")
    assert open_bank(tmp_path / "uv").sql("select value from reading_times")["value"].to_list() == [-3.5, 0.0]


@pytest.mark.parametrize(
    ("kind", "change", "message"),
    [
        ("reading", {"value": pl.lit(300.0)}, "row 1, column value: 300.0 is the value of every word of its measure"),
        (
            "reading",
            {"sd": pl.col("sd") / 1000},
            r"row 1, column sd: the median of self_paced_rt is 327.*, .* sd 0\.09",
        ),
        ("eeg", {"value": pl.col("value") * 1e-6}, "row 1, column unit: 'microvolt' makes .* no likely amplitude"),
    ],
)
def test_reading_times_of_another_unit_or_of_none(kind, change, message, tmp_path):
    frames = template(kind)
    wrong = frames | {"reading_times": frames["reading_times"].with_columns(**change)}
    with pytest.raises(BrainlakeError, match=message):
        ingest_frames(wrong, tmp_path)
    ingest_frames(wrong, tmp_path, accept=["constant", "times"])


def test_amplitudes_without_a_unit_are_no_times(tmp_path):
    frames = template("eeg")
    with pytest.raises(BrainlakeError, match=r"is no time above 0.*if it is no time, give the column unit"):
        ingest_frames(frames | {"reading_times": frames["reading_times"].drop("unit")}, tmp_path)


def readers(factor, **columns):
    """Frames of two texts of four words and two readers, their times multiplied by ``factor``."""
    words = [(text, f"{text}{k}") for text in "ab" for k in range(4)]
    frame = pl.DataFrame(
        [(reader, text, word, 300.0 + k) for reader in ("r1", "r2") for k, (text, word) in enumerate(words)],
        schema=["subject", "text", "stimulus_id", "value"],
        orient="row",
    )
    times = frame.with_columns(value=pl.col("value") * factor, measure=pl.lit("rt"), unit=pl.lit("ms")).drop("text")
    facts = {"benchmark": "b", "modality": "reading", "citation": "me", "licence": "CC0", "redistributable": True}
    stimuli = {"stimulus_id": [w for _, w in words], "document_id": [t for t, _ in words], "text": ["word"] * 8}
    return {"benchmarks": facts, "stimuli": stimuli, "reading_times": times.with_columns(**columns)}


@pytest.mark.parametrize(
    ("column", "value", "factor", "part"),
    [("subject", "r2", 0.001, "r2"), ("text", "b", 0.001, "b"), ("subject", "r1", 200, "r1")],
)
def test_one_reader_or_text_in_another_unit(column, value, factor, part, tmp_path):
    frames = readers(pl.when(pl.col(column) == value).then(factor).otherwise(1.0))
    with pytest.raises(BrainlakeError, match=rf"column unit: 'ms' makes .* ms of the median rt of {part}, .*--accept"):
        ingest_frames(frames, tmp_path)
    ingest_frames(frames, tmp_path, accept=["times"])


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"n_subjects": 12}, "row 1, column n_subjects: 12 is of a mean over readers, but the row is of one reader"),
        ({"sd": 20.0}, r"row 1, column sd: 20\.0 is of a mean over readers, but the row is of one reader"),
    ],
)
def test_a_reader_has_no_other_readers(columns, message, tmp_path):
    frames = readers(1.0, **{name: pl.lit(value) for name, value in columns.items()})
    with pytest.raises(BrainlakeError, match=message):
        ingest_frames(frames, tmp_path)


@pytest.mark.parametrize(("code", "unit"), [(-999.0, "microvolt"), (999.0, "microvolt"), (9999.0, "ms")])
def test_codes_of_missing_values(code, unit, tmp_path):
    first = pl.int_range(pl.len()) == 0
    frames = readers(1.0, value=pl.when(first).then(code).otherwise("value"), unit=pl.lit(unit))
    message = rf"reading_times, row 1, column value: {code:g} often stands for a missing value: leave it empty; .*codes"
    with pytest.raises(BrainlakeError, match=message):
        ingest_frames(frames, tmp_path)
    ingest_frames(frames, tmp_path, accept=["codes"])
    ingest_frames(readers(1.0, value=pl.when(first).then(999.0).otherwise("value")), tmp_path / "of 999 ms")
