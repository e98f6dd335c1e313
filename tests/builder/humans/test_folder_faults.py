"""The commonest ways in which files are wrong, for every table and column, in CSV, TSV and Parquet alike."""

import datetime

import pandas
import polars as pl
import pytest

from brainlake.bank.catalogue import open_bank
from brainlake.errors import BrainlakeError
from brainlake_builder.humans.columns import COLUMNS
from brainlake_builder.humans.ingest import ingest_folder, ingest_frames

FACTS = {"benchmark": "b", "modality": "fmri", "citation": "me", "licence": "CC0", "redistributable": True}
STIMULI = {
    "stimulus_id": ["a", "b", "c"],
    "document_id": ["d1", "d1", "d2"],
    "text": ["One", "two,", "three"],
    "group_id": ["g1", "g1", "g2"],
    "onset_s": [0.5, 1.0, 2.5],
    "offset_s": [0.8, 1.2, 3.0],
    "sentence_id": ["1", "1", "2"],
    "stimulus_set": ["b"] * 3,
    "separator": ["-", " ", "-"],
    "context_id": ["x", "x", "y"],
    "position": [0, 1, 2],
}
SENTENCES = {
    "benchmarks": FACTS | {"unit": "stimulus", "default_folds": "grouped", "origin": "lab", "stimulus_sets": "b"},
    "stimuli": STIMULI,
    "targets": {
        "target_id": ["IFG", "MFG"],
        "roi": ["frontal", "frontal"],
        "subject": ["s1", "s1"],
        "space": ["MNI", "MNI"],
        "x": [-50.0, -40.0],
        "y": [20.0, 10.0],
        "z": [10.0, 20.5],
        "benchmark": ["b", "b"],
    },
    "responses": {
        "subject": ["s1"] * 6,
        "row_id": ["a", "a", "b", "b", "c", "c"],
        "target_id": ["IFG", "MFG"] * 3,
        "value": [0.5, 1.5, 2.5, 3.5, 4.5, 5.5],
        "presentation": [0] * 6,
        "run": ["1"] * 6,
        "stimulus_set": ["b"] * 6,
        "benchmark": ["b"] * 6,
    },
    "ceilings": {
        "method": ["repeats"],
        "scale": ["max_r"],
        "value": [0.5],
        "source": ["me"],
        "subject": ["s1"],
        "target_id": ["IFG"],
        "roi": ["frontal"],
        "measure": [None],
        "n_subjects": [3],
        "protocol": ["grouped"],
        "folds": ["grouped"],
        "ci_low": [0.4],
        "ci_high": [0.6],
        "benchmark": ["b"],
    },
    "stimulus_features": {
        "stimulus_id": ["a", "b"],
        "name": ["length", "length"],
        "value": [3.5, 4.5],
        "source": ["lab", "lab"],
        "stimulus_set": ["b", "b"],
    },
}
SCANS = {
    "benchmarks": FACTS | {"unit": "tr", "tr_s": 2.0, "response_shift_s": 0.0},
    "stimuli": STIMULI,
    "targets": {"target_id": ["IFG"]},
    "responses": {
        "subject": ["s1", "s1"],
        "row_id": ["t0", "t1"],
        "target_id": ["IFG", "IFG"],
        "value": [0.5, 1.5],
        "run": ["1", "1"],
        "time_s": [0.0, 2.0],
    },
    "nuisance": {
        "subject": ["s1", "s1"],
        "row_id": ["t0", "t1"],
        "name": ["motion", "motion"],
        "value": [0.5, 1.5],
        "run": ["1", "1"],
        "benchmark": ["b", "b"],
    },
}
READING = {
    "benchmarks": FACTS,
    "stimuli": STIMULI,
    "reading_times": {
        "stimulus_id": ["a", "b", "c"],
        "measure": ["rt", "rt", "rt"],
        "value": [300.5, 310.5, 320.5],
        "unit": ["ms"] * 3,
        "sd": [1.5] * 3,
        "n_subjects": [5] * 3,
        "scored": [True] * 3,
        "why_not_scored": [None] * 3,
        "stimulus_set": ["b"] * 3,
        "benchmark": ["b"] * 3,
    },
}
READERS = {
    "benchmarks": FACTS,
    "stimuli": STIMULI,
    "reading_times": {
        "stimulus_id": ["a", "b", "c"],
        "measure": ["rt", "rt", "rt"],
        "value": [300.5, 310.5, None],
        "subject": ["r1", "r1", "r1"],
        "skipped": [False, False, True],
    },
}
TIDY = {
    "benchmarks": FACTS | {"unit": "stimulus"},
    "data": {
        "subject": ["s1", "s1", "s2", "s2"],
        "sentence": ["One", "two", "One", "two"],
        "text": ["d1", "d2", "d1", "d2"],
        "target_id": ["IFG"] * 4,
        "roi": ["frontal"] * 4,
        "value": [1.5, 2.5, 3.5, 4.5],
        "group_id": ["g1", "g2", "g1", "g2"],
        "presentation": [0] * 4,
    },
}
TIDY_READING = {
    "benchmarks": FACTS,
    "data": {
        "subject": ["r1", "r1", "r2", "r2"],
        "text": ["t"] * 4,
        "word": ["One", "two", "One", "two"],
        "position": [0, 1, 0, 1],
        "value": [300.5, None, 320.5, 330.5],
        "measure": ["rt"] * 4,
        "unit": ["ms"] * 4,
        "skipped": [False, True, False, False],
    },
}
TIDY_MEANS = {
    "benchmarks": FACTS,
    "data": {
        "text": ["t"] * 2,
        "word": ["One", "two"],
        "value": [300.5, 310.5],
        "sd": [30.5, 31.5],
        "n_subjects": [9, 8],
    },
}
BASES = (SENTENCES, SCANS, READING, READERS, TIDY, TIDY_READING, TIDY_MEANS)
ELSEWHERE = {("responses", "response"), ("benchmarks", "composite_of"), ("targets", "made_of")}
"""Columns that stand in place of others; they have tests of their own."""

