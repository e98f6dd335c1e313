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

BANK = Path(__file__).parents[2] / "data/bank1"


@pytest.fixture(scope="module")
def table(toy_bank):
    return pq.read_table(toy_bank / "stimuli/toy.parquet")


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
    field = table.schema.field(name)
    values = pa.array([value, *table.column(name).to_pylist()[1:]], field.type)
    return table.set_column(table.column_names.index(name), field, values)


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
def test_what_a_model_is_fed_is_in_the_digest(table, column, value):
    assert stimuli_sha256(with_column(table, column, value)) != stimuli_sha256(table)


@pytest.mark.parametrize(("column", "value"), [("group_id", "x"), ("sentence_id", "x"), ("onset_s", 1.0)])
def test_what_makes_no_feature_stale_is_not(table, column, value):
    assert stimuli_sha256(with_column(table, column, value)) == stimuli_sha256(table)


def test_order_counts_and_where_one_text_ends(table):
    assert stimuli_sha256(table.take([1, 0, *range(2, len(table))])) != stimuli_sha256(table)
    two = table.slice(0, 2)
    texts = [two.set_column(two.column_names.index("text"), "text", pa.array(t)) for t in (["ab", "c"], ["a", "bc"])]
    assert stimuli_sha256(texts[0]) != stimuli_sha256(texts[1])


def test_digests_are_those_of_banks_that_are_there():
    stored = json.loads((BANK / "stimuli/toy.parquet.json").read_text())
    assert stimuli_sha256(pq.read_table(BANK / "stimuli/toy.parquet")) == stored["stimuli_sha256"]
    path = next((BANK / "activations").rglob("*.parquet"))
    table = pq.read_table(path)
    for entry in json.loads(path.with_name(path.name + ".json").read_text())["layers"]:
        rows = table.filter(pc.field("layer") == entry["layer"]).column("activation").to_pylist()
        assert layer_sha256([np.array(rows, np.float32)]) == entry["sha256"]
