"""Files that were encoded side by side and put together are the bytes that one writer would have written."""

import hashlib
import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brainlake.storage.parquet import ACTIVATIONS
from brainlake_builder.tables.assembly import ParquetAssembly


def layer(k, n, d, seed=0):
    values = np.random.default_rng(seed + k).standard_normal(n * d).astype(np.float32)
    kind = pa.list_(pa.field("element", pa.float32(), nullable=False), d)
    columns = {
        "model": pa.array(["m"] * n),
        "stimulus_set": pa.array(["s"] * n),
        "recipe": pa.array(["document"] * n),
        "layer": pa.array([k] * n, pa.int16()),
        "stimulus_id": pa.array([f"s.{i}" for i in range(n)]),
        "activation": pa.FixedSizeListArray.from_arrays(pa.array(values), type=kind),
    }
    return pa.table(columns)


def written(tables, rows, options):
    sink = io.BytesIO()
    with pq.ParquetWriter(sink, tables[0].schema, **options) as writer:
        for table in tables:
            writer.write_table(table, row_group_size=rows)
    return sink.getvalue()


def assembled(tables, rows, options):
    sink = io.BytesIO()
    assembly = ParquetAssembly(sink)
    for table in tables:
        assembly.append(written([table], rows, options))
    assembly.close()
    assert assembly.sha256.hexdigest() == hashlib.sha256(sink.getvalue()).hexdigest()
    return sink.getvalue()


@settings(max_examples=40, deadline=None)
@given(
    n_layers=st.integers(1, 20),
    n=st.integers(1, 300),
    d=st.sampled_from([1, 7, 64]),
    rows=st.integers(1, 400),
    page=st.sampled_from([256, 1 << 20]),
)
def test_the_same_bytes_as_one_writer(n_layers, n, d, rows, page):
    tables = [layer(k, n, d) for k in range(n_layers)]
    options = ACTIVATIONS | {"data_page_size": page}
    assert assembled(tables, rows, options) == written(tables, rows, options)


@pytest.mark.parametrize(
    "options", [{"write_page_index": False}, {"write_statistics": False}, {"compression": "gzip"}, {"version": "1.0"}]
)
def test_the_same_bytes_however_files_are_written(options):
    tables = [layer(k, 50, 5) for k in range(3)]
    options = ACTIVATIONS | options
    assert assembled(tables, 20, options) == written(tables, 20, options)
