"""Where queries spill: a folder of their own, private, gone with the connection, swept after a kill."""

import gc
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import pytest

from brainlake import open_bank
from brainlake.bank.spill import PREFIX


def test_temporary_files_are_private_and_swept(toy_bank, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".tmp").mkdir()
    (tmp_path / ".tmp/a.csv").write_text("x\n1\n")
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    left = Path(tempfile.gettempdir()) / f"{PREFIX}{int(ended.stdout)}-left"
    left.mkdir(exist_ok=True)
    outside = tmp_path / "kept"
    outside.mkdir()
    link = Path(tempfile.gettempdir()) / f"{PREFIX}{int(ended.stdout)}-link"
    link.symlink_to(outside)
    try:
        bank = open_bank(toy_bank)
        for door in (bank.sql, bank.connection.execute):
            with pytest.raises(Exception, match=r"Permission Error: Cannot access file"):
                door("select * from read_csv('.tmp/a.csv')")
        with pytest.raises(duckdb.PermissionException):
            bank.connection.execute(f"copy (select 1) to '{tmp_path}/.tmp/b.csv'")
        assert not left.exists()
        assert outside.exists()
        mine = Path(bank.sql("select current_setting('temp_directory') as t")["t"][0])
        assert mine.stat().st_mode & 0o777 == 0o700
        assert list(mine.iterdir()) == []
        del bank, door
        gc.collect()
        assert not mine.exists()
    finally:
        link.unlink()
