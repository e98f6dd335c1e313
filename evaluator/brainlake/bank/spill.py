"""Where queries put what does not fit into memory: a private folder that goes with its connection."""

import fcntl
import os
import shutil
import tempfile
import weakref
from pathlib import Path

import duckdb

PREFIX = "brainlake-spill-"

SPILL_BYTES = 10 << 30
"""Disk that one connection may take."""


def give_spill(con: duckdb.DuckDBPyConnection) -> None:
    """Let a connection spill to a folder of its own, which is removed with it; those of killed processes go now.

    DuckDB lets queries read and write its temporary directory even where files are closed to them, and that is
    ``.tmp`` in the current folder unless another is set. This one holds nothing but what the connection puts there.
    """
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    lock = os.open(folder, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    weakref.finalize(con, _remove, folder, lock)
    path = str(folder).replace("'", "''")
    con.execute(f"set temp_directory = '{path}'")
    con.execute(f"set max_temp_directory_size = '{SPILL_BYTES >> 20}MiB'")


def _sweep() -> None:
    """Remove the folders that no living process holds."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            if folder.lstat().st_uid != os.getuid() or folder.is_symlink():
                continue
            lock = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
        except OSError:  # another process removed it first
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
        else:
            _remove(folder, lock)


def _remove(folder: Path, lock: int) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    os.close(lock)
