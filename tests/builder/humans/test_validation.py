"""Human tables that break the contract are refused with table, row and column."""

from dataclasses import replace

import pyarrow as pa
import pytest

from brainlake.contract.schema import TABLES
from brainlake.errors import BrainlakeError
from brainlake_builder.humans.dataset import HumanDataset, HumanTables, table_of
from brainlake_builder.humans.validation import check_tables

IDS = ["a", "b", "c"]
DATASET = HumanDataset(
    benchmark="mine",
    stimulus_sets=("texts",),
    files=(),
    citation="@misc{mine}",
    licence="CC0",
    redistributable=True,
    origin="made up",
    build=lambda _: HumanTables(),
    modality="fmri",
    unit="stimulus",
)


def whole():
    """Tables of every kind that keep the contract, by name; one subject has two targets, the other one."""
    here = {"benchmark": "mine", "stimulus_set": "texts"}
    return {
        "stimuli": table_of(
            "stimuli",
            3,
            stimulus_set="texts",
            stimulus_id=IDS,
            position=range(3),
            document_id=["d", "d", "e"],
            separator="",
            context_id="c",
            text=IDS,
            onset_s=[0.0, 1.0, 2.0],
            offset_s=[0.5, 1.5, None],
        ),
        "stimulus_features": table_of(
            "stimulus_features", 3, stimulus_set="texts", stimulus_id=IDS, name="length", value=1.0, source="me"
        ),
        "responses": table_of(
            "responses",
            3,
            **here,
            subject=["s1", "s1", "s2"],
            row_id=["a", "b", "a"],
            presentation=0,
            time_s=[0.0, 2.0, 0.0],
            response=[[1.0, float("nan")], [2.0, 3.0], [4.0]],
        ),
        "targets": table_of(
            "targets", 3, benchmark="mine", subject=["s1", "s1", "s2"], index=[0, 1, 0], target_id=["x", "y", "x"]
        ),
        "nuisance": table_of(
            "nuisance", 2, benchmark="mine", subject="s1", row_id=["a", "b"], name="motion_x", value=0.5
        ),
        "reading_times": table_of(
            "reading_times",
            2,
            **here,
            stimulus_id=["a", "b"],
            measure="rt",
            unit="ms",
            value=[300.0, None],
            skipped=[False, False],
            scored=[True, False],
            why_not_scored=[None, "no value"],
        ),
        "ceilings": table_of("ceilings", 1, benchmark="mine", method="repeats", scale="max_r", value=0.5, source="me"),
    }


def check(tables, dataset=DATASET, label=None):
    tables = dict(tables)
    stimuli, features = tables.pop("stimuli"), tables.pop("stimulus_features")
    check_tables(dataset, HumanTables({"texts": stimuli}, tables, {("texts", "me"): features}), label)


def changed(table, column, row, value):
    tables = whole()
    rows = tables[table].to_pylist()
    rows[row][column] = value
    lenient = pa.schema([pa.field(c.name, c.type) for c in TABLES[table]])
    content = pa.Table.from_pylist(rows, schema=lenient)
    return tables | {table: content}


@pytest.mark.parametrize("unit", ["stimulus", "tr"])
def test_what_keeps_the_contract_passes(unit):
    check(whole(), replace(DATASET, unit=unit))