DATE = datetime.datetime(2024, 1, 5)
TEXT_FAULTS = {
    "name": [" s1", "s1 ", "\ts1"],
    "text": [],
    "number": ["high", "1,5", "inf", "2024-01-05", "00:00:01.5"],
    "integer": ["4.7", "many", "1,000", "inf", "Jan-05"],
    "truth": ["maybe", "2", "-1", "1.5", "oui"],
    "names": [],
}
TYPED_FAULTS = {
    "name": [1.5, DATE, True, [1], b"s1"],
    "text": [1.5, DATE, True, [1], datetime.timedelta(seconds=1)],
    "number": [float("inf"), True, DATE, datetime.timedelta(seconds=1), datetime.time(0, 1)],
    "integer": [4.7, float("inf"), True, DATE, datetime.timedelta(seconds=1)],
    "truth": [2, 1.5, DATE, datetime.timedelta(seconds=1), [1]],
    "names": [1, 1.5, DATE, True, [1]],
}


def frames_of(base):
    return {
        table: pl.DataFrame({k: [v] for k, v in columns.items()} if table == "benchmarks" else columns, strict=False)
        for table, columns in base.items()
    }


def column_of(table, name):
    return next(column for column in COLUMNS[table] if column.name == name)


def base_with(table, name):
    return next(base for base in BASES if name in base.get(table, {}))


def every_column():
    return [(table, column.name) for table in COLUMNS for column in COLUMNS[table]]


def with_cell(frame, name, cell):
    """The frame with another first cell, of the cell's own type where that of the column does not hold it."""
    cells = [cell, *frame[name].to_list()[1:]]
    if isinstance(cell, str):
        return frame.with_columns(pl.Series(name, [None if c is None else str(c) for c in cells], pl.String))
    kinds = {type(cell), type(None)}
    return frame.with_columns(pl.Series(name, [c if type(c) in kinds else cell for c in cells], strict=False))


