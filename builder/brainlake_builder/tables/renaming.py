"""Gives a model, a stimulus set, a benchmark or scores another name, in every file that speaks of it.

The files under the new name are written first, those under the old one go last: killed in between, the bank has both,
and the same command goes on.
"""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from brainlake.bank.local_root import check_same, read_checked
from brainlake.bank.manifest import rebuild_manifest
from brainlake.bank.references import OF_A_BENCHMARK
from brainlake.bank.sidecars import read_sidecars
from brainlake.contract.layout import check_name, digest_path, table_path
from brainlake.contract.schema import FEATURE_TABLES, TABLES
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError, UnknownNameError
from brainlake.storage.files import write_text
from brainlake_builder.tables.placing import remove_files, rewrite

COLUMNS = {
    "model": ("model", "model_a", "model_b", "base_model"),
    "stimuli": ("stimulus_set", "stimulus_sets"),
    "benchmark": ("benchmark", "composite_of"),
    "scores": (),
}
"""What can be renamed, and the columns in which its name stands."""

BEGUN = ".staging/rename.json"
"""What is being renamed, until all of it is."""

_TABLES = {"model": ("models",), "stimuli": ("stimuli",), "benchmark": ("benchmarks", *OF_A_BENCHMARK)} | {
    "scores": ("scores",)
}
"""Tables whose files are called after it."""


def rename(bank: Path, kind: str, old: str, new: str) -> list[Sidecar]:
    """Give something another name.

    Parameters
    ----------
    bank
        Folder of the bank.
    kind
        One of ``COLUMNS``.
    old, new
        Its name, and the one that it gets.

    Returns
    -------
    list of Sidecar
        Those of the files that were written.

    Raises
    ------
    UnknownNameError
        If the bank has nothing of the old name.
    BrainlakeError
        If there is no bank, the new name is none, something else has it, or a file that it stands in is damaged.
    """
    if not bank.is_dir():
        raise BrainlakeError(f"there is no bank at {bank}: no such folder")
    check_name(kind, new)
    begun, this = bank / BEGUN, json.dumps({"kind": kind, "old": old, "new": new})
    if begun.exists() and begun.read_text() != this:
        cut = " ".join(json.loads(begun.read_text()).values())
        raise BrainlakeError(f"{bank}: a renaming was cut; finish it first: brainlake-build rename --bank {bank} {cut}")
    found = sorted(read_sidecars(bank), key=lambda s: list(TABLES).index(s.kind))
    known = {name for s in found for name in _names(kind, s)}
    if not begun.exists():
        if old not in known:
            raise UnknownNameError(kind, old, sorted(known))
        if new in known:
            raise BrainlakeError(f"{bank} has a {kind} named {new}: choose another name, or remove that one")
        alike = next((name for name in sorted(known) if name.casefold() == new.casefold()), None)
        if alike is not None:
            raise BrainlakeError(
                f"{new} and {alike}, which {bank} has, differ only in capitals, and their files are one "
                f"on Windows and macOS: choose another name (to change the capitals, rename it twice)"
            )
    changes = {s.path: _changes(kind, s, old, new) for s in found}
    spoken_of = {s.path for s in found if changes[s.path] or _speaks_of(bank, s, COLUMNS[kind], old)}
    if not begun.exists():
        for sidecar in found:  # a damaged one, met later, would leave a bank that is half renamed for good
            if sidecar.path in spoken_of:
                check_same(bank, sidecar)
        write_text(begun, this)
    change = partial(_renamed, columns=COLUMNS[kind], old=old, new=new)
    written: dict[str, Sidecar] = {}
    for sidecar in found:
        facts = changes[sidecar.path]
        sources = [_followed(part, written) for part in sidecar.made_from]
        if sidecar.path in spoken_of or sources != sidecar.made_from:
            path = facts.pop("path", sidecar.path)
            written[sidecar.path] = rewrite(bank, sidecar, change, path, **facts, made_from=sources)
    remove_files(bank, [path for path, s in reversed(written.items()) if s.path != path])
    rebuild_manifest(bank)
    begun.unlink()
    return list(written.values())


def _names(kind: str, sidecar: Sidecar) -> set[str]:
    """Names of that kind that a file is called after."""
    column = {"model": sidecar.model, "stimuli": sidecar.stimulus_set}.get(kind)
    found = {column, sidecar.name if sidecar.kind in _TABLES[kind] else None}
    if kind == "stimuli" and sidecar.kind == "stimulus_features":
        found.add(str(sidecar.name).split("/")[0])
    return {name for name in found if name is not None}


def _changes(kind: str, sidecar: Sidecar, old: str, new: str) -> dict[str, Any]:
    """Fields of a sidecar that change, its path among them; none if the file is not called after it."""
    if old not in _names(kind, sidecar):
        return {}
    facts = {"model": sidecar.model, "stimulus_set": sidecar.stimulus_set, "name": sidecar.name}
    field = {"model": "model", "stimuli": "stimulus_set"}.get(kind)
    if field and facts[field] == old:
        facts[field] = new
    if sidecar.kind in _TABLES[kind]:
        facts["name"] = new
    elif sidecar.kind == "stimulus_features":
        facts["name"] = f"{new}/{str(sidecar.name).split('/')[1]}"
    if sidecar.kind in FEATURE_TABLES:
        parts = (str(facts["model"]), str(facts["stimulus_set"]), str(sidecar.recipe), str(sidecar.recipe_digest))
        return facts | {"path": digest_path(sidecar.kind, *parts)}
    return facts | {"path": table_path(sidecar.kind, str(facts["name"]))}


def _followed(part: dict[str, str], written: dict[str, Sidecar]) -> dict[str, str]:
    """A source of a file, under the path and hash that it has now."""
    moved = written.get(part["path"])
    return part if moved is None else part | {"path": moved.path, "sha256": moved.sha256}


def _speaks_of(bank: Path, sidecar: Sidecar, columns: tuple[str, ...], name: str) -> bool:
    """Whether a name stands in a file that is not called after it."""
    there = [column for column in columns if column in TABLES[sidecar.kind].names]
    if not there or sidecar.kind in FEATURE_TABLES:
        return False
    table = read_checked(bank, sidecar, there)
    columns_of_names = (pc.list_flatten(c) if _is_list(c) else c for c in table.columns)
    return any(pc.any(pc.equal(column, name)).as_py() for column in columns_of_names)


def _renamed(table: pa.Table, *, columns: tuple[str, ...], old: str, new: str) -> pa.Table:
    """Rows with the new name wherever the old one stood."""
    for place, field in enumerate(table.schema):
        if field.name in columns:
            column = table.column(place)
            if _is_list(column):
                rows = [row and [new if name == old else name for name in row] for row in column.to_pylist()]
                changed = pa.chunked_array([pa.array(rows, field.type)])
            else:
                changed = pc.if_else(pc.fill_null(pc.equal(column, old), False), new, column)
            table = table.set_column(place, field, changed)
    return table


def _is_list(column: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_list(column.type))
