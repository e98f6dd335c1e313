"""A folder as a root: what is believed of its files, and when."""

import os

import pyarrow.parquet as pq
import pytest

from brainlake import BrainlakeError
from brainlake.bank.local_root import LocalRoot, open_parquet


def flip(path, at):
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1
    path.write_bytes(raw)


def surprisal(root):
    return next(s for s in root.sidecars if s.kind == "surprisal")


def test_it_knows_where_its_files_are(own_bank, monkeypatch):
    monkeypatch.chdir(own_bank.parent)
    root = LocalRoot(own_bank.relative_to(own_bank.parent))
    sidecar = surprisal(root)
    assert str(root) == own_bank.name
    assert root.location(sidecar) == str(own_bank / sidecar.path)
    assert root.folder() == root.path
    with root.parquet(sidecar) as file:
        assert file.read().equals(pq.read_table(own_bank / sidecar.path))


def test_an_empty_bank_is_one_and_an_empty_folder_is_none(tmp_path):
    with pytest.raises(BrainlakeError, match=r"is not a bank: it has no manifest\.json and no table"):
        LocalRoot(tmp_path)
    (tmp_path / "manifest.json").write_text("{}")
    assert LocalRoot(tmp_path).sidecars == []
    with pytest.raises(BrainlakeError, match="no such folder"):
        LocalRoot(tmp_path / "manifest.json")


def test_a_byte_that_changed_is_found_when_a_file_is_first_used(own_bank):
    root = LocalRoot(own_bank)
    sidecar = surprisal(root)
    flip(own_bank / sidecar.path, 100)
    with pytest.raises(BrainlakeError, match=r"is not the file that its sidecar speaks of \(another sha256\)"):
        root.believe(sidecar)


def test_a_file_is_hashed_once_and_when_it_was_written_to_since(own_bank):
    root = LocalRoot(own_bank)
    sidecar = surprisal(root)
    path = own_bank / sidecar.path
    before = path.stat().st_mtime_ns
    root.believe(sidecar)
    flip(path, 100)
    os.utime(path, ns=(before, before))
    root.believe(sidecar)  # not read again: nothing says that it was written to
    os.utime(path, ns=(before, before + 1))
    with pytest.raises(BrainlakeError, match="open the bank again if it was built anew"):
        root.believe(sidecar)


def test_a_file_that_goes_while_the_bank_is_open_is_an_error(own_bank):
    root = LocalRoot(own_bank)
    sidecar = surprisal(root)
    root.believe(sidecar)
    (own_bank / sidecar.path).unlink()
    with pytest.raises(BrainlakeError, match="cannot be read"):
        root.believe(sidecar)


def test_a_damaged_page_is_an_error_while_it_is_read(own_bank):
    root = LocalRoot(own_bank)
    sidecar = surprisal(root)
    path = own_bank / sidecar.path
    chunk = pq.read_metadata(path).row_group(0).column(4)
    flip(path, chunk.data_page_offset + chunk.total_compressed_size - 1)
    with (
        pytest.raises(BrainlakeError, match=r"cannot be read: .*; run `brainlake verify`"),
        root.parquet(sidecar) as file,
    ):
        file.read()


@pytest.mark.parametrize("what", ["gone", "empty", "folder", "cut"])
def test_what_is_no_parquet_file_is_refused_with_its_path(own_bank, what):
    sidecar = surprisal(LocalRoot(own_bank))
    path = own_bank / sidecar.path
    content = path.read_bytes()
    path.unlink()
    if what == "folder":
        path.mkdir()
    elif what != "gone":
        path.write_bytes(content[: {"empty": 0, "cut": 500}[what]])
    with pytest.raises(BrainlakeError, match=f"{path.name} "), open_parquet(path, sidecar):
        pass
