"""Takes things out of a bank, with what would be left referring to nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from brainlake.bank.manifest import rebuild_manifest
from brainlake.bank.references import OF_A_BENCHMARK, named
from brainlake.bank.sidecars import read_sidecars
from brainlake.contract.layout import inside
from brainlake.contract.schema import FEATURE_TABLES, RESULTS, TABLES
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError, UnknownNameError
from brainlake_builder.tables.placing import remove_files

KINDS = ("model", "stimuli", "benchmark", "scores", "features", "file")
"""What can be removed; all but features, by name."""


@dataclass(frozen=True)
class Removal:
    """Paths of the files to remove, and of those that were made from them or refer to them."""

    chosen: list[str]
    dependents: list[str]


def plan_removal(
    bank: Path,
    kind: str,
    name: str | None = None,
    *,
    models: Sequence[str] | None = None,
    stimuli: Sequence[str] | None = None,
    recipes: Sequence[str] | None = None,
) -> Removal:
    """Find what has to go.

    Parameters
    ----------
    bank
        Folder of the bank.
    kind
        One of ``KINDS``: a model is its row and all its features, a benchmark its row and its recordings.
    name
        Its name, or the path of the file; none for features.
    models, stimuli, recipes
        Which features; by default all, but one of them has to be given.

    Raises
    ------
    UnknownNameError
        If the bank has nothing of that name.
    BrainlakeError
        If there is no bank, or it is not said what is to go.
    """
    if not bank.is_dir():
        raise BrainlakeError(f"there is no bank at {bank}: no such folder")
    found = read_sidecars(bank)
    if kind == "features":
        chosen = _features(found, {"model": models, "stimulus_set": stimuli, "recipe": recipes})
    elif kind == "file" and _left_over(bank, str(name)):
        return Removal([str(name)], [])
    else:
        chosen = [s for s in found if name in _names(s, kind)]
        if not chosen:
            raise UnknownNameError(kind, str(name), sorted({known for s in found for known in _names(s, kind)}))
    return Removal([s.path for s in chosen], _dependents(bank, found, chosen))


def remove(bank: Path, removal: Removal) -> None:
    """Remove the files, what depends on others first, and bring the manifest up to date."""
    remove_files(bank, [*reversed(removal.dependents), *removal.chosen])
    rebuild_manifest(bank)


def _names(sidecar: Sidecar, kind: str) -> set[str]:
    """Names under which a file goes with something of a kind."""
    tables = {"stimuli": ("stimuli",), "benchmark": ("benchmarks", *OF_A_BENCHMARK), "scores": ("scores",)}
    if kind == "file":
        return {sidecar.path}
    if kind == "model":
        return {sidecar.model} if sidecar.model else set()
    if kind == "stimuli" and sidecar.kind == "stimulus_features":
        return {str(sidecar.name).split("/")[0]}
    return {str(sidecar.name)} if sidecar.kind in tables[kind] else set()


def _features(found: Sequence[Sidecar], wanted: dict[str, Sequence[str] | None]) -> list[Sidecar]:
    if not any(wanted.values()):
        raise BrainlakeError("say which features are to go: of which model, on which stimuli, by which recipe")
    chosen = [s for s in found if s.kind in FEATURE_TABLES]
    for column, names in wanted.items():
        for name in names or ():
            known = sorted({str(getattr(s, column)) for s in chosen})
            if name not in known:
                raise UnknownNameError(f"{column.replace('_', ' ')} with features", name, known)
        chosen = [s for s in chosen if not names or getattr(s, column) in names]
    return chosen


def _left_over(bank: Path, path: str) -> bool:
    """Whether this is a table without a sidecar, as a removal or a writing that was killed leaves it."""
    file = bank / path
    is_table = path.endswith(".parquet") and path.split("/")[0] in TABLES and ".." not in path.split("/")
    return is_table and inside(bank, file) and file.is_file() and path not in {s.path for s in read_sidecars(bank)}


def _dependents(bank: Path, found: Sequence[Sidecar], chosen: Sequence[Sidecar]) -> list[str]:
    """Files that were made from those chosen or refer to them, directly or not, after what they depend on."""
    others = {s.path: _dependencies(bank, s) for s in found if s not in chosen}
    kinds = {s.path: (s.kind, str(s.name)) for s in found}
    gone = {token for s in chosen for token in (("file", s.path), kinds[s.path])}
    dependents: list[str] = []
    while new := [path for path, needs in others.items() if needs & gone and path not in dependents]:
        dependents += new
        gone |= {token for path in new for token in (("file", path), kinds[path])}
    return dependents


def _dependencies(bank: Path, sidecar: Sidecar) -> set[tuple[str, str]]:
    found = {*named(bank, sidecar), *(("file", part["path"]) for part in sidecar.made_from)}
    if sidecar.kind in RESULTS:
        column = pq.read_table(bank / sidecar.path, columns=["benchmark"]).column(0)
        found |= {("benchmarks", name) for name in column.unique().to_pylist()}
    return found
