"""Small files that would become gigabytes are refused before a page is decoded; honest ones pass."""

import io
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brainlake import BrainlakeError, open_bank
from brainlake.bank.manifest import Manifest
from brainlake.bank.sidecars import read_sidecars
from brainlake.contract.layout import sidecar_path
from brainlake.storage.budget import check_budget
from brainlake.storage.footer import read_footer
from brainlake.storage.parquet import ACTIVATIONS, file_facts

MEGABYTE = "x" * (1 << 20)


def written(table, **options):
    sink = io.BytesIO()
    pq.write_table(table, sink, compression=options.pop("compression", "zstd"), **options)
    return sink


def check(sink):
    check_budget(sink, read_footer(sink), len(sink.getvalue()))


BOMBS = {
    "a long string in a dictionary": (pa.table({"a": [MEGABYTE] * 2500}), {}),
    "a long string in lists": (pa.table({"a": [[MEGABYTE] * 50] * 50}), {}),
    "shared prefixes": (
        pa.table({"a": [MEGABYTE + str(i) for i in range(500)]}),
        {"use_dictionary": False, "column_encoding": {"a": "DELTA_BYTE_ARRAY"}},
    ),
    "a long run of one number": (pa.table({"a": pa.array(np.zeros(40_000_000))}), {}),
    "one compressed page": (
        pa.table({"a": [b"\0" * (400 << 20)]}),
        {"use_dictionary": False, "data_page_size": 1 << 30, "write_statistics": False},
    ),
    "many row groups": (pa.table({"a": [MEGABYTE] * 600}), {"row_group_size": 20}),
    "many columns": (pa.table({f"a{i}": [MEGABYTE] * 10 for i in range(40)}), {}),
}


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("name", BOMBS)
def test_what_would_become_gigabytes_is_refused(name, version):
    table, options = BOMBS[name]
    sink = written(table, data_page_version=version, **options)
    assert len(sink.getvalue()) < 1 << 20
    with pytest.raises(BrainlakeError, match="made to harm"):
        check(sink)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.text(max_size=30), min_size=1, max_size=300),
    st.sampled_from(["PLAIN", "DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY", "dictionary"]),
    st.sampled_from(["1.0", "2.0"]),
    st.sampled_from(["zstd", "snappy", "gzip", "none"]),
    st.booleans(),
)
def test_the_pages_of_honest_files_are_followed(texts, encoding, version, compression, nullable):
    options = {} if encoding == "dictionary" else {"use_dictionary": False, "column_encoding": {"a": encoding}}
    schema = pa.schema([pa.field("a", pa.string(), nullable)])
    values = [*texts, None] if nullable else texts
    check(
        written(pa.table({"a": values}, schema=schema), data_page_version=version, compression=compression, **options)
    )


def test_activations_pass():
    values = np.random.default_rng(0).standard_normal((2000, 64)).astype(np.float32)
    table = pa.table({"model": ["m"] * 2000, "activation": list(values)})
    sink = io.BytesIO()
    options = {k: v for k, v in ACTIVATIONS.items() if k not in ("use_dictionary", "write_statistics")}
    pq.write_table(table, sink, use_dictionary=["model"], **options)
    check(sink)


def test_a_damaged_page_header_is_one_error():
    sink = written(pa.table({"a": ["x", "y"]}))
    content = bytearray(sink.getvalue())
    content[4] ^= 0xFF
    with pytest.raises(BrainlakeError, match="cannot be followed"):
        check(io.BytesIO(content))


def test_a_table_and_a_manifest_are_refused_by_every_reader(own_bank):
    path = own_bank / "model_properties/bomb.parquet"
    path.parent.mkdir(exist_ok=True)
    rows = {"model": ["m"] * 2500, "property": ["p"] * 2500, "value": [1.0] * 2500, "source": [MEGABYTE] * 2500}
    from brainlake.contract.schema import TABLES

    pq.write_table(pa.table(rows, schema=TABLES["model_properties"]), path, compression="zstd")
    facts = {"path": "model_properties/bomb.parquet", "kind": "model_properties", "name": "bomb", "created_at": ""}
    sidecar = own_bank / sidecar_path(facts["path"])
    sidecar.parent.mkdir(exist_ok=True)
    sidecar.write_text(json.dumps(facts | {"format": "2"} | file_facts(path)))
    bank = open_bank(own_bank)
    for use in (lambda: bank.table("model_properties"), lambda: bank.sql("select * from model_properties")):
        with pytest.raises(BrainlakeError, match="made to harm"):
            use()
    assert any("made to harm" in problem.what for problem in bank.verify())


def test_a_manifest_is_held_to_it(own_bank):
    from dataclasses import replace

    sidecar = replace(read_sidecars(own_bank)[0], details=json.dumps({"x": MEGABYTE}))
    content = Manifest([sidecar] * 400).to_parquet()
    assert len(content) < 1 << 20
    with pytest.raises(BrainlakeError, match="made to harm"):
        Manifest.from_parquet(content, "it")
