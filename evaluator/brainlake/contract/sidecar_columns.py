"""Types of the fields of a sidecar, in the manifest."""

from dataclasses import field
from typing import Any, Final

import pyarrow as pa

from brainlake.contract.schema import BOOL, FLOAT, STRING

CHECK: Final = pa.struct(
    [
        *(("name", STRING), ("value", FLOAT), ("tolerance", FLOAT), ("passed", BOOL)),
        *(("comparand", STRING), ("floor", FLOAT)),
    ]
)
LAYER: Final = pa.struct([("layer", pa.int16()), ("module", STRING), ("sha256", STRING)])
VERSION: Final = pa.struct([("library", STRING), ("version", STRING)])
SOURCE: Final = pa.struct([("file", STRING), ("url", STRING), ("sha256", STRING)])
MADE_FROM: Final = pa.struct([("kind", STRING), ("path", STRING), ("sha256", STRING)])


NEEDED: Final = {
    "layers": ("layer", "module", "sha256"),
    "versions": ("library", "version"),
    "checks": ("name", "passed"),
    "sources": ("file",),
    "made_from": ("path", "sha256"),
}
"""What every entry of a list says: the lists of a sidecar, and those of their parts that are never null."""


def about(kind: pa.DataType, meaning: str) -> dict[str, Any]:
    """Type and meaning of a field."""
    return {"type": kind, "description": meaning}


def column(kind: pa.DataType, meaning: str) -> Any:
    """A field that every sidecar has."""
    return field(metadata=about(kind, meaning))


def optional(kind: pa.DataType, meaning: str, default: str | None = None) -> Any:
    """A field that may lack."""
    return field(default=default, metadata=about(kind, meaning))