def write(folder, frames, suffix):
    folder.mkdir()
    for table, frame in frames.items():
        path = folder / f"{table}.{suffix}"
        if suffix == "parquet":
            frame.write_parquet(path)
        else:
            frame.write_csv(path, separator="," if suffix == "csv" else "\t")
    return folder


@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet"])
@pytest.mark.parametrize(
    "base", BASES, ids=["sentences", "scans", "reading", "readers", "tidy", "tidy_reading", "tidy_means"]
)
def test_the_bases_of_these_tests_are_right(base, suffix, tmp_path):
    ingest_folder(write(tmp_path / "mine", frames_of(base), suffix), tmp_path / "bank")
    assert open_bank(tmp_path / "bank").verify() == []


def test_every_column_stands_in_a_base():
    absent = {(table, name) for table, name in every_column() if not any(name in base.get(table, {}) for base in BASES)}
    assert absent == ELSEWHERE


CELLS = [
    (t, n, cell) for t, n in every_column() if (t, n) not in ELSEWHERE for cell in TEXT_FAULTS[column_of(t, n).kind]
]
TYPED = [
    (t, n, cell) for t, n in every_column() if (t, n) not in ELSEWHERE for cell in TYPED_FAULTS[column_of(t, n).kind]
]


def usual(table, name):
    return not column_of(table, name).choices


@pytest.mark.parametrize("suffix", ["csv", "tsv"])
@pytest.mark.parametrize(("table", "name", "cell"), [case for case in CELLS if usual(*case[:2])])
def test_cells_of_text_that_are_not_of_their_kind(table, name, cell, suffix, tmp_path):
    if suffix == "tsv" and "\t" in cell:
        cell = "\u00a0s1"
    frames = frames_of(base_with(table, name))
    frames[table] = with_cell(frames[table], name, cell)
    folder = write(tmp_path / "mine", frames, suffix)
    with pytest.raises(BrainlakeError, match=rf"{table}.{suffix}, row 1, column {name}: "):
        ingest_folder(folder, tmp_path / "bank")
    assert not (tmp_path / "bank").exists()


@pytest.mark.parametrize(("table", "name", "cell"), TYPED)
def test_cells_of_parquet_that_are_not_of_their_kind(table, name, cell, tmp_path):
    frames = frames_of(base_with(table, name))
    frames[table] = with_cell(frames[table], name, cell)
    with pytest.raises(BrainlakeError, match=rf"{table}.parquet(, row 1)?, column {name}: "):
        ingest_folder(write(tmp_path / "mine", frames, "parquet"), tmp_path / "bank")


NEVER_EMPTY = [
    case
    for case in every_column()
    if case not in ELSEWHERE and not column_of(*case).gaps and column_of(*case).name != "separator"
]


@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet"])
@pytest.mark.parametrize(("table", "name"), NEVER_EMPTY)
def test_an_empty_cell_where_none_may_be(table, name, suffix, tmp_path):
    frames = frames_of(base_with(table, name))
    frames[table] = frames[table].with_columns(
        pl.Series(name, [None, *frames[table][name].to_list()[1:]], strict=False)
    )
    with pytest.raises(BrainlakeError, match=rf"{table}.{suffix}, row 1, column {name}: is empty"):
        ingest_folder(write(tmp_path / "mine", frames, suffix), tmp_path / "bank")


@pytest.mark.parametrize(("table", "name"), every_column())
def test_values_out_of_range(table, name, tmp_path):
    column = column_of(table, name)
    cells = [] if column.low is None else [column.low - 1]
    cells += [] if column.high is None else [column.high + 1]
    cells += ["nonsense"] if column.choices else []
    for cell in cells:
        frames = frames_of(base_with(table, name))
        frames[table] = with_cell(frames[table], name, str(cell))
        with pytest.raises(BrainlakeError, match=rf"{table}, row 1, column {name}: .* is not "):
            ingest_frames(frames, tmp_path / "bank")


