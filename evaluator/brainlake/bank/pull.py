"""Fetch a published bank, or a part of it, into a local one."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from brainlake.bank.hub_root import HubRoot
from brainlake.bank.manifest import rebuild_manifest
from brainlake.bank.places import check_inside, check_places
from brainlake.bank.roots import follow, open_root
from brainlake.bank.sidecars import read_sidecars, remove_sidecar
from brainlake.contract.layout import sidecar_path
from brainlake.contract.schema import ACTIVATIONS as ACTIVATIONS_SCHEMA
from brainlake.contract.schema import FEATURE_TABLES
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import AT_ONCE, BrainlakeError, Failures, UnknownNameError
from brainlake.storage.files import atomic_path, sha256_file, write_bytes
from brainlake.storage.layers import as_matrix, layer_groups
from brainlake.storage.parquet import ACTIVATIONS, file_facts


@dataclass(frozen=True)
class Fetch:
    """One file to fetch.

    Attributes
    ----------
    root, sidecar
        Where it is, and what it is there.
    layers
        Layers to fetch; None for the whole file.
    n_bytes
        What travels, at most.
    """

    root: HubRoot
    sidecar: Sidecar
    layers: tuple[int, ...] | None
    n_bytes: int


def plan_pull(
    repo: str,
    bank: Path,
    *,
    models: Sequence[str] | None = None,
    layers: Sequence[int] | None = None,
    kernels_only: bool = False,
    metadata_only: bool = False,
) -> list[Fetch]:
    """Say what a pull would fetch; only manifests, and footers where layers are chosen, travel.

    Parameters
    ----------
    repo
        ``owner/name[@revision]``; an index brings the repositories that it lists.
    bank
        Folder to fetch into; what it has already is left out.
    models
        Models to fetch, by default all.
    layers
        Layers of activations to fetch, by default all.
    kernels_only
        Kernels in place of activations.
    metadata_only
        No activations, surprisal or kernels at all.

    Raises
    ------
    UnknownNameError
        If there is no such model, or a file has none of the layers.
    BrainlakeError
        If there is no such repository, or the folder has something else under the same name.
    """
    roots = follow(open_root(repo))
    there = {s.key: s for s in read_sidecars(bank)} if bank.is_dir() else {}
    remote = [(root, s) for root in roots if isinstance(root, HubRoot) for s in root.sidecars]
    if len({id(root) for root, _ in remote}) < len(roots):
        raise BrainlakeError(f"{repo} is a folder: only what is on the Hub can be pulled")
    known = sorted({s.model for _, s in remote if s.model})
    for model in models or ():
        if model not in known:
            raise UnknownNameError("model", model, known)
    left_out = set(FEATURE_TABLES) if metadata_only else {"activations"} if kernels_only else set()
    found: dict[tuple[str, ...], Fetch] = {}
    for root, sidecar in remote:
        chosen = models is None or sidecar.model is None or sidecar.model in models
        if chosen and sidecar.kind not in left_out:
            fetch = _fetch(root, sidecar, layers, there.get(sidecar.key), bank)
            if fetch is not None:
                found.setdefault(sidecar.key, fetch)
    return list(found.values())


def pull(fetches: Sequence[Fetch], bank: Path, failures: Failures = AT_ONCE) -> Iterator[Sidecar | None]:
    """Fetch what was planned; every file is checked, and then put in its place with its sidecar.

    Parameters
    ----------
    fetches
        What :func:`plan_pull` planned.
    bank
        Folder to fetch into.
    failures
        Where files that come damaged, or not at all, are put; by default the first one ends it.

    Yields
    ------
    Sidecar
        Each file that was written; None for one that was not.

    Raises
    ------
    BrainlakeError
        If a file came damaged, and those before it are in place; or a link would lead one out of the folder, or two
        names differ in case alone, and nothing was written.
    """
    staging = bank / ".staging" / "pull"
    check_inside(bank, staging)
    check_places(bank, [fetch.sidecar.path for fetch in fetches])
    for fetch in fetches:
        written = None
        with failures.of(fetch.sidecar.path):
            written = _fetched(fetch, bank, staging)
        yield written
    shutil.rmtree(staging, ignore_errors=True)
    rebuild_manifest(bank)


def _fetched(fetch: Fetch, bank: Path, staging: Path) -> Sidecar:
    """Fetch one file, and put it in its place with its sidecar."""
    if fetch.layers is None:
        sidecar, text = _whole(fetch, bank, staging), fetch.root.sidecar_text(fetch.sidecar)
    else:
        sidecar = _part(fetch, bank)
        text = sidecar.to_json().encode()
    write_bytes(bank / sidecar_path(sidecar.path), text)
    return sidecar


def _fetch(
    root: HubRoot, sidecar: Sidecar, layers: Sequence[int] | None, there: Sidecar | None, bank: Path
) -> Fetch | None:
    """What to fetch of a file, or None if the folder has it."""
    wanted = None
    if layers is not None and sidecar.kind == "activations":
        recorded = [entry["layer"] for entry in sidecar.layers]
        wanted = tuple(k for k in recorded if k in layers)
        if not wanted:
            raise UnknownNameError("layer", ", ".join(map(str, layers)), [str(k) for k in recorded])
    if there is not None:
        part_of_this = sidecar.sha256 in [source.get("sha256") for source in there.sources]
        if there.sha256 == sidecar.sha256 or (
            part_of_this and wanted is not None and set(wanted) <= {entry["layer"] for entry in there.layers}
        ):
            return None
        if not part_of_this:
            raise BrainlakeError(
                f"{bank / there.path} is not what {root} has under that name: pull into another folder"
            )
        if wanted is not None:
            kept = {*wanted, *(entry["layer"] for entry in there.layers)}
            wanted = tuple(entry["layer"] for entry in sidecar.layers if entry["layer"] in kept)
    return Fetch(root, sidecar, wanted, sidecar.bytes if wanted is None else _bytes(root, sidecar, wanted))


def _bytes(root: HubRoot, sidecar: Sidecar, layers: tuple[int, ...]) -> int:
    """Size of the row groups of some layers; of a file in the cache nothing travels."""
    ranged = root.ranged(sidecar)
    if ranged is None:
        return 0 if root.snapshot.cached(sidecar.path) else sidecar.bytes
    groups = {g for layer in layers for g in layer_groups(ranged.metadata, sidecar, layer)}
    return sum(chunk.end - chunk.start for chunk in ranged.footer.chunks if chunk.group in groups)


def _whole(fetch: Fetch, bank: Path, staging: Path) -> Sidecar:
    sidecar = fetch.sidecar
    found = fetch.root.snapshot.download(sidecar.path, sidecar.bytes, into=staging)
    if sha256_file(found) != sidecar.sha256:
        found.unlink()
        raise BrainlakeError(f"{sidecar.path} of {fetch.root} came damaged, or is damaged there: its sha256 is another")
    with atomic_path(bank / sidecar.path) as temporary:
        found.replace(temporary)
        remove_sidecar(bank, sidecar.path)
    return sidecar


def _part(fetch: Fetch, bank: Path) -> Sidecar:
    """A file with some of the layers; its sidecar names the one that it was taken from."""
    sidecar, layers = fetch.sidecar, fetch.layers or ()
    path = bank / sidecar.path
    with fetch.root.parquet(sidecar) as file, atomic_path(path) as temporary:
        writer = None
        for layer in layers:
            groups = layer_groups(file.metadata, sidecar, layer)
            table: pa.Table = file.read_row_groups(groups, columns=ACTIVATIONS_SCHEMA.names)
            as_matrix(table, sidecar, layer)
            if writer is None:
                writer = pq.ParquetWriter(temporary, table.schema, **ACTIVATIONS)
            writer.write_table(table, row_group_size=file.metadata.row_group(0).num_rows)
        if writer is not None:
            writer.close()
        remove_sidecar(bank, sidecar.path)
        facts = file_facts(temporary)
    origin: dict[str, str | None] = {
        "file": sidecar.path,
        "url": f"hf://datasets/{fetch.root.snapshot.repo}@{fetch.root.snapshot.commit}",
        "sha256": sidecar.sha256,
    }
    kept = [entry for entry in sidecar.layers if entry["layer"] in layers]
    return replace(sidecar, **facts, layers=kept, sources=[*sidecar.sources, origin]).sealed()
