"""The contract is whole: every column says what it means, and keys name columns that are there."""

import pyarrow as pa
import pytest

from brainlake.contract.schema import FEATURE_TABLES, ONE_VALUE, RESULTS, SCORES, TABLES, same_shape


@pytest.mark.parametrize("table", TABLES)
def test_every_column_has_a_meaning_and_a_name_of_its_own(table):
    schema = TABLES[table]
    assert len(set(schema.names)) == len(schema)
    assert all(field.metadata[b"description"] for field in schema)
    assert not any("!" in name for name in schema.names)


@pytest.mark.parametrize("table", TABLES)
def test_what_a_column_refers_to_is_there(table):
    for field in TABLES[table]:
        meaning = field.metadata[b"description"].decode()
        if meaning.startswith("see "):
            other, _, column = meaning.removeprefix("see ").split(";")[0].split(",")[0].partition(".")
            assert (column or field.name) in TABLES[other].names, meaning


def test_the_column_that_names_a_file_may_not_be_null():
    for table, column in ONE_VALUE.items():
        assert not TABLES[table].field(column).nullable
    for table in FEATURE_TABLES:
        assert not any(TABLES[table].field(name).nullable for name in ("model", "stimulus_set", "recipe"))


def test_results_say_which_file_they_stand_in():
    assert all(TABLES[table].names[-2:] == ["file", "author"] for table in RESULTS)


def test_a_table_has_the_shape_of_itself():
    assert all(same_shape(schema, schema) is None for schema in TABLES.values())


def test_a_list_of_fixed_size_is_a_list():
    wanted = pa.schema([("v", pa.list_(pa.float32()))])
    assert same_shape(pa.schema([("v", pa.list_(pa.float32(), 3))]), wanted) is None
    assert "not list" in same_shape(pa.schema([("v", pa.list_(pa.float64(), 3))]), wanted)


def test_what_differs_is_named():
    assert same_shape(SCORES.remove(0), SCORES).startswith("columns ['benchmark'")
    other = SCORES.set(0, pa.field("kind", pa.int8()))
    assert same_shape(other, SCORES) == "column kind is int8, not string"
    moved = pa.schema([SCORES.field(1), SCORES.field(0), *list(SCORES)[2:]])
    assert same_shape(moved, SCORES) is not None
