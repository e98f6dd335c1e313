"""The files of remote banks for DuckDB: addresses that lead to them, and to nothing else."""

import datetime
import io
from collections.abc import Sequence
from typing import Any

from fsspec import AbstractFileSystem

from brainlake.bank.hub_root import HubRoot
from brainlake.contract.sidecar import Sidecar
from brainlake.storage.ranges import RangedFile

_PINNED = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
"""Time of change of every file: a commit never changes."""


class BankFileSystem(AbstractFileSystem):  # type: ignore[misc]
    """Read-only files of remote banks, fetched when DuckDB opens or reads them."""

    protocol = "bank"
    cachable = False

    def __init__(self, files: Sequence[tuple[HubRoot, Sidecar]]) -> None:
        super().__init__()
        self._files = {root.location(sidecar): (root, sidecar) for root, sidecar in files}

    def open(self, path: str, mode: str = "rb", **_: Any) -> "io.BufferedReader | io.RawIOBase":
        """A file; only ``rb`` is possible."""
        root, sidecar = self._find(path)
        if mode != "rb":
            raise PermissionError(f"{path} is read-only")
        ranged = root.ranged(sidecar)
        return root.file(sidecar).open("rb") if ranged is None else RangedFile(ranged.read, sidecar.bytes)

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Size and kind, from the manifest."""
        return {"name": path, "size": self._find(path)[1].bytes, "type": "file"}

    def exists(self, path: str, **_: Any) -> bool:
        """Whether a bank has it."""
        return self._full(path) in self._files

    def modified(self, path: str) -> datetime.datetime:
        """The same time for every file."""
        return _PINNED

    def glob(self, path: str, **_: Any) -> list[str]:
        """The file itself: nothing here is a pattern."""
        return [path] if self.exists(path) else []

    def _find(self, path: str) -> tuple[HubRoot, Sidecar]:
        if not self.exists(path):
            raise FileNotFoundError(path)
        return self._files[self._full(path)]

    def _full(self, path: str) -> str:
        return path if path.startswith("bank://") else f"bank://{path}"
