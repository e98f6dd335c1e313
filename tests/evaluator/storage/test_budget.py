"""Small files that would become gigabytes are refused before a page is decoded; honest ones pass."""

import io
import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brainlake import BrainlakeError, open_bank
from brainlake.bank import manifest
from brainlake.bank.manifest import Manifest
from brainlake.bank.sidecars import read_sidecars
from brainlake.contract.layout import sidecar_path
from brainlake.contract.schema import TABLES
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


def repeated(n):
    """One long string n times, which takes its place once: the test needs no gigabytes either."""
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(n, np.int32)), pa.array([MEGABYTE]))


BOMBS = {
    "a long string in a dictionary": (pa.table({"a": repeated(2500)}), {}),
    "a long string in lists": (pa.table({"a": pa.ListArray.from_arrays(range(0, 2501, 50), repeated(2500))}), {}),
    "shared prefixes": (
        pa.table({"a": [MEGABYTE + str(i) for i in range(150)]}),
        {"use_dictionary": False, "column_encoding": {"a": "DELTA_BYTE_ARRAY"}},
    ),
    "a long run of one number": (pa.table({"a": pa.array(np.zeros(20_000_000, np.float32))}), {}),
    "one compressed page": (
        pa.table({"a": [b"\0" * (150 << 20)]}),
        {"use_dictionary": False, "data_page_size": 1 << 30, "write_statistics": False},
    ),
    "long values of one length": (
        pa.table({"a": pa.array([b"x" * (1 << 20)] * 200, pa.binary(1 << 20))}),
        {"dictionary_pagesize_limit": 1 << 30},
    ),
    "many row groups": (pa.table({"a": repeated(600)}), {"row_group_size": 20}),
    "many columns": (pa.table({f"a{i}": repeated(10) for i in range(40)}), {}),
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


@pytest.mark.parametrize("longest", range(60, 130))
def test_a_page_header_longer_than_what_is_read_first_is_read_on(longest):
    """It holds the smallest and the largest string: wherever the first read cuts it, more is read."""
    check(written(pa.table({"a": ["a" * longest, "b" * longest]})))


def test_activations_pass():
    values = np.random.default_rng(0).standard_normal((2000, 64)).astype(np.float32)
    table = pa.table({"model": ["m"] * 2000, "activation": list(values)})
    sink = io.BytesIO()
    options = {k: v for k, v in ACTIVATIONS.items() if k not in ("use_dictionary", "write_statistics")}
    pq.write_table(table, sink, use_dictionary=["model"], **options)
    check(sink)


def test_scores_whose_words_are_in_every_row_pass():
    """As many as a hundred models on each region of some benchmarks have; each row takes a kilobyte in memory."""
    n, rng = 300_000, np.random.default_rng(0)
    words = {"aggregation": "a" * 90, "ceiling_method": "b" * 140, "ci_method": "c" * 80, "revision": "d" * 64}
    columns = {name: pa.DictionaryArray.from_arrays(np.zeros(n, np.int8), [word]) for name, word in words.items()}
    numbers = rng.standard_normal((2, n)).astype(np.float32)
    sink = written(pa.table(columns | {"score": numbers[0], "normalized": numbers[1]}))
    check_budget(sink, read_footer(sink), len(sink.getvalue()), "scores")
    with pytest.raises(BrainlakeError, match="made to harm"):
        check_budget(sink, read_footer(sink), len(sink.getvalue()), "activations")


def test_a_damaged_page_header_is_one_error():
    sink = written(pa.table({"a": ["x", "y"]}))
    content = bytearray(sink.getvalue())
    content[4] ^= 0xFF
    with pytest.raises(BrainlakeError, match="cannot be followed"):
        check(io.BytesIO(content))


def test_a_table_and_a_manifest_are_refused_by_every_reader(own_bank):
    path = own_bank / "model_properties/bomb.parquet"
    path.parent.mkdir(exist_ok=True)
    schema, columns = TABLES["model_properties"], (["m"] * 2500, ["p"] * 2500, [1.0] * 2500, repeated(2500))
    kinds = [f.with_type(pa.dictionary(pa.int32(), f.type)) if f.name == "source" else f for f in schema]
    table = pa.Table.from_arrays([pa.array(c) for c in columns[:3]] + [columns[3]], schema=pa.schema(kinds))
    pq.write_table(table, path, compression="zstd", store_schema=False)
    facts = {"path": "model_properties/bomb.parquet", "kind": "model_properties", "name": "bomb", "created_at": ""}
    sidecar = own_bank / sidecar_path(facts["path"])
    sidecar.parent.mkdir(exist_ok=True)
    sidecar.write_text(json.dumps(facts | {"format": "2"} | file_facts(path)))
    bank = open_bank(own_bank)
    for use in (lambda: bank.table("model_properties"), lambda: bank.sql("select * from model_properties")):
        with pytest.raises(BrainlakeError, match="made to harm"):
            use()
    assert any("made to harm" in problem.what for problem in bank.verify())


def test_a_manifest_of_more_files_than_it_can_have_hashes(own_bank):
    content = Manifest(read_sidecars(own_bank)[:1] * 10_000).to_parquet()
    assert len(content) < 320_000
    with pytest.raises(BrainlakeError, match=r"lists 10,000 files in [0-9,]+ bytes: made to harm"):
        Manifest.from_parquet(content, "it")


def test_a_manifest_of_more_files_than_fit_into_what_it_may_need(own_bank, monkeypatch):
    content = Manifest(read_sidecars(own_bank)[:1] * 200).to_parquet()
    assert len(Manifest.from_parquet(content, "it").sidecars) == 200
    monkeypatch.setattr(manifest, "_ROW_MEMORY", 1 << 20)
    with pytest.raises(BrainlakeError, match=r"lists 200 files in [0-9,]+ bytes: made to harm"):
        Manifest.from_parquet(content, "it")


def test_a_manifest_is_held_to_it(own_bank):
    sidecar = replace(read_sidecars(own_bank)[0], details=json.dumps({"x": MEGABYTE}))
    content = Manifest([sidecar] * 150).to_parquet()
    assert len(content) < 1 << 20
    with pytest.raises(BrainlakeError, match="made to harm"):
        Manifest.from_parquet(content, "it")