OPTIONAL_NAMES = [
    (table, name)
    for table, name in every_column()
    if (table, name) not in ELSEWHERE
    and (column := column_of(table, name)).kind == "name"
    and not (column.required or column.choices)
]


@pytest.mark.parametrize(("table", "name"), OPTIONAL_NAMES)
def test_a_name_that_may_be_a_missing_value(table, name, tmp_path):
    for cell in ("NA", "nan", "null", "None", "n/a"):
        frames = frames_of(base_with(table, name))
        frames[table] = with_cell(frames[table], name, cell)
        with pytest.raises(BrainlakeError, match=rf"column {name}: '{cell}' is a name or a missing value"):
            ingest_frames(frames, tmp_path / "bank")


@pytest.mark.parametrize(
    ("base", "table", "name", "cell", "stored"),
    [
        (READING, "reading_times", "n_subjects", "5.0", "n_subjects = 5"),
        (READING, "reading_times", "n_subjects", 5.0, "n_subjects = 5"),
        (READING, "reading_times", "scored", "TRUE", "scored"),
        (READING, "reading_times", "scored", "yes", "scored"),
        (READING, "reading_times", "scored", "1", "scored"),
        (READING, "reading_times", "scored", "1.0", "scored"),
        (READING, "reading_times", "scored", 1, "scored"),
        (READING, "reading_times", "sd", "n/a", "sd is null"),
        (READING, "reading_times", "unit", "MS", "value = 300.5"),
        (READING, "reading_times", "value", " 300.5 ", "value = 300.5"),
        (READING, "reading_times", "value", "3.005e2", "value = 300.5"),
    ],
)
def test_other_ways_to_write_the_same(base, table, name, cell, stored, tmp_path):
    frames = frames_of(base)
    frames[table] = with_cell(frames[table], name, cell)
    ingest_frames(frames, tmp_path / "bank")
    assert open_bank(tmp_path / "bank").sql(f"select {stored} from {table} where stimulus_id = 'a'").item() is True


SEEN_BY_NOBODY = {"\0": "0000", "\x93": "0093", "\u00ad": "00AD", "\u200b": "200B", "\ufeff": "FEFF", "\ufffd": "FFFD"}


@pytest.mark.parametrize(("table", "name"), [("stimuli", "text"), ("stimuli", "stimulus_id"), ("responses", "subject")])
@pytest.mark.parametrize("character", SEEN_BY_NOBODY)
def test_characters_that_nobody_sees(table, name, character, tmp_path):
    frames = frames_of(SENTENCES)
    frames[table] = with_cell(frames[table], name, f"a{character}")
    code = SEEN_BY_NOBODY[character]
    with pytest.raises(
        BrainlakeError, match=rf"{table}, row 1, column {name}: holds the character U\+{code} \(.*invisible"
    ):
        ingest_frames(frames, tmp_path)


def test_characters_that_nobody_sees_may_be_meant(tmp_path):
    frames = frames_of(SENTENCES)
    frames["stimuli"] = with_cell(frames["stimuli"], "text", "co\u00adoperate")
    ingest_frames(frames, tmp_path, accept=["invisible"])
    assert open_bank(tmp_path).stimuli("b")["text"][0] == "co\u00adoperate"


TWINS = [
    (SENTENCES, "responses", "subject", "S1"),
    (SENTENCES, "targets", "roi", "FRONTAL"),
    (SENTENCES, "stimuli", "group_id", "G1"),
    (SENTENCES, "stimulus_features", "name", "Length"),
    (READING, "reading_times", "measure", "RT"),
    (TIDY_READING, "data", "subject", "R1"),
]


@pytest.mark.parametrize(("base", "table", "name", "twin"), TWINS)
def test_names_that_differ_only_in_capitals(base, table, name, twin, tmp_path):
    frames = frames_of(base)
    frames[table] = with_cell(frames[table], name, twin)
    with pytest.raises(
        BrainlakeError, match=rf"{table}, row 2, column {name}: .* differs from '{twin}' of an earlier row"
    ):
        ingest_frames(frames, tmp_path)


