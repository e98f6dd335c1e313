"""Folders for what does not fit into memory: private, of one connection, and gone with it or after its process."""

import gc
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import pytest

from brainlake import open_bank
from brainlake.bank.spill import PREFIX, SPILL_BYTES, give_spill


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Where temporary folders are made, by this test alone."""
    folder = tmp_path / "it's here"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def gone():
    """Number of a process that is no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def setting(con, name):
    return con.execute(f"select current_setting('{name}')").fetchone()[0]


def test_a_connection_has_a_private_folder_that_goes_with_it(place):
    con, other = duckdb.connect(), duckdb.connect()
    give_spill(con)
    give_spill(other)
    mine, theirs = (Path(setting(one, "temp_directory")) for one in (con, other))
    assert {mine, theirs} == set(place.iterdir())
    assert mine.name.startswith(f"{PREFIX}{os.getpid()}-")
    assert mine.stat().st_mode & 0o777 == 0o700
    assert setting(con, "max_temp_directory_size") == f"{SPILL_BYTES / (1 << 30):.1f} GiB"
    del con
    gc.collect()
    assert list(place.iterdir()) == [theirs]


def test_what_does_not_fit_goes_there_and_nowhere_else(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    con = duckdb.connect(config={"memory_limit": "30MB", "threads": 1})
    give_spill(con)
    cursor = con.execute("select range, repeat('x', 50) from range(400000) order by hash(range)")
    assert cursor.fetchone() is not None
    assert sum(file.stat().st_size for file in Path(setting(con.cursor(), "temp_directory")).iterdir()) > 1_000_000
    assert list(tmp_path.iterdir()) == [place]


def test_what_killed_processes_left_is_swept_and_nothing_else(place, gone, tmp_path):
    dead = place / f"{PREFIX}{gone}-x"
    kept = [place / f"{PREFIX}{os.getppid()}-x", place / f"{PREFIX}{gone}", place / f"other-{gone}-x", tmp_path / "far"]
    for folder in (dead, *kept):
        folder.mkdir()
        (folder / "a.tmp").write_text("spilled")
    link = place / f"{PREFIX}{gone}-link"
    link.symlink_to(tmp_path / "far")
    give_spill(duckdb.connect())
    assert not dead.exists()
    assert all((folder / "a.tmp").exists() for folder in kept)
    assert link.is_symlink()


def test_what_lies_where_duckdb_would_spill_is_closed_to_queries(toy_bank, place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".tmp").mkdir()
    (tmp_path / ".tmp/a.csv").write_text("x\n1\n")
    bank = open_bank(toy_bank)
    for door in (bank.sql, bank.connection.execute):
        with pytest.raises(Exception, match=r"Permission Error: Cannot access file"):
            door("select * from read_csv('.tmp/a.csv')")
    with pytest.raises(duckdb.PermissionException):
        bank.connection.execute(f"copy (select 1) to '{tmp_path}/.tmp/b.csv'")
    assert Path(bank.sql("select current_setting('temp_directory') as t")["t"][0]).parent == place
