"""The sidecar beside every Parquet file, and the manifest that is put together from them.

A sidecar, ``<file>.json``, is the truth about its file: hash, size, rows, what it holds and how it was made.
It is written after the file. ``manifest.parquet`` and ``manifest.json`` are only their sum, rebuilt and never
merged, so that two processes that add files never touch the same one.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from brainlake.errors import BrainlakeError
from brainlake.files import atomic_path, write_text
from brainlake.schema import MANIFEST, TABLES

FORMAT = "brainlake bank 1"


@dataclass(frozen=True)
class Sidecar:
    """One row of the manifest; the fields are the columns of ``schema.MANIFEST``."""

    path: str
    sha256: str
    bytes: int
    rows: int
    kind: str
    created_at: str
    name: str | None = None
    model: str | None = None
    model_revision: str | None = None
    stimulus_set: str | None = None
    stimuli_sha256: str | None = None
    recipe: str | None = None
    recipe_digest: str | None = None
    recipe_json: str | None = None
    n: int | None = None
    d: int | None = None
    layers: list[dict[str, Any]] = field(default_factory=list)
    dtype: str | None = None
    significand_bits: int | None = None
    device: str | None = None
    versions: list[dict[str, str]] = field(default_factory=list)
    checks: list[dict[str, Any]] = field(default_factory=list)
    sources: list[dict[str, str | None]] = field(default_factory=list)
    licence: str | None = None
    details: str | None = None

    @classmethod
    def read(cls, root: Path, path: Path) -> Self:
        """Read one sidecar.

        Raises
        ------
        BrainlakeError
            If it is not a sidecar, or speaks of a file other than the one it lies beside.
        """
        try:
            sidecar = cls(**json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            raise BrainlakeError(
                f"{path} is not a sidecar: {error}; restore it, or remove it and build its file again"
            ) from None
        beside = path.relative_to(root).as_posix().removesuffix(".json")
        if sidecar.path != beside or sidecar.kind not in TABLES:
            raise BrainlakeError(f"{path} speaks of {sidecar.path!r} ({sidecar.kind}), but lies beside {beside!r}")
        return sidecar

    def to_json(self) -> str:
        """The text of the sidecar."""
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"

    @property
    def key(self) -> tuple[str, ...]:
        """What the file holds: no two files of a catalogue may share it."""
        return (self.kind, self.name or "", self.model or "", self.stimulus_set or "", self.recipe or "")


def read_sidecars(root: Path) -> list[Sidecar]:
    """All sidecars of a local bank, in path order."""
    tables = (root / table for table in TABLES)
    paths = sorted(path for table in tables if table.is_dir() for path in table.rglob("*.parquet.json"))
    return [Sidecar.read(root, path) for path in paths if not path.name.startswith(".")]


def manifest_table(sidecars: list[Sidecar]) -> pa.Table:
    """Sidecars as the ``manifest`` table."""
    return pa.Table.from_pylist([asdict(s) for s in sidecars], schema=MANIFEST)


def rebuild_manifest(root: Path) -> None:
    """Write ``manifest.parquet`` and ``manifest.json`` from the sidecars."""
    sidecars = read_sidecars(root)
    with atomic_path(root / "manifest.parquet") as temporary:
        pq.write_table(manifest_table(sidecars), temporary)
    files = [asdict(s) for s in sidecars]
    write_text(root / "manifest.json", json.dumps({"format": FORMAT, "files": files}, indent=1, sort_keys=True) + "\n")
