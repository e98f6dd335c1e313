"""The sidecars of a bank in a folder: found, put in their place, taken away."""

from contextlib import suppress
from pathlib import Path

from brainlake.contract.layout import SIDECARS, first_sidecar_path, inside, sidecar_path
from brainlake.contract.schema import TABLES
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError
from brainlake.storage.files import Stamp, stamp


def read_sidecars(root: Path) -> list[Sidecar]:
    """All sidecars of a local bank whose files are there, in path order.

    One that another process takes away between listing and reading counts as not there, like its file.
    """
    found: dict[str, Sidecar] = {}
    # Those of the first format before the others: one that moves meanwhile is met in one of the two places.
    for path in [*first_sidecars(root), *_listed(root, root / SIDECARS, "*.json")]:
        with suppress(FileNotFoundError):
            sidecar = Sidecar.read(root, path)
            if (root / sidecar.path).exists():
                found[sidecar.path] = sidecar
    return [found[path] for path in sorted(found)]


def stamps(root: Path) -> dict[Path, Stamp]:
    """Which sidecars there are, and what changes when one is replaced: much cheaper than to read them.

    Sidecars are never written in place: each new one is a file of its own.
    """
    found = {}
    for path in [*first_sidecars(root), *_listed(root, root / SIDECARS, "*.json")]:
        with suppress(FileNotFoundError):
            found[path] = stamp(path)
    return found


def first_sidecars(root: Path) -> list[Path]:
    """Sidecars that lie beside their files, as in the first format."""
    return [path for table in TABLES for path in _listed(root, root / table, "*.parquet.json")]


def move_first_sidecars(root: Path) -> None:
    """Bring a bank of the first format to this one: its sidecars move, one by one, and no other file changes.

    It may be killed at any moment, and go on later: a bank with sidecars in both places is read as one.
    """
    for old in first_sidecars(root):
        new = root / sidecar_path(old.relative_to(root).as_posix().removesuffix(".json"))
        if not inside(root, new):
            raise BrainlakeError(f"{new} is a link that leaves the bank: nothing outside {root} is written")
        new.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # another process moved it, or replaces its file
            if new.exists():
                old.unlink()
            else:
                old.rename(new)


def remove_sidecar(root: Path, path: str) -> None:
    """Take the sidecar of a Parquet file away: without it the file counts as not there."""
    (root / first_sidecar_path(path)).unlink(missing_ok=True)
    (root / sidecar_path(path)).unlink(missing_ok=True)


def _listed(root: Path, folder: Path, pattern: str) -> list[Path]:
    if not inside(root, folder):
        raise BrainlakeError(f"{folder} is a link that leaves the bank: nothing outside {root} is read")
    return sorted(path for path in folder.rglob(pattern) if not path.name.startswith("."))
