"""Where a bank lies: a folder here, or a repository on the Hub at one commit."""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from brainlake.errors import BrainlakeError
from brainlake.files import sha256_file
from brainlake.hub import Address, parse_address, pin
from brainlake.manifest import CARD, ROOTS, Manifest, Sidecar, read_roots, read_sidecars
from brainlake.parquet import read_claims
from brainlake.ranges import ChunkCache, RangedParquet
from brainlake.schema import FEATURE_TABLES


class Root(Protocol):
    """What a catalogue needs of a root; ``str()`` of it is how messages name it."""

    sidecars: list[Sidecar]
    """What lies there."""

    roots: list[str]
    """Further roots that it stands for, if it is an index."""

    def folder(self) -> Path:
        """The whole bank as a folder; a remote one is downloaded."""

    def location(self, sidecar: Sidecar) -> str:
        """Where DuckDB finds a file."""

    def parquet(self, sidecar: Sidecar) -> AbstractContextManager["pq.ParquetFile | RangedParquet"]:
        """A file, opened; its footer was checked against the sidecar."""

    def believe(self, sidecar: Sidecar) -> None:
        """Raise unless a file may be handed to a reader that checks nothing, such as DuckDB."""


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
        self._checked: set[str] = set()
        self.sidecars, self.roots = read_sidecars(path), read_roots(path)
        if not self.sidecars and not (path / "manifest.json").exists():
            raise BrainlakeError(
                f"{path} is not a bank: it has no manifest.json and no table (brainlake-build makes one)"
            )

    def __str__(self) -> str:
        return str(self.path)

    def folder(self) -> Path:
        """The folder itself."""
        return self.path

    def location(self, sidecar: Sidecar) -> str:
        """Absolute path."""
        return str((self.path / sidecar.path).resolve())

    def parquet(self, sidecar: Sidecar) -> AbstractContextManager[pq.ParquetFile]:
        """The file, memory-mapped."""
        return open_parquet(self.path / sidecar.path, sidecar)

    def believe(self, sidecar: Sidecar) -> None:
        """Check the footer, and the sha256 when the file is first used: DuckDB does not notice a byte that changed."""
        with self.parquet(sidecar):
            path = self.path / sidecar.path
            if sidecar.path not in self._checked and sha256_file(path) != sidecar.sha256:
                raise BrainlakeError(
                    f"{path} is not the file that its sidecar speaks of (another sha256): it was changed or damaged; "
                    f"run `brainlake verify`, then build or fetch it again"
                )
            self._checked.add(sidecar.path)


