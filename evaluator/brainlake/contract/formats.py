"""Formats of the contract: which there are, and how tables of the first one are read as today's.

A bank says its format in its manifest, a file in its sidecar. A later minor version, such as 2.1, has further fields of
sidecars, which this version passes over; another table, or another column of one, is another format.
"""

import re
from typing import Final

import pyarrow as pa

from brainlake.contract.schema import TABLES
from brainlake.errors import BrainlakeError

FORMAT: Final = "2"
FIRST: Final = "1"

_ADDED: Final = {
    "models": ("adapter", "quantization", "quantization_file", "untrained_seed"),
    "targets": ("made_of",),
    "reading_times": ("unit", "skipped"),
    "ceilings": ("measure", "n_subjects"),
    "scores": (
        *("kind", "measure", "kept_whole", "n_folds", "seeds", "controls", "p_floor", "n_subjects"),
        *("file", "author"),
    ),
}
"""Columns that the first format did not have."""

RENAMED: Final = {"reading_times": {"mean_ms": "value", "sd_ms": "sd"}}
"""Columns that it called something else."""

MEANT: Final = {"reading_times": {"unit": "'ms'", "skipped": "false"}}
"""What it meant without saying so, as SQL; every other column that it did not have is null."""


def check_format(form: object) -> bool:
    """Whether a format is a later minor version of this one.

    Raises
    ------
    BrainlakeError
        If this version cannot read it.

    Examples
    --------
    >>> [check_format(form) for form in ("1", "2", "2.1")]
    [False, False, True]
    """
    if form in (FIRST, FORMAT):
        return False
    if isinstance(form, str) and re.fullmatch(rf"{FORMAT}\.[1-9][0-9]{{0,3}}", form):
        return True
    raise BrainlakeError(f"it is of format {form!r}, which this version of brainlake does not know: use a later one")


def schema_of(table: str, form: str) -> pa.Schema:
    """Columns of a table in a format."""
    today = TABLES[table]
    if form != FIRST:
        return today
    old = {new: name for name, new in RENAMED.get(table, {}).items()}
    return pa.schema([f.with_name(old.get(f.name, f.name)) for f in today if f.name not in _ADDED.get(table, ())])
