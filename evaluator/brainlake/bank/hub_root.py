"""A bank in a repository on the Hub, at one commit."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pyarrow.parquet as pq

from brainlake.bank.agreement import Agreement
from brainlake.bank.card import CARD
from brainlake.bank.local_root import open_parquet
from brainlake.bank.manifest import Manifest
from brainlake.bank.root_list import ROOTS
from brainlake.contract.formats import FIRST
from brainlake.contract.layout import first_sidecar_path, sidecar_path
from brainlake.contract.schema import FEATURE_TABLES
from brainlake.contract.sidecar import Sidecar
from brainlake.contract.small_text import SMALL_BYTES
from brainlake.errors import BrainlakeError
from brainlake.storage.files import Stamp, sha256_file, stamp
from brainlake.storage.hub import MANIFEST, MANIFEST_BYTES, Address, pin
from brainlake.storage.ranges import ChunkCache, RangedParquet


class HubRoot:
    """A repository on the Hub at one commit.

    Feature tables are read by range unless they are in the cache; other files are small, arrive whole and stay there.
    A file that is whole is checked against its sha256 the first time that it is used, and when it changed since.
    """

    def __init__(self, address: Address) -> None:
        self.snapshot, manifest = pin(address)
        self.manifest = Manifest.from_parquet(manifest.read_bytes(), f"the manifest of {self.snapshot}")
        self.sidecars, self.roots = self.manifest.sidecars, self.manifest.roots
        self.agreement = Agreement()
        self._checked: dict[str, Stamp] = {}
        self._believed: dict[str, Stamp] = {}
        self._ranged: dict[str, RangedParquet] = {}
        self._chunks = ChunkCache()

    def __str__(self) -> str:
        return str(self.snapshot)

    @property
    def identity(self) -> str:
        """Repository and commit."""
        return str(self)

    def folder(self) -> Path:
        """Download everything, with the sidecars."""
        sizes = {s.path: s.bytes for s in self.sidecars}
        small = dict.fromkeys([*map(self.sidecar_path, sizes), ROOTS, CARD], SMALL_BYTES)
        whole = dict.fromkeys([MANIFEST, "manifest.json", *self.manifest.records], MANIFEST_BYTES)
        return self.snapshot.download_all(sizes | small | whole)

    def sidecar_path(self, path: str) -> str:
        """Where the sidecar of a file lies there."""
        return first_sidecar_path(path) if self.manifest.format == FIRST else sidecar_path(path)

    def sidecar_text(self, sidecar: Sidecar) -> bytes:
        """The text of a sidecar: from the manifest, or fetched where it says more than this version knows.

        Raises
        ------
        BrainlakeError
            If it is not the one that the manifest speaks of.
        """
        if sidecar.sidecar_sha256 in (None, sidecar.sealed().sidecar_sha256):
            return sidecar.to_json().encode()
        path = self.snapshot.download(self.sidecar_path(sidecar.path), SMALL_BYTES)
        if sha256_file(path) != sidecar.sidecar_sha256:
            raise BrainlakeError(
                f"the sidecar of {sidecar.path} of {self} is not the one that its manifest speaks of (another sha256)"
            )
        return path.read_bytes()

    def download(self) -> None:
        """Bring every file into the cache, and check it."""
        self.snapshot.download_all({s.path: s.bytes for s in self.sidecars})
        for sidecar in self.sidecars:
            self.file(sidecar)

    def location(self, sidecar: Sidecar) -> str:
        """Address under the file system of :mod:`brainlake.bank.filesystem`."""
        return f"bank://{self.snapshot.repo}@{self.snapshot.commit}/{sidecar.path}"

    def parquet(self, sidecar: Sidecar) -> AbstractContextManager["pq.ParquetFile | RangedParquet"]:
        """The file in the cache, or the remote one by range."""
        ranged = self.ranged(sidecar)
        return open_parquet(self.file(sidecar), sidecar) if ranged is None else nullcontext(ranged)

    def believe(self, sidecar: Sidecar) -> None:
        """Fetch and check the footer of a file to be read by range, or the whole of another, unless it is as it was."""
        whole = None if self.ranged(sidecar) else stamp(self.file(sidecar))
        if whole is None or self._believed.get(sidecar.path) != whole:
            with self.parquet(sidecar) as file:
                _ = file.metadata
        if whole is not None:
            self._believed[sidecar.path] = whole

    def file(self, sidecar: Sidecar) -> Path:
        """A whole file in the cache, checked.

        Raises
        ------
        BrainlakeError
            If it is not the file that the manifest speaks of.
        """
        path = self.snapshot.download(sidecar.path, sidecar.bytes)
        now = stamp(path)
        if self._checked.get(sidecar.path) != now:
            if sha256_file(path) != sidecar.sha256:
                raise BrainlakeError(
                    f"{sidecar.path} of {self} is not the file that its manifest speaks of (another sha256): it came "
                    f"damaged, or is damaged there; remove {path.resolve()} and try again"
                )
            self._checked[sidecar.path] = now
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
