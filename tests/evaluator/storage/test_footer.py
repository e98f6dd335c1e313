"""Footers are read without pyarrow's columns: it ends the process on some that are damaged."""

import io
from dataclasses import astuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from brainlake.errors import BrainlakeError
from brainlake.storage.footer import FOOTER_BYTES, Thrift, read_footer
from brainlake.storage.parquet import ACTIVATIONS, read_counts


@pytest.fixture(scope="module")
def content():
    """A file as activations are written: nested, statistics, page index, checksums; two row groups."""
    rows = {
        "layer": pa.array([0] * 40 + [1] * 40, pa.int16()),
        "stimulus_id": [f"s.{i}" for i in range(80)],
        "activation": pa.array([[float(i), 1.0, 2.0] for i in range(80)], pa.list_(pa.float32())),
    }
    target = io.BytesIO()
    facts = ACTIVATIONS | {"use_dictionary": ["stimulus_id"], "write_statistics": ["layer", "stimulus_id"]}
    pq.write_table(pa.table(rows), target, row_group_size=40, **facts)
    return target.getvalue()


def test_it_finds_what_pyarrow_finds(content):
    metadata = pq.read_metadata(io.BytesIO(content))
    expected = []
    for group in range(metadata.num_row_groups):
        for column in range(metadata.num_columns):
            facts = metadata.row_group(group).column(column)
            start = facts.dictionary_page_offset if facts.has_dictionary_page else facts.data_page_offset
            end = start + facts.total_compressed_size
            expected.append((start, end, group, column, facts.path_in_schema, facts.num_values))
    found = read_footer(io.BytesIO(content))
    assert [astuple(chunk)[:6] for chunk in found.chunks] == expected
    assert all(chunk.bounds[0] <= chunk.bounds[1] for chunk in found.chunks if chunk.bounds)
    assert found.metadata.equals(metadata)


def test_no_flipped_bit_of_a_footer_ends_the_process(content):
    """Each either is an error or leaves a footer that can be used."""
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    rng = np.random.default_rng(0)
    refused = 0
    for at in rng.integers(footer, len(content), size=2000):
        changed = bytearray(content)
        changed[at] ^= 1 << int(rng.integers(8))
        try:
            read_counts(io.BytesIO(changed), len(changed))
        except BrainlakeError:
            refused += 1
    assert refused > 500


@pytest.mark.parametrize("n", [0, 4, 7, 8, 12, -1, -9])
def test_what_was_cut_has_no_footer(content, n):
    with pytest.raises(BrainlakeError, match=r"does not end like|no footer"):
        read_footer(io.BytesIO(content[:n]))


def test_a_footer_larger_than_any_is_not_parsed():
    content = b"PAR1" + b"\x19" * FOOTER_BYTES + b"\0" + (FOOTER_BYTES + 1).to_bytes(4, "little") + b"PAR1"
    with pytest.raises(BrainlakeError, match=r"has a footer of 2,097,153 bytes: that was made to harm"):
        read_footer(io.BytesIO(content))


def test_an_integer_without_end_costs_nothing(content):
    """Put together byte by byte it would take minutes."""
    endless = b"\x15" + b"\xff" * (1 << 20)
    with pytest.raises(BrainlakeError, match="more than 64 bits"):
        read_footer(io.BytesIO(b"PAR1" + endless + len(endless).to_bytes(4, "little") + b"PAR1"))
    whole = Thrift(b"\xff" * 9 + b"\x01")
    assert whole.varint() == (1 << 64) - 1
    assert whole.at == 10
