"""Names and paths inside a bank."""

import os
import re
import stat
from pathlib import Path

from brainlake.contract.recipe import Procedure
from brainlake.errors import BrainlakeError

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._@+=,-]*")
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
"""Names that Windows keeps for devices, whatever follows their first dot."""

LONGEST = 200
"""Characters of a name: with a digest and an ending it is a file name everywhere."""


def check_name(kind: str, name: str) -> str:
    """Return ``name`` if it can be a file name everywhere and a value in a URL; raise otherwise.

    Raises
    ------
    BrainlakeError
        For an empty name, path separators, white space or quotes, ``..``, a dot at either end, a name of a device of
        Windows, or over 200 characters.
    """
    if isinstance(name, str) and len(name) > LONGEST:
        raise BrainlakeError(f"{name[:40]!r}... cannot name a {kind}: it has {len(name)} characters, {LONGEST} at most")
    if not isinstance(name, str) or not _NAME.fullmatch(name) or ".." in name:
        raise BrainlakeError(
            f"{name!r} cannot name a {kind}: use letters, digits and . _ @ + = , - only, "
            f"starting with a letter, a digit or _"
        )
    if name.endswith(".") or _DEVICE.fullmatch(name):
        raise BrainlakeError(f"{name!r} cannot name a {kind}: it is no file name on Windows; use another")
    return name


def model_name(hub_id: str, revision: str | None = None) -> str:
    """Name of a Hub model inside a bank.

    Examples
    --------
    >>> model_name("openai-community/gpt2")
    'openai-community--gpt2'
    >>> model_name("EleutherAI/pythia-70m", "step3000")
    'EleutherAI--pythia-70m@step3000'
    """
    name = hub_id.replace("/", "--")
    return check_name("model", name if revision in (None, "main") else f"{name}@{revision}")


def table_path(table: str, name: str) -> str:
    """Path of a file of a table that has one file a name.

    A name of ``stimulus_features`` is ``<stimulus set>/<source>``.
    """
    parts = name.split("/") if table == "stimulus_features" else [name]
    return "/".join([table, *(check_name(table, part) for part in parts)]) + ".parquet"


def feature_path(table: str, model: str, stimulus_set: str, recipe: Procedure) -> str:
    """Path of the one file that ``table`` has for a (model, stimulus set, recipe)."""
    return digest_path(table, model, stimulus_set, recipe.name, recipe.digest)


def digest_path(table: str, model: str, stimulus_set: str, recipe: str, digest: str) -> str:
    """Path of a feature file whose recipe is known by its name and digest."""
    check_name("model", model)
    check_name("stimulus set", stimulus_set)
    if not re.fullmatch("[0-9a-f]{8}", digest):
        raise BrainlakeError(f"{digest!r} is not the digest of a recipe")
    return f"{table}/{model}/{stimulus_set}/{check_name('recipe', recipe)}-{digest}.parquet"


SIDECARS = "sidecars"
"""Folder of the sidecars: readers of a folder of Parquet files pass over it, since it is none of theirs."""


def sidecar_path(path: str) -> str:
    """Path of the sidecar of a Parquet file.

    Examples
    --------
    >>> sidecar_path("models/gpt2.parquet")
    'sidecars/models/gpt2.json'
    """
    return f"{SIDECARS}/{path.removesuffix('.parquet')}.json"


def first_sidecar_path(path: str) -> str:
    """Path that it had in the first format: beside its file."""
    return f"{path}.json"


def find_sidecar(root: Path, path: str) -> Path | None:
    """The sidecar of a Parquet file, in the place that it has or had; None if there is none."""
    places = (root / sidecar_path(path), root / first_sidecar_path(path))
    return next((place for place in places if place.exists()), None)


def inside(root: Path, path: Path) -> bool:
    """Whether a path, its links followed, stays in the folder ``root``.

    The files of a snapshot of huggingface-hub are links into its stores of blobs: they count as inside. Links that
    lead round in a circle stay nowhere.
    """
    home, target = Path(os.path.realpath(root)), Path(os.path.realpath(path))
    stores = [folder / "blobs" for folder in home.parents[1:3]] if home.parent.name == "snapshots" else []
    return not target.is_symlink() and any(target.is_relative_to(folder) for folder in (home, *stores))


class Walls:
    """Which paths stay in a folder, asked of many: each folder on the way is looked at once.

    Parameters
    ----------
    root
        The folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._direct = {root: True}

    def hold(self, path: Path) -> bool:
        """As :func:`inside`."""
        return (self._is_direct(path.parent) and not _leads_on(path)) or inside(self._root, path)

    def _is_direct(self, folder: Path) -> bool:
        """Whether a folder lies in the root with no link between them."""
        if folder not in self._direct:
            up = folder.parent
            self._direct[folder] = (
                up != folder and folder.name != ".." and self._is_direct(up) and not _leads_on(folder)
            )
        return self._direct[folder]


def _leads_on(path: Path) -> bool:
    """Whether a path is a link, or a junction of Windows; what is not there is none."""
    try:
        facts = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return stat.S_ISLNK(facts.st_mode) or bool(
        getattr(facts, "st_file_attributes", 0) & stat.FILE_ATTRIBUTE_REPARSE_POINT
    )
