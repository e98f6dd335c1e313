"""Places in a folder that files of a bank may be put to: inside it, and told apart on every system."""

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from brainlake.contract.layout import inside, sidecar_path
from brainlake.errors import BrainlakeError


def check_places(root: Path, paths: Iterable[str]) -> None:
    """Refuse to write files, and their sidecars, where a link leads out, or beside a name that differs in case alone.

    Windows and macOS take such two names for one file.

    Parameters
    ----------
    paths
        Of Parquet files, inside the bank.

    Raises
    ------
    BrainlakeError
        At the first such file; nothing was written.
    """
    seen: dict[str, str] = {}
    for path in paths:
        check_inside(root, root / path, root / sidecar_path(path))
        folder = root
        for part, place in zip(PurePosixPath(path).parts, _prefixes(path), strict=True):
            there = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
            twins = [str(PurePosixPath(place).with_name(name)) for name in there if _only_case(name, part)]
            other = seen.setdefault(place.casefold(), place)
            if twins or other != place:
                raise BrainlakeError(
                    f"{root} cannot have {place} beside {(twins or [other])[0]}: on Windows and macOS they are one "
                    f"file; use another name"
                )
            folder /= part


def check_inside(root: Path, *paths: Path) -> None:
    """Refuse to write, or remove, where a link leads out of a bank."""
    for path in paths:
        if not inside(root, path):
            raise BrainlakeError(f"{path} leads out of {root} by a link: nothing was written; remove the link")


def _prefixes(path: str) -> list[str]:
    """A path and the folders that it lies in, the outermost first."""
    return [str(one) for one in reversed([PurePosixPath(path), *PurePosixPath(path).parents[:-1]])]


def _only_case(name: str, other: str) -> bool:
    return name != other and name.casefold() == other.casefold()