class HubRoot:
    """A repository on the Hub at one commit.

    Feature tables are read by range unless they are in the cache; other files are small, arrive whole and stay there.
    A file that is whole is checked against its sha256 the first time that it is used.
    """

    def __init__(self, address: Address) -> None:
        self.snapshot, manifest = pin(address)
        self.manifest = Manifest.from_parquet(manifest.read_bytes(), f"the manifest of {self.snapshot}")
        self.sidecars, self.roots = self.manifest.sidecars, self.manifest.roots
        self._checked: set[str] = set()
        self._ranged: dict[str, RangedParquet] = {}
        self._chunks = ChunkCache()

    def __str__(self) -> str:
        return str(self.snapshot)

    def folder(self) -> Path:
        """Download everything, with the sidecars."""
        paths = [s.path for s in self.sidecars]
        extra = ["manifest.parquet", "manifest.json", ROOTS, CARD]
        return self.snapshot.download_all([*paths, *(f"{path}.json" for path in paths), *extra])

    def download(self) -> None:
        """Bring every file into the cache, and check it."""
        self.snapshot.download_all([s.path for s in self.sidecars])
        for sidecar in self.sidecars:
            self.file(sidecar)

    def location(self, sidecar: Sidecar) -> str:
        """Address under the file system of :mod:`brainlake.filesystem`."""
        return f"bank://{self.snapshot.repo}@{self.snapshot.commit}/{sidecar.path}"

    def parquet(self, sidecar: Sidecar) -> AbstractContextManager["pq.ParquetFile | RangedParquet"]:
        """The file in the cache, or the remote one by range."""
        ranged = self.ranged(sidecar)
        return open_parquet(self.file(sidecar), sidecar) if ranged is None else nullcontext(ranged)

    def believe(self, sidecar: Sidecar) -> None:
        """Fetch and check the footer of a file to be read by range, or the whole of another."""
        with self.parquet(sidecar) as file:
            _ = file.metadata

    def file(self, sidecar: Sidecar) -> Path:
        """A whole file in the cache, checked.

        Raises
        ------
        BrainlakeError
            If it is not the file that the manifest speaks of.
        """
        path = self.snapshot.download(sidecar.path)
        if sidecar.path not in self._checked:
            if sha256_file(path) != sidecar.sha256:
                raise BrainlakeError(
                    f"{sidecar.path} of {self} is not the file that its manifest speaks of (another sha256): it came "
                    f"damaged, or is damaged there; remove {path.resolve()} and try again"
                )
            self._checked.add(sidecar.path)
        return path

    def ranged(self, sidecar: Sidecar) -> RangedParquet | None:
        """The remote file, if it is one to be read by range."""
        if sidecar.kind not in FEATURE_TABLES or sidecar.footer_sha256 is None or self.snapshot.cached(sidecar.path):
            return None
        if sidecar.path not in self._ranged:

            def fetch(start: int, stop: int) -> bytes:
                return self.snapshot.fetch(sidecar.path, start, stop)

            self._ranged[sidecar.path] = RangedParquet(sidecar, fetch, self._chunks)
        return self._ranged[sidecar.path]


@contextmanager
def open_parquet(path: Path, sidecar: Sidecar) -> Iterator[pq.ParquetFile]:
    """A local Parquet file whose footer says what its sidecar says.

    Raises
    ------
    BrainlakeError
        If it does not, or a page is damaged while it is open.
    """
    try:
        with path.open("rb") as source:
            try:
                metadata = read_claims(source, sidecar.kind, sidecar.rows, path.stat().st_size).metadata
            except BrainlakeError as error:
                raise BrainlakeError(f"{path} {error}; run `brainlake verify`") from None
        with pq.ParquetFile(path, metadata=metadata, page_checksum_verification=True, memory_map=True) as file:
            yield file
    except (OSError, pa.ArrowException) as error:
        raise BrainlakeError(
            f"{path} cannot be read: {error}; run `brainlake verify`, then build or fetch it again"
        ) from None


def open_root(root: str | Path) -> Root:
    """A folder, or a repository: ``owner/name[@revision]``, when there is no folder of that name.

    Raises
    ------
    BrainlakeError
        If there is neither.
    """
    address = parse_address(root) if isinstance(root, str) else None
    if address is None or (Path(root).exists() and not str(root).startswith("hf://")):
        return LocalRoot(Path(root))
    try:
        return HubRoot(address)
    except BrainlakeError as error:
        raise BrainlakeError(f"{root} is no folder here, and as a repository: {error}") from None


def follow(root: Root) -> list[Root]:
    """A root and the repositories that it lists, if it is an index.

    Raises
    ------
    BrainlakeError
        If an entry is not ``owner/name@<commit>``, or is an index itself.
    """
    found = [root]
    for entry in root.roots:
        address = parse_address(entry)
        if address is None or not re.fullmatch("[0-9a-f]{40}", address.revision):
            raise BrainlakeError(f"{root} lists {entry!r}, which is not pinned: it needs owner/name@<commit>")
        try:
            listed = HubRoot(address)
        except BrainlakeError as error:
            raise BrainlakeError(f"{root} lists {entry}, which cannot be opened: {error}") from None
        if listed.roots:
            raise BrainlakeError(f"{root} lists {entry}, which is an index itself: list the banks instead")
        found.append(listed)
    return found
