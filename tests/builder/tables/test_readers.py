"""A bank as it lies on the disk is read alike by every reader of folders, and by load_dataset as on the Hub."""

import duckdb
import numpy as np
import pandas
import polars as pl
import pyarrow.dataset as pads
import pyarrow.parquet as pq
import pytest

FOLDERS = ("activations/m/toy", "surprisal/m/toy", "stimuli", "responses", "reading_times", "models")


def folder(bank, name):
    """Rows of the one file of a folder, as pyarrow reads the file itself."""
    (path,) = (bank / name).glob("*.parquet")
    return pq.ParquetFile(path).read()


def same(found, expected):
    """Equal values, vectors too, whatever types a reader makes of them."""
    assert list(found) == expected.column_names
    for name, column in zip(expected.column_names, expected.columns, strict=True):
        values = [None if v is None or v is pandas.NA or v is pandas.NaT else v for v in found[name]]
        values = [None if isinstance(v, float) and np.isnan(v) else v for v in values]
        wanted = column.to_pylist()
        if isinstance(wanted[0], list):
            assert [list(v) for v in values] == wanted
        else:
            assert values == wanted


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_of_parquet_files_holds_nothing_else(toy_bank, name):
    expected = folder(toy_bank, name)
    where = str(toy_bank / name)
    same(pandas.read_parquet(where).to_dict("list"), expected)
    same(pads.dataset(where, format="parquet").to_table().to_pydict(), expected)
    same(pl.read_parquet(where).to_dict(as_series=False), expected)
    same(duckdb.sql(f"from '{where}/*.parquet'").to_arrow_table().to_pydict(), expected)


@pytest.fixture
def datasets(tmp_path, monkeypatch):
    """The library, with a cache of its own."""
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path)
    return datasets


CONFIGS = {"m.toy.document": "activations/m/toy", "surprisal": "surprisal/m/toy", "reading_times": "reading_times"}


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("streaming", [False, True])
def test_load_dataset_takes_the_folder_and_a_configuration(toy_bank, datasets, config, streaming):
    loaded = datasets.load_dataset(str(toy_bank), config, split="train", streaming=streaming)
    expected = folder(toy_bank, CONFIGS[config])
    rows = list(loaded)
    same({name: [row[name] for row in rows] for name in expected.column_names}, expected)


def test_every_configuration_of_the_card_loads(toy_bank, datasets):
    names = datasets.get_dataset_config_names(str(toy_bank))
    assert {"models", "stimuli", "responses", "manifest", *CONFIGS} <= set(names)
    for name in names:
        assert len(datasets.load_dataset(str(toy_bank), name, split="train")) > 0
