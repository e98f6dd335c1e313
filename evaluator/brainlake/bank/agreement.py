"""Whether the sidecars of a local bank are those that its manifest speaks of."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from brainlake.bank.manifest import NAME, Manifest
from brainlake.contract.formats import FIRST
from brainlake.contract.layout import find_sidecar, inside, sidecar_path
from brainlake.contract.sidecar import Sidecar, manifest_table
from brainlake.errors import BrainlakeError, counted, listed
from brainlake.storage.budget import check_budget
from brainlake.storage.parquet import read_counts

REBUILD = "rebuild the manifest with `brainlake-build manifest`"


@dataclass(frozen=True)
class Agreement:
    """What came of a comparison.

    Attributes
    ----------
    fault
        What is not as the manifest says, as one sentence; None if nothing.
    unchecked
        What could be compared with no manifest, and what a manifest lists that is not there, as one sentence; None if
        nothing.
    """

    fault: str | None = None
    unchecked: str | None = None


def compare(root: Path, sidecars: Sequence[Sidecar], roots: list[str]) -> Agreement:
    """Hold what lies in a folder against its manifest.

    A file that was written since, and one that was written again, is in no manifest yet: it counts as not compared. It
    is told from a damaged sidecar by what the sidecar says of the file: another sha256, which is checked on reading.
    """
    path = root / "manifest.parquet"
    if not path.exists():
        return Agreement(unchecked=f"{root} has no manifest.parquet: its sidecars were compared with nothing")
    if not inside(root, path):
        return Agreement(f"{path} is a link that leaves the bank: nothing outside {root} is read")
    try:
        said, listed_roots = _recorded(path)
    except (pa.ArrowException, BrainlakeError, OSError, ValueError, TypeError, LookupError, RecursionError) as error:
        return Agreement(f"{path} cannot be read: {error}; run `brainlake verify`, then {REBUILD}")
    if roots != listed_roots:
        return Agreement(f"the list of repositories of {root} is not what its manifest says: it was changed")
    later = 0
    for sidecar in sidecars:
        row = said.get(sidecar.path)
        if row is None or _file_sha256(row) != sidecar.sha256:
            later += 1
        elif not _agrees(row, sidecar):
            place = find_sidecar(root, sidecar.path) or root / sidecar_path(sidecar.path)
            return Agreement(
                f"{place} is not what the manifest says of it: it was changed or damaged; restore it, or, if it is "
                f"right, {REBUILD}"
            )
    words = []
    if later:
        words.append(
            f"{later} of the {len(sidecars)} files of {root} came after its manifest and were not compared with it"
        )
    gone = sorted(said.keys() - {sidecar.path for sidecar in sidecars})
    if gone:
        words.append(
            f"{counted(len(gone), 'file', 'files')} of the manifest of {root} {'is' if len(gone) == 1 else 'are'} not "
            f"there{listed(gone)}; restore what is gone, or {REBUILD}"
        )
    return Agreement(unchecked="; ".join(words) or None)


def same_row(listed: Sidecar, found: Sidecar) -> bool:
    """Whether a manifest says of a file what its sidecar says; the first format has no hashes of sidecars."""
    if listed.sidecar_sha256 is None:
        found = replace(found, sidecar_sha256=None)
    one, other = manifest_table([listed, found]).to_pylist()
    return bool(one == other)


_Hashes = tuple[str, str]
"""sha256 of a file, and of its sidecar."""


def _recorded(path: Path) -> tuple[dict[str, "_Hashes | Sidecar"], list[str]]:
    """What a manifest has of each path, as little as is needed, and its roots."""
    content = path.read_bytes()
    source = io.BytesIO(content)
    footer = read_counts(source, len(content))
    facts = json.loads((footer.metadata.metadata or {})[b"brainlake"])
    if facts["format"] == NAME + FIRST:
        manifest = Manifest.from_parquet(content, str(path))
        return {s.path: s for s in manifest.sidecars}, manifest.roots
    columns = ["path", "sha256", "sidecar_sha256"]
    check_budget(source, footer, len(content), chunks=(c for c in footer.chunks if c.path in columns))
    with pq.ParquetFile(pa.BufferReader(content), page_checksum_verification=True) as file:
        table = file.read(columns=columns, use_threads=False)
    paths, *hashes = (table.column(name).to_pylist() for name in columns)
    return dict(zip(paths, zip(*hashes, strict=True), strict=True)), facts["roots"]


def _file_sha256(listed: "_Hashes | Sidecar") -> str:
    return listed.sha256 if isinstance(listed, Sidecar) else listed[0]


def _agrees(listed: "_Hashes | Sidecar", found: Sidecar) -> bool:
    return same_row(listed, found) if isinstance(listed, Sidecar) else listed[1] == found.sidecar_sha256
