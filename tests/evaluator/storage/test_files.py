"""Paths that no file of a bank can have."""

import errno
import os
import subprocess
import sys

import pytest

from brainlake import BrainlakeError
from brainlake.storage import files
from brainlake.storage.files import atomic_path, write_text


def test_a_path_that_is_not_utf8_is_refused_before_anything_is_made(tmp_path):
    folder = tmp_path / os.fsdecode(b"bad\xff")
    with pytest.raises(BrainlakeError, match="is not UTF-8"):
        write_text(folder / "a.txt", "x")
    assert not folder.exists()


def test_what_a_killed_writer_left_is_removed_by_the_next_and_what_a_living_one_writes_is_not(tmp_path):
    code = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom brainlake.storage.files import atomic_path\n"
        "with atomic_path(Path(sys.argv[1])) as temporary:\n"
        "    temporary.write_text('half')\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "a.b.json")], check=False)
    (left,) = tmp_path.iterdir()
    living = tmp_path / left.name.replace(left.suffixes[-2], f".{os.getppid()}")
    living.write_text("half")
    write_text(tmp_path / "a.b.json", "whole")
    assert {path.name for path in tmp_path.iterdir()} == {"a.b.json", living.name}
    assert (tmp_path / "a.b.json").read_text() == "whole"


def test_files_that_speak_of_each_other_take_their_places_only_when_all_are_written(tmp_path, monkeypatch):
    old = {tmp_path / name: b"old" for name in "ab"}
    new = dict.fromkeys(old, b"new")
    files.write_together(old)
    flush, done = files._flush, []

    def interrupted(path):
        done.append(path)
        if len(done) == 2:
            raise KeyboardInterrupt
        flush(path)

    monkeypatch.setattr(files, "_flush", interrupted)
    with pytest.raises(KeyboardInterrupt):
        files.write_together(new)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == old
    monkeypatch.undo()
    files.write_together(new)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == new


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_named_by_the_file_that_it_did_not_hold(number, tmp_path):
    with pytest.raises(OSError, match=r"'.*table\.parquet'$") as raised, atomic_path(tmp_path / "table.parquet"):
        raise OSError(number, "Error writing bytes to file")
    assert raised.value.errno == number
    assert list(tmp_path.iterdir()) == []


def test_another_error_stays_as_it_is(tmp_path):
    error = ConnectionResetError(errno.ECONNRESET, "reset")
    with pytest.raises(ConnectionResetError) as raised, atomic_path(tmp_path / "table.parquet"):
        raise error
    assert raised.value is error
