"""Files come whole or not at all, take along what was made from the old one, and go without leaving folders."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from brainlake import BrainlakeError, open_bank
from brainlake.bank.sidecars import read_sidecars
from brainlake.contract.layout import sidecar_path
from brainlake.contract.sidecar import Sidecar
from brainlake.storage.files import sha256_file
from brainlake_builder.tables.placing import WRITING, check_one_file, put, remove_files, rewrite

PATH = "stimulus_features/s/x.parquet"
ACTIVATIONS = "activations/m/toy/document-26c1721e.parquet"


def table(value):
    row = {"stimulus_set": "s", "stimulus_id": "s.0", "name": "length", "value": value, "source": "x"}
    return pa.Table.from_pylist([row])


def place(root, value, path=PATH, **facts):
    """Put a file of one row, the name of which is its source."""

    def write(temporary):
        pq.write_table(table(value), temporary)
        return {"details": json.dumps({"value": value})}

    kind, name = path.removesuffix(".parquet").split("/", 1)
    return put(root, path, write, kind=kind, name=name, **facts)


def everything(root):
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_file_and_what_is_said_of_it_come_together(tmp_path):
    sidecar = place(tmp_path, 1.0)
    file = tmp_path / PATH
    assert (sidecar.sha256, sidecar.bytes, sidecar.rows) == (sha256_file(file), file.stat().st_size, 1)
    assert sidecar.details == '{"value": 1.0}'
    assert Sidecar.find(tmp_path, PATH) == sidecar
    assert set(everything(tmp_path)) == {PATH, sidecar_path(PATH)}


def test_a_write_that_fails_leaves_everything_as_it_was(tmp_path):
    place(tmp_path, 1.0)
    before = everything(tmp_path)

    def write(temporary):
        temporary.write_bytes(b"half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        put(tmp_path, PATH, write, kind="stimulus_features", name="s/x")
    assert everything(tmp_path) == before


def test_what_was_made_from_the_old_file_goes_when_another_comes(tmp_path):
    def made_from(sidecar):
        return [{"kind": sidecar.kind, "path": sidecar.path, "sha256": sidecar.sha256}]

    first = place(tmp_path, 1.0)
    second = place(tmp_path, 2.0, "stimulus_features/s/second.parquet", made_from=made_from(first))
    place(tmp_path, 3.0, "stimulus_features/s/third.parquet", made_from=made_from(second))
    place(tmp_path, 4.0, "stimulus_features/s/beside.parquet")
    place(tmp_path, 1.0)
    assert len(read_sidecars(tmp_path)) == 4
    place(tmp_path, 5.0)
    left = {f"stimulus_features/s/{name}.parquet" for name in ("x", "beside")}
    assert {s.path for s in read_sidecars(tmp_path)} == left
    assert set(everything(tmp_path)) == left | set(map(sidecar_path, left))


def test_one_name_of_a_recipe_is_one_file(own_bank):
    other = ACTIVATIONS.replace("26c1721e", "00000000")
    with pytest.raises(BrainlakeError, match=rf"has {ACTIVATIONS}, made in another way .*remove file {ACTIVATIONS}"):
        check_one_file(own_bank, other)
    check_one_file(own_bank, ACTIVATIONS)
    check_one_file(own_bank, other.replace("document", "document+pool=mean"))
    check_one_file(own_bank, "stimuli/other.parquet")
    before = everything(own_bank)
    with pytest.raises(BrainlakeError, match="remove it first"):
        put(own_bank, other, lambda _: pytest.fail("written"), kind="activations")
    assert everything(own_bank) == before


def test_nothing_is_left_of_what_is_removed(tmp_path):
    place(tmp_path, 1.0)
    place(tmp_path, 2.0, "stimulus_features/other/x.parquet")
    remove_files(tmp_path, [PATH])
    assert not (tmp_path / PATH).parent.exists()
    assert [s.path for s in read_sidecars(tmp_path)] == ["stimulus_features/other/x.parquet"]
    remove_files(tmp_path, [PATH, "stimulus_features/other/x.parquet"])
    assert list(tmp_path.iterdir()) == []


def test_a_removal_that_dies_leaves_no_sidecar_without_its_file(tmp_path, monkeypatch):
    place(tmp_path, 1.0)
    real = Path.unlink

    def unlink(path, **more):
        if path == tmp_path / PATH:
            raise KeyboardInterrupt
        real(path, **more)

    monkeypatch.setattr(Path, "unlink", unlink)
    with pytest.raises(KeyboardInterrupt):
        remove_files(tmp_path, [PATH])
    assert set(everything(tmp_path)) == {PATH}


def renamed(rows):
    column = pa.array(["n"] * len(rows), rows.schema.field("model").type)
    return rows.set_column(rows.schema.get_field_index("model"), rows.schema.field("model"), column)


def test_a_file_written_again_keeps_its_row_groups_and_values(own_bank, toy_arrays):
    old = next(s for s in read_sidecars(own_bank) if s.path == ACTIVATIONS)
    path = ACTIVATIONS.replace("/m/", "/n/")
    new = rewrite(own_bank, old, renamed, path, model="n")
    one, other = (pq.ParquetFile(own_bank / p) for p in (ACTIVATIONS, path))
    assert one.metadata.num_row_groups == other.metadata.num_row_groups == len(toy_arrays[0])
    assert other.schema_arrow.equals(one.schema_arrow)
    assert other.read(["activation"]).equals(one.read(["activation"]))
    assert other.read(["model"])["model"].unique().to_pylist() == ["n"]
    assert (new.model, new.layers, new.checks) == ("n", old.layers, old.checks)
    assert new.sha256 == sha256_file(own_bank / path) != old.sha256
    assert (own_bank / ACTIVATIONS).exists()


def test_a_file_written_again_in_its_place(own_bank):
    old = open_bank(own_bank).sidecar("stimuli", "toy")
    new = rewrite(own_bank, old, lambda rows: rows, old.path, licence="CC0")
    assert (new.licence, new.rows, new.stimuli_sha256) == ("CC0", old.rows, old.stimuli_sha256)
    assert Sidecar.find(own_bank, old.path) == new


def test_every_table_is_written_with_checksums_of_its_pages():
    assert all(options["write_page_checksum"] and options["compression"] == "zstd" for options in WRITING.values())
