"""What is written can be read by everyone, and a failed write leaves everything as it was."""

import resource
import subprocess
import sys

import duckdb
import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest

from brainlake import BrainlakeError, open_bank, parse_recipe
from brainlake_builder.tables import writer

IDS = [f"toy.{i}" for i in range(60)]


@pytest.fixture
def activations(toy_bank):
    return next((toy_bank / "activations").rglob("*.parquet"))


def test_one_row_group_a_layer_split_bytes_and_no_dictionary(activations):
    metadata = pq.ParquetFile(activations).metadata
    assert metadata.num_row_groups == 3
    column = metadata.row_group(0).column(metadata.schema.names.index("element"))
    assert column.compression == "ZSTD"
    assert "BYTE_STREAM_SPLIT" in column.encodings
    assert not column.has_dictionary_page


def test_datasets_duckdb_and_polars_read_the_same_array(activations, toy_arrays, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    import datasets

    X = toy_arrays[0]
    loaded = datasets.load_dataset("parquet", data_files=str(activations), cache_dir=str(tmp_path))["train"]
    assert loaded.features["activation"] == datasets.List(datasets.Value("float32"), length=X.shape[2])
    found = loaded.with_format("numpy")["activation"][:]
    np.testing.assert_array_equal(np.asarray(found), X.reshape(-1, X.shape[2]))
    by_polars = np.stack(pl.read_parquet(activations).filter(layer=1)["activation"].to_list())
    np.testing.assert_array_equal(by_polars, X[1])
    by_sql = duckdb.sql(f"select activation from '{activations}' where layer = 2").fetchall()
    np.testing.assert_array_equal(np.array(by_sql)[:, 0], X[2])


def test_a_layer_larger_than_a_row_group_is_split_and_read_whole(own_bank, monkeypatch):
    monkeypatch.setattr(writer, "ROW_GROUP_BYTES", 17 * 4 * 5)
    X = np.random.default_rng(3).standard_normal((2, 60, 5)).astype(np.float32)
    recipe = parse_recipe("document+pool=mean")
    facts = {"stimuli_sha256": open_bank(own_bank).sidecar("stimuli", "toy").stimuli_sha256}
    writer.write_activations(own_bank, "m", "toy", recipe, IDS, ((k, "b", X[k]) for k in range(2)), **facts)
    bank = open_bank(own_bank)
    np.testing.assert_array_equal(bank.activations("m", "toy", 1, recipe.name).values, X[1])
    assert bank.verify() == []


def test_infinity_is_refused_and_nothing_is_written(own_bank):
    before = sorted(own_bank.rglob("*"))
    X = np.full((60, 5), np.inf, np.float32)
    recipe = parse_recipe("document+pool=mean")
    with pytest.raises(BrainlakeError, match="NaN or infinity"):
        writer.write_activations(own_bank, "m", "toy", recipe, IDS, iter([(0, "b", X)]))
    assert sorted(p for p in own_bank.rglob("*") if p.is_file()) == [p for p in before if p.is_file()]


def test_a_disk_that_fills_up_loses_nothing(own_bank):
    """A limit on the size of files stands for the full disk: the same failing write, seen from here."""
    before = {p: p.read_bytes() for p in own_bank.rglob("*") if p.is_file()}
    code = """
import resource, sys
from pathlib import Path
from brainlake_builder.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
sys.exit(main(["import-surprisal", sys.argv[1], "--model", "other", "--stimuli", "toy", "--bank", sys.argv[2]]))
"""
    assert resource.RLIMIT_FSIZE
    table = own_bank.parent / "words.csv"
    texts = open_bank(own_bank).stimuli("toy")["text"].to_list()
    table.write_text("word,surprisal\n" + "".join(f"{text},{i}.5\n" for i, text in enumerate(texts)))
    done = subprocess.run([sys.executable, "-c", code, table, own_bank], capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert "what was already written is intact" in done.stderr
    assert "Traceback" not in done.stderr
    after = {p: p.read_bytes() for p in own_bank.rglob("*") if p.is_file()}
    assert {p: after[p] for p in before if p.parent != own_bank} == {
        p: b for p, b in before.items() if p.parent != own_bank
    }
    assert [p for p in after if p.suffix == ".tmp"] == []
    assert open_bank(own_bank).verify() == []