@pytest.mark.parametrize("code", [-999, 9999.0, -99999])
def test_codes_of_missing_responses(code, tmp_path):
    frames = frames_of(SENTENCES)
    frames["responses"] = with_cell(frames["responses"], "value", float(code))
    rows = {"subject": ["s1"] * 3, "row_id": ["a", "b", "c"], "response": [[0.5, float(code)], [1.5, 2.5], [3.5, 4.5]]}
    for responses, column in ((frames["responses"], "value"), (pl.DataFrame(rows), "response")):
        message = f"responses, row 1, column {column}: {code:g} often stands for a missing value.*--accept codes"
        with pytest.raises(BrainlakeError, match=message):
            ingest_frames(frames | {"responses": responses}, tmp_path)
        ingest_frames(frames | {"responses": responses}, tmp_path, accept=["codes"])


def test_responses_that_float32_cannot_tell_apart(tmp_path):
    offset = SENTENCES["responses"] | {"value": [1e9 + k / 10 for k in range(6)]}
    with pytest.raises(
        BrainlakeError, match=r"responses of s1, IFG vary by 0\.2 and are stored to .*subtract what they"
    ):
        ingest_frames(SENTENCES | {"responses": offset}, tmp_path)
    tenths = SENTENCES["responses"] | {"value": [0.1] * 6}
    ingest_frames(SENTENCES | {"responses": tenths}, tmp_path, accept=["constant"])


def test_a_target_without_a_response_of_anybody(tmp_path):
    targets = {"target_id": ["IFG", "PTL", "MFG"]}
    with pytest.raises(BrainlakeError, match=r"targets, row 2, column target_id: .* has no responses of any subject"):
        ingest_frames(SENTENCES | {"targets": targets}, tmp_path)


@pytest.mark.parametrize("name", ["licence", "citation", "modality"])
def test_facts_of_an_empty_text(name, tmp_path):
    with pytest.raises(BrainlakeError, match=f"benchmarks, row 1, column {name}: is empty"):
        ingest_frames(READING | {"benchmarks": FACTS | {name: ""}}, tmp_path)


def test_what_no_data_frame_holds(tmp_path):
    strange = pandas.DataFrame(SENTENCES["responses"] | {"value": [1 + 2j] * 6})
    with pytest.raises(BrainlakeError, match="responses, column value: is no column: "):
        ingest_frames(SENTENCES | {"responses": strange}, tmp_path)


@pytest.mark.parametrize(("base", "table"), [(SENTENCES, "responses"), (READERS, "reading_times")])
def test_a_table_without_any_value(base, table, tmp_path):
    frames = frames_of(base)
    frames[table] = frames[table].with_columns(value=pl.lit(None, pl.Float64))
    with pytest.raises(BrainlakeError, match=f"{table} has no value in any row: there is nothing to score"):
        ingest_frames(frames, tmp_path)


def test_ids_of_whole_numbers_are_the_same_however_they_are_stored(tmp_path):
    frames = frames_of(READING)
    frames["stimuli"] = frames["stimuli"].with_columns(stimulus_id=pl.Series([1, 2, 3]))
    frames["reading_times"] = frames["reading_times"].with_columns(stimulus_id=pl.Series([1.0, 2.0, 3.0]))
    ingest_frames(frames, tmp_path / "bank")
    frames["reading_times"] = frames["reading_times"].with_columns(stimulus_id=pl.Series(["01", "02", "03"]))
    with pytest.raises(BrainlakeError, match=r"row 1, column stimulus_id: '01' is not a stimulus of its set"):
        ingest_frames(frames, tmp_path / "bank")


