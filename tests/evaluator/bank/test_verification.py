"""Everything that can be wrong with a file is found."""

import json
import os
import shutil

import numpy as np
import pyarrow.parquet as pq
import pytest

from brainlake import open_bank
from brainlake.bank import verification
from brainlake.bank.sidecars import read_sidecars
from brainlake.contract.layout import sidecar_path
from brainlake.storage import parquet
from brainlake.storage.files import sha256_file
from brainlake.storage.parquet import file_facts


def problems(root):
    return {p.path: p.what for p in open_bank(root).verify()}


def reseal(root, path):
    """Make a changed file agree with its sidecar again, as a careless tool would."""
    sidecar = root / sidecar_path(path.relative_to(root).as_posix())
    facts = json.loads(sidecar.read_text())
    sidecar.write_text(json.dumps(facts | file_facts(path)))


def test_a_sound_bank_has_no_problem(toy_bank):
    assert problems(toy_bank) == {}


def test_each_file_is_hashed_once(toy_bank, monkeypatch):
    """The bytes of a large bank are read from its disk for it."""
    hashed = []

    def hash_file(path):
        hashed.append(path)
        return sha256_file(path)

    for module in (verification, parquet):
        monkeypatch.setattr(module, "sha256_file", hash_file)
    assert problems(toy_bank) == {}
    files = {path for path in hashed if path.suffix == ".parquet"}
    assert len(files) == len(read_sidecars(toy_bank)) == sum(path.suffix == ".parquet" for path in hashed)


@pytest.mark.slow
def test_every_flipped_byte_is_found(own_bank):
    rng = np.random.default_rng(1)
    for sidecar in read_sidecars(own_bank):
        path = own_bank / sidecar.path
        raw = path.read_bytes()
        for at in rng.integers(len(raw), size=8 if "BRAINLAKE_FUZZ" in os.environ else 4):
            changed = bytearray(raw)
            changed[at] ^= 1 << rng.integers(8)
            path.write_bytes(changed)
            assert list(problems(own_bank)) == [sidecar.path]
        path.write_bytes(raw)


def test_a_cut_file_and_a_missing_one(own_bank):
    models, stimuli = own_bank / "models/m.parquet", own_bank / "stimuli/toy.parquet"
    models.write_bytes(models.read_bytes()[:-10])
    stimuli.unlink()
    found = problems(own_bank)
    assert "cut or changed" in found["models/m.parquet"]
    assert "missing" in found["sidecars/stimuli/toy.json"]


def test_a_file_without_sidecar_was_not_finished(own_bank):
    (own_bank / "sidecars/models/m.json").unlink()
    assert "not finished" in problems(own_bank)["models/m.parquet"]


def test_nan_permuted_ids_and_other_stimuli(own_bank):
    path = next((own_bank / "surprisal").rglob("*.parquet"))
    table = pq.read_table(path)
    pq.write_table(table.take(list(range(len(table)))[::-1]), path)
    reseal(own_bank, path)
    assert "not those of toy, in order" in problems(own_bank)[path.relative_to(own_bank).as_posix()]
    columns = [np.full(len(table), np.nan) if n == "surprisal" else table.column(n) for n in table.column_names]
    pq.write_table(table.from_arrays(columns, schema=table.schema), path)
    reseal(own_bank, path)
    assert "NaN or infinity" in problems(own_bank)[path.relative_to(own_bank).as_posix()]


def test_another_table_under_this_name(own_bank):
    shutil.copy(own_bank / "models/m.parquet", own_bank / "stimuli/toy.parquet")
    reseal(own_bank, own_bank / "stimuli/toy.parquet")
    assert "is not a table of stimuli" in problems(own_bank)["stimuli/toy.parquet"]


@pytest.mark.parametrize("text", ["{}", "not json", '{"path": "models/other.parquet"}'])
def test_a_broken_sidecar(own_bank, text):
    (own_bank / "sidecars/models/m.json").write_text(text)
    with pytest.raises(Exception, match=r"models.m\.json is not a sidecar"):
        open_bank(own_bank)
