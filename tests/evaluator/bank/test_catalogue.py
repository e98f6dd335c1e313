"""The catalogue: views, layers without a copy, several roots, and what is refused."""

import subprocess
import sys

import numpy as np
import pyarrow.parquet as pq
import pytest

from brainlake import BrainlakeError, UnknownNameError, open_bank
from brainlake.contract.schema import TABLES


def test_every_table_is_a_view_even_without_files(toy_bank):
    bank = open_bank(toy_bank)
    for table, schema in TABLES.items():
        assert bank.sql(f"select * from {table}").columns == schema.names


def test_a_layer_is_what_was_written_and_not_copied(toy_bank, toy_arrays):
    found = open_bank(toy_bank).activations("m", "toy", 2)
    np.testing.assert_array_equal(found.values, toy_arrays[0][2])
    assert found.values.dtype == np.float32
    assert found.values.flags.c_contiguous
    assert not found.values.flags.owndata
    assert found.stimulus_ids == [f"toy.{i}" for i in range(len(found.values))]


def test_sql_sees_the_same_numbers(toy_bank, toy_arrays):
    query = "select layer, avg(list_sum(activation)) as mean from activations group by layer order by layer"
    found = open_bank(toy_bank).sql(query)["mean"].to_numpy()
    np.testing.assert_allclose(found, toy_arrays[0].sum(2).mean(1), rtol=1e-5)


@pytest.mark.parametrize(
    "query",
    [
        "copy models to 'x.csv'",
        "attach 'x.db'",
        "create table t as select 1",
        "select 1; select 2",
        "select * from read_text('/etc/hostname')",
        "select nonsense from models",
        "selec",
        "",
    ],
)
def test_sql_only_reads_the_bank(toy_bank, query, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BrainlakeError):
        open_bank(toy_bank).sql(query)
    assert list(tmp_path.iterdir()) == []


def test_two_roots_are_one_catalogue(toy_bank, tmp_path):
    features, humans = tmp_path / "features", tmp_path / "humans"
    for part, tables in ((features, ("models", "activations", "surprisal")), (humans, None)):
        for path in [*toy_bank.rglob("*.parquet"), *(toy_bank / "sidecars").rglob("*.json")]:
            table = path.relative_to(toy_bank).as_posix().removeprefix("sidecars/").split("/")[0]
            if (tables is None) != (table in ("models", "activations", "surprisal")) and table in TABLES:
                target = part / path.relative_to(toy_bank)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(path.read_bytes())
    bank = open_bank(features, humans)
    assert len(bank.files) == len(open_bank(toy_bank).files)
    assert bank.activations("m", "toy", 0).values.shape[0] == len(bank.stimuli("toy"))


def test_the_same_thing_twice_with_other_content_names_both(toy_bank, own_bank):
    sidecar = own_bank / "sidecars/models/m.json"
    sidecar.write_text(sidecar.read_text().replace('"sha256": "', '"sha256": "0', 1))
    with pytest.raises(BrainlakeError, match=r"both hold models/m.*different content") as error:
        open_bank(toy_bank, own_bank)
    assert str(toy_bank) in str(error.value)
    assert str(own_bank) in str(error.value)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda b: b.activations("x", "toy", 0), "unknown model with activations 'x'; there is: m"),
        (lambda b: b.activations("m", "x", 0), "unknown stimulus set with activations 'x'; there is: toy"),
        (lambda b: b.activations("m", "toy", 9), "unknown layer '9'; there is: 0, 1, 2"),
        (
            lambda b: b.activations("m", "toy", 0, "aw2024"),
            "unknown recipe with activations 'aw2024'; there is: document",
        ),
        (lambda b: b.stimuli("x"), "unknown stimuli 'x'; there is: toy"),
    ],
)
def test_unknown_names_say_what_there_is(toy_bank, call, message):
    with pytest.raises(UnknownNameError, match=message):
        call(open_bank(toy_bank))


def test_a_folder_that_is_no_bank(tmp_path):
    with pytest.raises(BrainlakeError, match="is not a bank"):
        open_bank(tmp_path)
    with pytest.raises(BrainlakeError, match="no such folder"):
        open_bank(tmp_path / "nowhere")


def test_a_flipped_byte_in_a_page_is_an_error_and_not_a_number(own_bank):
    path = next((own_bank / "activations").rglob("*.parquet"))
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 8] ^= 4
    path.write_bytes(raw)
    with pytest.raises(BrainlakeError, match="cannot be read"):
        [open_bank(own_bank).activations("m", "toy", layer) for layer in range(3)]


def test_the_evaluator_loads_no_model_library():
    heavy = "torch transformers datasets matplotlib pandas sklearn"
    code = f"import sys, brainlake; print([m for m in '{heavy}'.split() if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "read",
    [
        lambda bank: bank.table("surprisal"),
        lambda bank: bank.sql("select * from surprisal"),
        lambda bank: bank.sql("from query_table('surprisal')"),
        lambda bank: bank.connection,
    ],
)
def test_a_file_that_changes_while_the_bank_is_open_gives_no_other_numbers(own_bank, read):
    bank = open_bank(own_bank)
    read(bank)
    path = own_bank / bank.feature_files("surprisal", "toy")[0].path
    pq.write_table(pq.read_table(path)[::-1], path)
    with pytest.raises(BrainlakeError, match="open the bank again if it was built anew"):
        read(bank)
