"""The folder that a benchmark builds its banks in: one that the command line names, or a temporary one."""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def asked_folder(description: str | None) -> Iterator[Path]:
    """Parse the command line, and give the folder; a temporary one is gone afterwards."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="where the banks are, or will be")
    asked: Path | None = parser.parse_args().folder
    with tempfile.TemporaryDirectory() as temporary:
        yield asked or Path(temporary)