@pytest.mark.parametrize(
    ("table", "columns", "message"),
    [
        (
            "targets",
            {"made_of": [None, "PTL"]},
            "row 2, column made_of: 'PTL' is no recorded target of the same subject",
        ),
        ("targets", {"made_of": [None, "MFG"]}, "row 2, column made_of: 'MFG' is no recorded target"),
        ("targets", {"made_of": ["MFG", "IFG"]}, "row 1, column made_of: 'MFG' is no recorded target"),
        ("stimuli", {"offset_s": [0.8, 0.2, 3.0]}, "row 2, column offset_s: comes before onset_s of the same row"),
        ("stimuli", {"group_id": ["g1", "", "g2"]}, "row 2, column group_id: is empty, where other rows are not"),
        ("responses", {"response": [[1.0, 2.0]] * 6}, "has both response and value: remove one"),
    ],
)
def test_frames_that_contradict_themselves(table, columns, message, tmp_path):
    with pytest.raises(BrainlakeError, match=message):
        ingest_frames(SENTENCES | {table: SENTENCES[table] | columns}, tmp_path / "bank")
    assert not (tmp_path / "bank").exists()


def test_regressors_of_a_subject_without_responses(tmp_path):
    strange = SCANS["nuisance"] | {"subject": ["s1", "s9"]}
    with pytest.raises(BrainlakeError, match=r"row 2, column row_id: .* is no row of the responses of this subject"):
        ingest_frames(SCANS | {"nuisance": strange}, tmp_path)


REQUIRED_NAMES = [("responses", "subject"), ("stimuli", "document_id"), ("reading_times", "measure"), ("data", "text")]


@pytest.mark.parametrize(("table", "name"), REQUIRED_NAMES)
def test_a_required_name_that_may_be_a_missing_value(table, name, tmp_path):
    frames = frames_of(base_with(table, name))
    frames[table] = with_cell(frames[table], name, "nan")
    with pytest.raises(BrainlakeError, match=rf"row 1, column {name}: 'nan' is a name or a missing value"):
        ingest_frames(frames, tmp_path)


@pytest.mark.parametrize(
    ("base", "table", "column", "cell", "message"),
    [
        (READING, "reading_times", "n_subjects", "1e30", "'1e30' is not a whole number, or too large for one"),
        (SENTENCES, "responses", "presentation", 2**63, "is not a whole number, or too large for one"),
        (SENTENCES, "responses", "subject", 2.0**60, "is a number too large to be a name"),
        (SCANS, "nuisance", "value", 1e300, r"1e\+300 is too large: no number over 3.4e\+38 is stored"),
        (SENTENCES, "responses", "value", "1e300", r"'1e300' is too large: no number over 3.4e\+38 is stored"),
        (SCANS, "nuisance", "value", -999.0, "-999 often stands for a missing value: leave its scan out"),
        (SENTENCES, "stimulus_features", "value", 9999.0, "9999 often stands for a missing value: leave it empty"),
        (SENTENCES, "benchmarks", "stimulus_sets", "other", "says other, but the stimuli beside it are b"),
    ],
)
def test_numbers_and_names_that_would_be_lost(base, table, column, cell, message, tmp_path):
    cells = [base[table][column]] if table == "benchmarks" else base[table][column]
    other = pl.DataFrame(
        {k: [v] if table == "benchmarks" else v for k, v in base[table].items()}, strict=False
    ).with_columns(pl.Series(column, [cell] * len(cells), strict=True, dtype=pl.UInt64 if cell == 2**63 else None))
    with pytest.raises(BrainlakeError, match=rf"{table}, row 1, column {column}: .*{message}"):
        ingest_frames(base | {table: other}, tmp_path)


def test_a_cell_with_a_list_is_shown_on_one_line(tmp_path):
    responses = {"subject": ["s1"] * 3, "row_id": ["a", "b", "c"], "response": [["0.5", "1.5"]] * 3}
    with pytest.raises(
        BrainlakeError, match=r"column response: \['0.5', '1.5'\] is a list of text where a list of num"
    ):
        ingest_frames(SENTENCES | {"responses": responses}, tmp_path)


def test_frames_that_are_not_read_yet(tmp_path):
    ingest_frames(SENTENCES | {"responses": pl.LazyFrame(SENTENCES["responses"])}, tmp_path)
    assert open_bank(tmp_path).verify() == []
