"""Files that a command writes its table to."""

from pathlib import Path

import polars as pl

from brainlake.cli.parser import UsageError
from brainlake.errors import BrainlakeError
from brainlake.report.tables import render
from brainlake.storage.files import atomic_path


def check_out(path: Path | None, *suffixes: str, option: str = "--out") -> None:
    """Refuse a file that cannot be written before any work is done.

    Raises
    ------
    UsageError
        If its name does not end in one of the suffixes.
    BrainlakeError
        If its folder is not there.
    """
    if path is None:
        return
    if path.suffix not in suffixes:
        raise UsageError(f"{option} {path}: name a {' or '.join(suffixes)} file")
    if not path.absolute().parent.is_dir():
        raise BrainlakeError(f"{option} {path}: there is no folder {path.parent}; make it first")


def write_out(table: pl.DataFrame, path: Path) -> None:
    """Write a table, whole or not at all: Parquet, or the form that the file is named after."""
    with atomic_path(path) as temporary:
        if path.suffix == ".parquet":
            table.write_parquet(temporary)
        else:
            temporary.write_text(render(table, path.suffix.removeprefix(".")), encoding="utf-8", newline="")
