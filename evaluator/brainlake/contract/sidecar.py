"""The sidecar beside every Parquet file of a bank: the truth about its file, as one row of the manifest.

A sidecar, ``<file>.json``, says of its file: hash, size, rows, what it holds and how it was made. It is written after
the file.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import pyarrow as pa

from brainlake.contract.layout import check_name, digest_path, inside, table_path
from brainlake.contract.schema import FEATURE_TABLES, MANIFEST, ONE_VALUE, TABLES
from brainlake.errors import BrainlakeError

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

    def may_have(self, where: Mapping[str, object]) -> bool:
        """Whether the file may have rows whose columns equal the given values."""
        return all(self.constants.get(column, value) == value for column, value in where.items())
