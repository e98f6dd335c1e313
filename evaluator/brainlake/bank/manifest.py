"""The sidecar beside every Parquet file, and the manifest that is put together from them.

A sidecar, ``<file>.json``, is the truth about its file: hash, size, rows, what it holds and how it was made.
It is written after the file. ``manifest.parquet`` and ``manifest.json`` are only their sum, rebuilt and never
merged, so that two processes that add files never touch the same one.
"""

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from brainlake.bank.root_list import check_roots, read_roots
from brainlake.contract.layout import check_name, digest_path, inside, table_path
from brainlake.contract.schema import FEATURE_TABLES, MANIFEST, ONE_VALUE, TABLES
from brainlake.errors import BrainlakeError
from brainlake.storage.files import sha256_file, write_bytes, write_text
from brainlake.storage.parquet import read_counts

FORMAT = "brainlake bank 1"
CARD = "README.md"


@dataclass(frozen=True)
class Sidecar:
    """One row of the manifest; the fields are the columns of ``schema.MANIFEST``."""

    path: str
    sha256: str
    bytes: int
    rows: int
    kind: str
    created_at: str
    footer_bytes: int | None = None
    footer_sha256: str | None = None
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
            If it is not a sidecar, speaks of a file other than the one it lies beside, or leaves the bank.
        """
        for one in (path, path.with_suffix("")):
            if not inside(root, one):
                raise BrainlakeError(f"{one} is a link that leaves the bank: nothing outside {root} is read")
        try:
            facts = json.loads(path.read_text(encoding="utf-8"))
            sidecar = cls(**facts)
            sidecar.check()
        except (ValueError, TypeError, RecursionError, BrainlakeError) as error:
            raise BrainlakeError(
                f"{path} is not a sidecar: {error}; restore it, or remove it and build its file again"
            ) from None
        beside = path.relative_to(root).as_posix().removesuffix(".json")
        if sidecar.path != beside:
            raise BrainlakeError(f"{path} speaks of {sidecar.path!r} ({sidecar.kind}), but lies beside {beside!r}")
        return sidecar

    def check(self) -> None:
        """Raise unless every field is of its type, every name is one, and the path is where such a file lies."""
        try:
            pa.Table.from_pylist([asdict(self)], schema=MANIFEST)
        except (pa.ArrowException, OverflowError) as error:
            raise BrainlakeError(str(error)) from None
        if self.kind not in TABLES:
            raise BrainlakeError(f"there is no table {self.kind!r}")
        for kind, name in (("model", self.model), ("stimulus set", self.stimulus_set), ("recipe", self.recipe)):
            if name is not None:
                check_name(kind, name)
        for text in (self.recipe_json, self.details):
            if text is not None and not isinstance(json.loads(text), dict):
                raise BrainlakeError(f"{text!r} is not a JSON object")
        if self.kind in FEATURE_TABLES:
            parts = (self.model, self.stimulus_set, self.recipe, self.recipe_digest)
            expected = digest_path(self.kind, *(str(part) for part in parts))
        else:
            expected = table_path(self.kind, str(self.name))
        if self.path != expected:
            raise BrainlakeError(f"it speaks of {self.path!r}, but such a file is {expected!r}")
        if self.bytes < 0 or self.rows < 0 or not 0 <= (self.footer_bytes or 0) <= self.bytes:
            raise BrainlakeError("its sizes are impossible")

    def to_json(self) -> str:
        """The text of the sidecar."""
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"

    @property
    def key(self) -> tuple[str, ...]:
        """What the file holds: no two files of a catalogue may share it."""
        return (self.kind, self.name or "", self.model or "", self.stimulus_set or "", self.recipe or "")

    @property
    def constants(self) -> dict[str, str]:
        """Columns that have one value in the file."""
        found = {"model": self.model, "stimulus_set": self.stimulus_set, "recipe": self.recipe}
        if self.kind not in FEATURE_TABLES:
            found = {ONE_VALUE[self.kind]: self.name} if self.kind in ONE_VALUE else {}
        return {column: value for column, value in found.items() if value is not None}

    def may_have(self, where: Mapping[str, str]) -> bool:
        """Whether the file may have rows whose columns equal the given values."""
        return all(self.constants.get(column, value) == value for column, value in where.items())


def read_sidecars(root: Path) -> list[Sidecar]:
    """All sidecars of a local bank, in path order.

    One that another process takes away between listing and reading counts as not there, like the file beside it.
    """
    tables = (root / table for table in TABLES)
    paths = sorted(path for table in tables if table.is_dir() for path in table.rglob("*.parquet.json"))
    found = []
    for path in paths:
        with suppress(FileNotFoundError):
            if not path.name.startswith("."):
                found.append(Sidecar.read(root, path))
    return found


def manifest_table(sidecars: Sequence[Sidecar]) -> pa.Table:
    """Sidecars as the ``manifest`` table."""
    return pa.Table.from_pylist([asdict(s) for s in sidecars], schema=MANIFEST)


@dataclass(frozen=True)
class Manifest:
    """The sum of the sidecars of a bank.

    Attributes
    ----------
    sidecars
        Rows, in path order.
    roots
        Repositories that the bank stands for, if it is an index.
    card_sha256
        sha256 of its card, if it has one.
    """

    sidecars: list[Sidecar]
    roots: list[str] = field(default_factory=list)
    card_sha256: str | None = None

    @classmethod
    def of_folder(cls, root: Path) -> Self:
        """The sum of what lies in a local bank."""
        card = root / CARD
        digest = sha256_file(card) if card.exists() else None
        return cls(sorted(read_sidecars(root), key=lambda s: s.path), read_roots(root), digest)

    @classmethod
    def from_parquet(cls, content: bytes, where: str) -> Self:
        """Read ``manifest.parquet``.

        Raises
        ------
        BrainlakeError
            If it is no manifest, was changed after it was written, or lists what cannot be in a bank.
        """
        try:
            read_counts(io.BytesIO(content), len(content))
            # In this thread alone: a process that ends soon after Arrow started its threads may be aborted at the end.
            with pq.ParquetFile(pa.BufferReader(content), page_checksum_verification=True) as file:
                table = file.read(use_threads=False)
            facts = json.loads((table.schema.metadata or {})[b"brainlake"])
            manifest = cls([Sidecar(**row) for row in table.to_pylist()], facts["roots"], facts.get("card_sha256"))
            said, found = (facts["format"], facts["sha256"]), (FORMAT, manifest.digest)
        except (
            pa.ArrowException,
            BrainlakeError,
            OSError,
            ValueError,
            TypeError,
            LookupError,
            RecursionError,
        ) as error:
            raise BrainlakeError(f"{where} is not the manifest of a bank, or is damaged: {error}") from None
        if said != found:
            raise BrainlakeError(f"{where} was changed after it was written, or by another version of brainlake")
        for sidecar in manifest.sidecars:
            try:
                sidecar.check()
            except (BrainlakeError, ValueError, RecursionError) as error:
                raise BrainlakeError(f"{where} is refused: {error}") from None
        check_roots(manifest.roots, where)
        return manifest

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Rows of the ``manifest`` table."""
        found: list[dict[str, Any]] = manifest_table(self.sidecars).to_pylist()
        return found

    @property
    def digest(self) -> str:
        """sha256 of the content, whatever file it is written to."""
        parts = [self.rows, self.roots, *([self.card_sha256] if self.card_sha256 else [])]
        return hashlib.sha256(json.dumps(parts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()

    @property
    def _card(self) -> dict[str, str]:
        return {"card_sha256": self.card_sha256} if self.card_sha256 else {}

    def to_parquet(self) -> bytes:
        """Content of ``manifest.parquet``; it carries its own digest."""
        facts = {"format": FORMAT, "roots": self.roots, "sha256": self.digest} | self._card
        table = manifest_table(self.sidecars).replace_schema_metadata({"brainlake": json.dumps(facts)})
        target = io.BytesIO()
        pq.write_table(table, target, compression="zstd", write_page_checksum=True)
        return target.getvalue()

    def to_json(self, parquet: bytes) -> str:
        """Content of ``manifest.json``, with the hash of the ``manifest.parquet`` beside it."""
        digest = hashlib.sha256(parquet).hexdigest()
        content = {"format": FORMAT, "files": self.rows, "roots": self.roots, "manifest_parquet_sha256": digest}
        return json.dumps(content | self._card, indent=1, sort_keys=True) + "\n"


def rebuild_manifest(root: Path) -> None:
    """Write ``manifest.parquet`` and ``manifest.json`` from the sidecars.

    Another process may add files at the same time: who writes looks again, so that the last manifest has them all.
    """
    manifest, written = Manifest.of_folder(root), None
    while manifest != written:
        parquet = manifest.to_parquet()
        write_bytes(root / "manifest.parquet", parquet)
        write_text(root / "manifest.json", manifest.to_json(parquet))
        manifest, written = Manifest.of_folder(root), manifest
