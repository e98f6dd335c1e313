"""The sidecar of every Parquet file of a bank: the truth about its file, as one row of the manifest.

A sidecar says of its file: hash, size, rows, what it holds and how it was made. It is written after the file. It lies
under ``sidecars/``, or beside its file in banks of the first format.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import MISSING, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final, Self

import pyarrow as pa

from brainlake.contract.formats import FIRST, FORMAT, check_format
from brainlake.contract.layout import (
    Walls,
    check_name,
    digest_path,
    find_sidecar,
    first_sidecar_path,
    sidecar_path,
    table_path,
)
from brainlake.contract.schema import BOOL, FEATURE_TABLES, INT, ONE_VALUE, STRING, TABLES
from brainlake.contract.sidecar_columns import (
    CHECK,
    LAYER,
    MADE_FROM,
    NEEDED,
    SOURCE,
    VERSION,
    about,
    column,
    optional,
)
from brainlake.contract.small_text import check_small, read_small
from brainlake.errors import BrainlakeError


@dataclass(frozen=True)
class Sidecar:
    """One row of the manifest. Each field stands here once: its name, its type in the manifest, and its meaning."""

    path: str = column(STRING, "path inside the bank, with /")
    sha256: str = column(STRING, "sha256 of the file")
    bytes: int = column(INT, "size of the file")
    rows: int = column(INT, "rows of the table")
    kind: str = column(STRING, "table that the file belongs to")
    created_at: str = column(STRING, "time of writing (UTC, ISO 8601)")
    format: str = optional(STRING, "format of the contract that the columns of the file are of", FORMAT)
    footer_bytes: int | None = optional(INT, "bytes after the last column chunk: page index and footer")
    footer_sha256: str | None = optional(
        STRING, "sha256 of those bytes; with the page checksums it makes a read by range checkable"
    )
    name: str | None = optional(STRING, "benchmark, stimulus set, model or source that the file is about")
    model: str | None = optional(STRING, "see models")
    model_revision: str | None = optional(STRING, "commit, or sha256 of the weights where there is no commit")
    stimulus_set: str | None = optional(STRING, "see stimuli")
    stimuli_sha256: str | None = optional(STRING, "digest of the stimuli (not of their file)")
    recipe: str | None = optional(STRING, "name of the recipe, with its overrides")
    recipe_digest: str | None = optional(STRING, "digest of the recipe")
    recipe_json: str | None = optional(STRING, "the whole recipe")
    n: int | None = optional(INT, "stimuli")
    d: int | None = optional(INT, "features a layer")
    layers: list[dict[str, Any]] = field(
        default_factory=list,
        metadata=about(pa.list_(LAYER), "module behind each layer, and the sha256 of its float32 values"),
    )
    dtype: str | None = optional(STRING, "precision of the forward pass")
    significand_bits: int | None = optional(pa.int16(), "bits kept of each float32 significand")
    device: str | None = optional(STRING, "device of the forward pass")
    versions: list[dict[str, str]] = field(default_factory=list, metadata=about(pa.list_(VERSION), "libraries"))
    checks: list[dict[str, Any]] = field(
        default_factory=list,
        metadata=about(
            pa.list_(CHECK),
            "self-checks: how far a value is from its comparand (value), may be (tolerance), "
            "and is by rounding alone (floor)",
        ),
    )
    sources: list[dict[str, str | None]] = field(
        default_factory=list, metadata=about(pa.list_(SOURCE), "raw files that the table was made from")
    )
    made_from: list[dict[str, str]] = field(
        default_factory=list,
        metadata=about(pa.list_(MADE_FROM), "files of banks, and weight files, that the table was made from"),
    )
    author: str | None = optional(STRING, "who made it, where that is said")
    licence: str | None = optional(STRING, "licence of the content")
    redistributable: bool | None = optional(
        BOOL, "whether the content may be passed on; null for not known, and then it may not"
    )
    details: str | None = optional(STRING, "anything else worth keeping, as JSON")
    sidecar_sha256: str | None = optional(STRING, "sha256 of the sidecar itself: in the manifest only")

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Self:
        """A sidecar from its fields; those that a later minor version has are passed over.

        Raises
        ------
        BrainlakeError
            If the format is not known, or has no such field.
        """
        form = facts.get("format", FIRST)
        strangers = sorted(facts.keys() - _FIELDS)
        if not check_format(form) and strangers:
            raise BrainlakeError(f"a sidecar has no field {strangers[0]!r}")
        return cls(**{name: value for name, value in facts.items() if name in _FIELDS} | {"format": form})

    @classmethod
    def read(cls, root: Path, path: Path) -> Self:
        """Read one sidecar.

        Raises
        ------
        BrainlakeError
            If it is not a sidecar, speaks of a file other than the one that it belongs to, or leaves the bank.
        FileNotFoundError
            If there is none.
        """
        for sidecar in cls.read_each(root, [path], Walls(root)):
            return sidecar
        raise FileNotFoundError(path)

    @classmethod
    def read_each(cls, root: Path, paths: Iterable[Path], walls: Walls) -> list[Self]:
        """Read sidecars as :meth:`read` does; those that are not there are passed over.

        Types are checked of all at once, which takes a tenth of the time.
        """
        read: dict[Path, Self] = {}
        for path in paths:
            if not walls.hold(path):
                raise BrainlakeError(f"{path} is a link that leaves the bank: nothing outside {root} is read")
            with suppress(FileNotFoundError):
                content = read_small(path)
                with _refused(path):
                    read[path] = cls.from_facts(_facts(content))
        _check_types(read)
        for path, sidecar in read.items():
            with _refused(path):
                sidecar.check_names()
            place = path.relative_to(root).as_posix()
            if place not in (sidecar_path(sidecar.path), first_sidecar_path(sidecar.path)):
                raise BrainlakeError(f"{path} speaks of {sidecar.path!r} ({sidecar.kind}), which is not its file")
            if not walls.hold(root / sidecar.path):
                file = root / sidecar.path
                raise BrainlakeError(f"{file} is a link that leaves the bank: nothing outside {root} is read")
        return list(read.values())

    @classmethod
    def find(cls, root: Path, path: str) -> Self | None:
        """The sidecar of a Parquet file, in the place that it has or had; None if there is none."""
        place = find_sidecar(root, path)
        return None if place is None else cls.read(root, place)

    def check(self) -> None:
        """Raise unless every field is of its type, every name is one, and the path is where such a file lies."""
        try:
            manifest_table([self])
        except (pa.ArrowException, OverflowError) as error:
            raise BrainlakeError(str(error)) from None
        self.check_names()

    def check_names(self) -> None:
        """Raise unless every name is one, and the path is where such a file lies; every field is of its type."""
        if self.kind not in TABLES:
            raise BrainlakeError(f"there is no table {self.kind!r}")
        for kind, name in (("model", self.model), ("stimulus set", self.stimulus_set), ("recipe", self.recipe)):
            if name is not None:
                check_name(kind, name)
        for field_name, needed in NEEDED.items():
            for entry in getattr(self, field_name):
                lacking = [part for part in needed if (entry or {}).get(part) is None]
                if lacking:
                    raise BrainlakeError(f"an entry of its {field_name} has no {lacking[0]}")
        for field_name, text in (("recipe_json", self.recipe_json), ("details", self.details)):
            if text is not None:
                check_small(text, field_name)
                if not isinstance(json.loads(text), dict):
                    raise BrainlakeError(f"{field_name} is not a JSON object: {text[:80]!r}")
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
        facts = {name: value for name, value in vars(self).items() if name != "sidecar_sha256"}
        return json.dumps(facts, indent=1, sort_keys=True) + "\n"

    def sealed(self) -> Self:
        """The same, knowing the sha256 of its own text."""
        return replace(self, sidecar_sha256=hashlib.sha256(self.to_json().encode()).hexdigest())

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


MANIFEST: Final = pa.schema(
    [
        pa.field(
            f.name,
            f.metadata["type"],
            f.default is not MISSING or f.default_factory is not MISSING,
            {"description": f.metadata["description"]},
        )
        for f in fields(Sidecar)
    ]
)
"""The table ``manifest``: a row a file, the fields of its sidecar."""

_FIELDS: Final = frozenset(MANIFEST.names)


def manifest_table(sidecars: Sequence[Sidecar]) -> pa.Table:
    """Sidecars as the ``manifest`` table."""
    return pa.Table.from_pylist([vars(s) for s in sidecars], schema=MANIFEST)


def _facts(content: bytes) -> dict[str, Any]:
    """What the text of a sidecar says, and its own hash."""
    facts = json.loads(content.decode())
    if not isinstance(facts, dict) or "sidecar_sha256" in facts:
        raise BrainlakeError("it is not a JSON object with the fields of one")
    return facts | {"sidecar_sha256": hashlib.sha256(content).hexdigest()}


def _check_types(read: Mapping[Path, Sidecar]) -> None:
    """Raise unless every field is of its type, and say of which."""
    try:
        manifest_table([*read.values()])
    except (pa.ArrowException, OverflowError, ValueError, TypeError, RecursionError):
        for path, sidecar in read.items():
            with _refused(path):
                sidecar.check()
        raise


@contextmanager
def _refused(path: Path) -> Iterator[None]:
    """Say which file is not a sidecar, and why."""
    try:
        yield
    except (ValueError, TypeError, RecursionError, BrainlakeError) as error:
        raise BrainlakeError(
            f"{path} is not a sidecar: {error}; restore it, or remove it and build its file again"
        ) from None
