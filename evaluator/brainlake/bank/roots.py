"""Where a bank lies: a folder here, or a repository on the Hub at one commit."""

import os
import re
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import pyarrow.parquet as pq

from brainlake.bank.agreement import Agreement
from brainlake.bank.arguments import impossible
from brainlake.bank.hub_root import HubRoot
from brainlake.bank.local_root import LocalRoot
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError
from brainlake.storage.files import check_utf8
from brainlake.storage.hub import parse_address
from brainlake.storage.ranges import RangedParquet

Place = str | os.PathLike[str]
"""Where a bank lies: a folder, or ``owner/name[@revision]`` on the Hub."""


class Root(Protocol):
    """What a catalogue needs of a root; ``str()`` of it is how messages name it."""

    sidecars: list[Sidecar]
    """What lies there."""

    roots: list[str]
    """Further roots that it stands for, if it is an index."""

    agreement: Agreement
    """Whether that is what its manifest says."""

    @property
    def identity(self) -> str:
        """What two roots share if they are the same, however they were named."""

    def folder(self) -> Path:
        """The whole bank as a folder; a remote one is downloaded."""

    def location(self, sidecar: Sidecar) -> str:
        """Where DuckDB finds a file."""

    def parquet(self, sidecar: Sidecar) -> AbstractContextManager["pq.ParquetFile | RangedParquet"]:
        """A file, opened; its footer was checked against the sidecar."""

    def believe(self, sidecar: Sidecar) -> None:
        """Raise unless a file may be handed to a reader that checks nothing, such as DuckDB."""


File = tuple[Root, Sidecar]
"""A Parquet file, and the root that it lies under."""


def open_root(root: Place) -> Root:
    """A folder, or a repository: ``owner/name[@revision]``, when there is no folder of that name.

    Raises
    ------
    BrainlakeError
        If there is neither.
    """
    if not isinstance(root, str | os.PathLike) or not os.fspath(root):
        raise impossible("bank", root, "a folder, or owner/name[@revision] on the Hub")
    address = parse_address(root) if isinstance(root, str) else None
    try:
        folder = Path(root).expanduser()
        if address is None or (folder.exists() and "://" not in str(root)):
            check_utf8(folder)
            return LocalRoot(folder)
    except (OSError, RuntimeError, ValueError) as error:  # ValueError: a null character
        raise BrainlakeError(f"{root} cannot be opened: {error}") from None
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
