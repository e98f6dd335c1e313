"""What makes two banks the same: a digest of one line, and the files in which they differ."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from brainlake.contract.sidecar import Sidecar


def bank_digest(sidecars: Iterable[Sidecar]) -> str:
    """Digest of the tables of a bank, whatever else lies beside them.

    sha256 over a line a Parquet file, in the order of their paths: its sha256, two spaces, its path. It is what
    ``sha256sum`` gives for what ``sha256sum`` says of the files.

    Examples
    --------
    >>> bank_digest([])
    'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    """
    lines = (f"{s.sha256}  {s.path}\n" for s in sorted(sidecars, key=lambda s: s.path))
    return f"sha256:{hashlib.sha256(''.join(lines).encode()).hexdigest()}"


@dataclass(frozen=True)
class Difference:
    """A file in which a bank is not another one.

    Attributes
    ----------
    path
        The file.
    how
        ``missing`` here, ``other`` bytes here, or ``extra``: only here.
    """

    path: str
    how: Literal["missing", "other", "extra"]


def differences(here: Sequence[Sidecar], there: Sequence[Sidecar]) -> list[Difference]:
    """Files of one bank that are not those of another, in the order of their paths."""
    own, others = ({s.path: s.sha256 for s in sidecars} for sidecars in (here, there))
    found = [Difference(path, "extra") for path in own.keys() - others.keys()]
    found += [Difference(path, "missing") for path in others.keys() - own.keys()]
    found += [Difference(path, "other") for path in own.keys() & others.keys() if own[path] != others[path]]
    return sorted(found, key=lambda one: one.path)
