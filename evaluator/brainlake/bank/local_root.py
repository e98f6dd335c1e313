"""A bank in a folder."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from brainlake.bank.agreement import compare
from brainlake.bank.root_list import read_roots
from brainlake.bank.sidecars import read_sidecars
from brainlake.contract.layout import table_path
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError
from brainlake.storage.budget import check_budget
from brainlake.storage.files import Stamp, sha256_file, stamp
from brainlake.storage.parquet import read_claims


class LocalRoot:
    """A folder.

    Raises
    ------
    BrainlakeError
        If there is none, or it is not a bank.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_dir():
            raise BrainlakeError(f"there is no bank at {path}: no such folder")
        self.path = path
        self._checked: dict[str, Stamp] = {}
        self._weighed: dict[str, Stamp] = {}
        self.sidecars, self.roots = read_sidecars(path), read_roots(path)
        if not self.sidecars and not (path / "manifest.json").exists():
            raise BrainlakeError(
                f"{path} is not a bank: it has no manifest.json and no table (brainlake-build makes one)"
            )
        self.agreement = compare(path, self.sidecars, self.roots)

    def __str__(self) -> str:
        return str(self.path)

    @property
    def identity(self) -> str:
        """Where the folder is, links followed."""
        return str(self.path.resolve())

    def folder(self) -> Path:
        """The folder itself."""
        return self.path

    def location(self, sidecar: Sidecar) -> str:
        """Absolute path."""
        return str((self.path / sidecar.path).resolve())

    @contextmanager
    def parquet(self, sidecar: Sidecar) -> Iterator[pq.ParquetFile]:
        """The file, memory-mapped; what it would need is looked at when it is first used, and when it changed."""
        now = self._stamp(sidecar)
        with open_parquet(self.path / sidecar.path, sidecar, weigh=self._weighed.get(sidecar.path) != now) as file:
            self._weighed[sidecar.path] = now
            yield file

    def believe(self, sidecar: Sidecar) -> None:
        """Check the footer and the sha256, once and when the file changed since: DuckDB does not notice other bytes."""
        now = self._stamp(sidecar)
        if self._checked.get(sidecar.path) == now:
            return
        with self.parquet(sidecar):
            check_same(self.path, sidecar)
            self._checked[sidecar.path] = now

    def _stamp(self, sidecar: Sidecar) -> Stamp:
        path = self.path / sidecar.path
        try:
            return stamp(path)
        except OSError as error:
            raise BrainlakeError(
                f"{path} cannot be read: {error}; run `brainlake verify`, then build or fetch it again"
            ) from None


def check_same(root: Path, sidecar: Sidecar) -> None:
    """Raise unless a file of a local bank is the one that its sidecar speaks of, byte by byte."""
    path = root / sidecar.path
    if sha256_file(path) != sidecar.sha256:
        raise BrainlakeError(
            f"{path} is not the file that its sidecar speaks of (another sha256): it was changed or damaged; "
            f"open the bank again if it was built anew, or run `brainlake verify`, then build or fetch it again"
        )


def read_checked(root: Path, sidecar: Sidecar, columns: Sequence[str] | None = None) -> pa.Table:
    """A table of a local bank, from a file that was compared with its sidecar: for whoever builds on it.

    Raises
    ------
    BrainlakeError
        If the file is not the one that its sidecar speaks of.
    """
    with open_parquet(root / sidecar.path, sidecar) as file:
        check_same(root, sidecar)
        return file.read(columns=columns, use_threads=False)


def read_named(root: Path, table: str, name: str) -> pa.Table:
    """As :func:`read_checked`, the table of a kind and name.

    Raises
    ------
    BrainlakeError
        If there is none that was finished, or it is not the one that its sidecar speaks of.
    """
    path = table_path(table, name)
    sidecar = Sidecar.find(root, path)
    if sidecar is None:
        raise BrainlakeError(f"{root / path} is not there, or has no sidecar: build it again")
    return read_checked(root, sidecar)


@contextmanager
def open_parquet(path: Path, sidecar: Sidecar, *, weigh: bool = True) -> Iterator[pq.ParquetFile]:
    """A local Parquet file whose footer says what its sidecar says, and which needs no more memory than it may.

    Raises
    ------
    BrainlakeError
        If it does not, or a page is damaged while it is open.
    """
    try:
        with path.open("rb") as source:
            try:
                size = path.stat().st_size
                footer = read_claims(source, sidecar, size)
                if weigh:
                    check_budget(source, footer, size, sidecar.kind)
            except BrainlakeError as error:
                raise BrainlakeError(f"{path} {error}; run `brainlake verify`") from None
        with pq.ParquetFile(path, metadata=footer.metadata, page_checksum_verification=True, memory_map=True) as file:
            yield file
    except (OSError, pa.ArrowException) as error:
        raise BrainlakeError(
            f"{path} cannot be read: {error}; run `brainlake verify`, then build or fetch it again"
        ) from None