@pytest.mark.parametrize(
    ("table", "column", "row", "value", "message"),
    [
        ("stimuli", "stimulus_set", 0, "other", "row 1, column stimulus_set: 'other' is not known"),
        ("stimuli", "position", 2, 3, "row 3, column position: positions are 0, 1, 2"),
        ("stimuli", "text", 1, " \n", "row 2, column text: is empty"),
        ("stimuli", "text", 1, None, "row 2, column text: is empty"),
        ("stimuli", "stimulus_id", 2, "a", "row 3, column stimulus_id: stands in an earlier row already"),
        ("stimuli", "offset_s", 1, 0.9, "row 2, column offset_s: comes before onset_s of the same row"),
        ("stimuli", "onset_s", 1, float("nan"), "row 2, column onset_s: is NaN or infinite"),
        ("stimulus_features", "stimulus_id", 1, "z", "row 2, column stimulus_id: 'z' is not known"),
        ("responses", "benchmark", 0, "yours", "row 1, column benchmark: 'yours' is not known"),
        ("responses", "stimulus_set", 2, "other", "row 3, column stimulus_set: 'other' is not known"),
        ("responses", "subject", 2, "s3", "row 3, column subject: 's3' is not known"),
        ("responses", "row_id", 2, "z", "row 3, column row_id: 'z' is not a stimulus of its set"),
        ("responses", "row_id", 1, "a", "row 2, column subject, stimulus_set, row_id, presentation: stands in an"),
        ("responses", "response", 2, [1.0, 2.0], "row 3, column response: has not one value for every target"),
        ("responses", "response", 2, [float("inf")], "row 3, column response: holds an infinite value"),
        ("targets", "index", 1, 2, "row 2, column index: indices of a subject are 0, 1, 2"),
        ("nuisance", "row_id", 0, "z", "row 1, column row_id: 'z' is not known"),
        ("reading_times", "stimulus_id", 1, "z", "row 2, column stimulus_id: 'z' is not a stimulus of its set"),
        ("reading_times", "value", 0, None, "row 1, column value: is empty, but the word is scored"),
        ("reading_times", "why_not_scored", 1, None, "row 2, column why_not_scored: says why a word is not scored"),
        ("reading_times", "why_not_scored", 0, "odd", "row 1, column why_not_scored: says why a word is not scored"),
        ("ceilings", "scale", 0, "r", "row 1, column scale: 'r' is not known"),
        ("ceilings", "value", 0, 1.1, r"row 1, column value: is not in \[0, 1\]"),
    ],
)
def test_what_breaks_it_is_named(table, column, row, value, message):
    with pytest.raises(BrainlakeError, match=f"^mine: {table}, {message}"):
        check(changed(table, column, row, value))


def test_documents_lie_together():
    tables = changed("stimuli", "document_id", 1, "e")
    rows = tables["stimuli"].to_pylist()
    rows[2]["document_id"] = "d"
    with pytest.raises(BrainlakeError, match="row 3, column document_id: the items of a document lie together"):
        check(tables | {"stimuli": pa.Table.from_pylist(rows, schema=TABLES["stimuli"])})


@pytest.mark.parametrize(
    ("table", "column", "message"),
    [
        ("stimuli", "onset_s", "row 1, column onset_s: is empty, but responses are in TRs"),
        ("responses", "time_s", "row 1, column time_s: is empty, but rows are TRs"),
    ],
)
def test_trs_have_times(table, column, message):
    with pytest.raises(BrainlakeError, match=message):
        check(changed(table, column, 0, None), replace(DATASET, unit="tr"))


def test_rows_that_are_trs_are_no_stimuli():
    tables = changed("responses", "row_id", 2, "tr0")
    check(tables, replace(DATASET, unit="tr"))
    with pytest.raises(BrainlakeError, match="'tr0' is not a stimulus of its set"):
        check(tables)


@pytest.mark.parametrize("absent", ["responses", "targets"])
def test_responses_and_targets_go_together(absent):
    tables = {name: table for name, table in whole().items() if name not in (absent, "nuisance")}
    with pytest.raises(BrainlakeError, match="mine: responses and targets go together"):
        check(tables)


def test_a_table_without_rows_and_one_of_another_shape():
    tables = whole()
    with pytest.raises(BrainlakeError, match="mine: ceilings has no rows"):
        check(tables | {"ceilings": tables["ceilings"].slice(0, 0)})
    with pytest.raises(BrainlakeError, match="mine: ceilings has "):
        check(tables | {"ceilings": tables["ceilings"].drop_columns(["scale"])})


@pytest.mark.parametrize(("fact", "value"), [("unit", "scan"), ("default_folds", "random")])
def test_facts_that_there_are_not(fact, value):
    with pytest.raises(BrainlakeError, match=f"mine: benchmarks, row 1, column {fact}: '{value}' is not one of"):
        check(whole(), replace(DATASET, **{fact: value}))


def test_stimulus_sets_have_to_be_there_but_for_a_composite():
    dataset = replace(DATASET, stimulus_sets=("texts", "absent"))
    with pytest.raises(BrainlakeError, match="mine: there are no stimuli absent"):
        check(whole(), dataset)
    check(whole(), replace(dataset, composite_of=("a", "b")))


def test_a_table_bears_the_name_that_it_is_given():
    with pytest.raises(BrainlakeError, match=r"^ceilings\.csv, row 1, column scale"):
        check(changed("ceilings", "scale", 0, "r"), label=lambda table: f"{table}.csv")
