"""Where queries put what does not fit into memory: a private folder that goes with its connection."""

import os
import shutil
import tempfile
import weakref
from pathlib import Path

import duckdb

from brainlake.storage.files import is_running

PREFIX = "brainlake-spill-"
"""Beginning of the folder's name; the process that it belongs to follows."""

SPILL_BYTES = 10 << 30
"""Disk that one connection may take."""


def give_spill(con: duckdb.DuckDBPyConnection) -> None:
    """Let a connection spill to a folder of its own, which is removed with it; those of killed processes go now.

    DuckDB lets queries read and write its temporary directory even where files are closed to them, and that is
    ``.tmp`` in the current folder unless another is set. This one holds nothing but what the connection puts there.
    """
    _sweep()
    folder = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-")
    weakref.finalize(con, shutil.rmtree, folder, ignore_errors=True)
    path = folder.replace("'", "''")
    con.execute(f"set temp_directory = '{path}'")
    con.execute(f"set max_temp_directory_size = '{SPILL_BYTES >> 20}MiB'")


def _sweep() -> None:
    """Remove our folders of processes that are gone."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        process = folder.name.removeprefix(PREFIX).partition("-")[0]
        if process.isdigit() and not is_running(int(process)) and not folder.is_symlink():
            shutil.rmtree(folder, ignore_errors=True)
