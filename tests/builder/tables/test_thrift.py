"""What is read from Thrift's compact protocol is written again byte for byte, and integers as the protocol says."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brainlake_builder.tables.thrift import BINARY, BYTE, DOUBLE, I64, LIST, STRUCT, TRUE, Sequence, Value
from brainlake_builder.tables.thrift import read_struct as read
from brainlake_builder.tables.thrift import write_struct as write

integers = st.integers(-(2**63), 2**63 - 1)
scalars = st.one_of(
    st.builds(Value, st.just(I64), integers),
    st.builds(Value, st.just(BINARY), st.binary()),
    st.builds(Value, st.just(DOUBLE), st.binary(min_size=8, max_size=8)),
    st.builds(Value, st.just(BYTE), st.integers(0, 255)),
    st.just(Value(TRUE, None)),
    st.builds(Value, st.just(LIST), st.builds(Sequence, st.just(I64), st.lists(integers, max_size=40))),
)
fields = st.integers(1, 2000)
structs = st.recursive(
    st.dictionaries(fields, scalars, max_size=6),
    lambda inner: st.dictionaries(
        fields,
        st.one_of(
            st.builds(Value, st.just(STRUCT), inner),
            st.builds(Value, st.just(LIST), st.builds(Sequence, st.just(STRUCT), st.lists(inner, max_size=20))),
        ),
        max_size=3,
    ),
    max_leaves=10,
)


@given(structs)
def test_what_is_written_is_read_again(struct):
    data = write(struct)
    assert read(b"x" + data, 1) == (struct, 1 + len(data))


def test_numbers_are_zigzag_varints():
    assert write({1: Value(I64, -1), 2: Value(I64, 300)}) == bytes([0x16, 1, 0x16, 0xD8, 0x04, 0])
    assert write({20: Value(I64, 0)}) == bytes([6, 40, 0, 0])


def test_a_footer_of_pyarrow_comes_back_byte_for_byte():
    sink = io.BytesIO()
    pq.write_table(pa.table({"a": [1.5, None], "b": ["x", "y"], "c": [True, False]}), sink)
    content = sink.getvalue()
    length = int.from_bytes(content[-8:-4], "little")
    footer = content[-8 - length : -8]
    struct, end = read(footer)
    assert (write(struct), end) == (footer, length)


def test_a_type_that_no_footer_holds_is_refused():
    with pytest.raises(ValueError, match="kind 11"):
        read(bytes([0x1B, 0]))
