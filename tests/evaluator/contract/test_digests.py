"""Digests of content: the same for equal content however it lies in memory, another for any other."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brainlake.contract.digests import layer_sha256, stimuli_sha256
from conftest import stimuli_table

BANK = Path(__file__).parents[2] / "data/bank1"
TEXTS = [f"word {i}" for i in range(12)]


@given(seed=st.integers(0, 1000), cut=st.integers(0, 7))
def test_a_layer_in_parts_and_in_any_memory_order_is_the_same(seed, cut):
    values = np.random.default_rng(seed).standard_normal((7, 3)).astype(np.float32)
    expected = hashlib.sha256(values.astype("<f4").tobytes()).hexdigest()
    assert layer_sha256([values]) == expected
    assert layer_sha256([values[:cut], values[cut:]]) == expected
    assert layer_sha256([np.asfortranarray(values)]) == expected
    assert layer_sha256([values.astype(">f4")]) == expected


def test_one_bit_of_a_layer_is_another():
    values = np.ones((4, 2), np.float32)
    changed = values.copy()
    changed[3, 1] = np.nextafter(np.float32(1), np.float32(2))
    assert layer_sha256([values]) != layer_sha256([changed])
    assert layer_sha256([values]) != layer_sha256([-values])


def with_column(table, name, value):
    at = table.column_names.index(name)
    return table.set_column(
        at, table.schema.field(at), pa.array([value, *table.column(name).to_pylist()[1:]], table.schema.field(at).type)
    )


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("stimulus_id", "x"),
        ("position", 99),
        ("document_id", "x"),
        ("separator", "x"),
        ("context_id", "x"),
        ("text", "é"),
    ],
)
def test_what_a_model_is_fed_is_in_the_digest(column, value):
    table = stimuli_table(TEXTS)
    assert stimuli_sha256(with_column(table, column, value)) != stimuli_sha256(table)


@pytest.mark.parametrize(("column", "value"), [("group_id", "x"), ("sentence_id", "x"), ("onset_s", 1.0)])
def test_what_makes_no_feature_stale_is_not(column, value):
    table = stimuli_table(TEXTS)
    assert stimuli_sha256(with_column(table, column, value)) == stimuli_sha256(table)


def test_order_counts_and_where_one_text_ends():
    table = stimuli_table(TEXTS)
    assert stimuli_sha256(table.take([1, 0, *range(2, 12)])) != stimuli_sha256(table)
    assert stimuli_sha256(stimuli_table(["ab", "c"], groups=1)) != stimuli_sha256(stimuli_table(["a", "bc"], groups=1))


def test_digests_are_those_of_banks_that_are_there():
    stored = json.loads((BANK / "stimuli/toy.parquet.json").read_text())
    assert stimuli_sha256(pq.read_table(BANK / "stimuli/toy.parquet")) == stored["stimuli_sha256"]
    path = next((BANK / "activations").rglob("*.parquet"))
    table = pq.read_table(path)
    for entry in json.loads(path.with_name(path.name + ".json").read_text())["layers"]:
        rows = table.filter(pc.field("layer") == entry["layer"]).column("activation").to_pylist()
        assert layer_sha256([np.array(rows, np.float32)]) == entry["sha256"]
