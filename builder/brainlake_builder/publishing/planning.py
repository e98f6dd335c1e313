"""What has to travel so that a repository holds what was chosen and what it has."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace as changed
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from brainlake.bank.card import CARD
from brainlake.bank.manifest import Manifest
from brainlake.bank.root_list import ROOTS, roots_json
from brainlake.bank.sidecars import read_sidecars
from brainlake.contract.formats import FIRST
from brainlake.contract.layout import find_sidecar, first_sidecar_path, sidecar_path
from brainlake.contract.schema import TABLES
from brainlake.contract.sidecar import Sidecar
from brainlake_builder.publishing.agreement import check_one_source, check_replaced
from brainlake_builder.publishing.cards import card
from brainlake_builder.publishing.publishable import Choice
from brainlake_builder.publishing.records import records
from brainlake_builder.publishing.repository import Content, Publication, Remote, same_content


def plan_publication(
    bank: Path,
    repo: str,
    choice: Choice,
    roots: Sequence[str],
    remote: Remote,
    *,
    replace: bool = False,
    prune: bool = False,
) -> Publication:
    """Compare what was chosen with a repository.

    Parameters
    ----------
    bank
        Folder of the bank.
    repo
        Name of the repository.
    choice
        What of the bank travels.
    roots
        Repositories that this one is to be an index of; by default those that it is one of already.
    remote
        The repository as it is.
    replace
        Replace what is fuller, or someone else's.
    prune
        Remove what the repository has and the bank does not.

    Raises
    ------
    BrainlakeError
        If the repository would not agree with itself, or would lose something that was not given up.
    """
    sidecars = choice.travels
    theirs = remote.bank.sidecars if remote.bank else []
    if not replace:
        check_replaced(sidecars, theirs, repo)
    paths, keys = {s.path for s in sidecars}, {s.key for s in sidecars}
    at_home = {s.key for s in read_sidecars(bank)}
    kept = [s for s in theirs if s.path not in paths and s.key not in keys]
    only_there = [s.path for s in kept if s.key not in at_home]
    if prune:
        kept = [s for s in kept if s.key in at_home]
    kept = [s if s.sidecar_sha256 else s.sealed() for s in kept]
    roots = list(roots) or (remote.bank.roots if remote.bank else [])
    manifest = Manifest(sorted([*sidecars, *kept], key=lambda s: s.path), roots)
    check_one_source(manifest.sidecars, repo)
    benchmarks, models = (_rows(bank, table, sidecars, kept, remote) for table in ("benchmarks", "models"))
    beside = {CARD: card(repo, manifest, benchmarks).encode()} | records(repo, manifest.sidecars, benchmarks, models)
    hashes = {path: hashlib.sha256(content).hexdigest() for path, content in beside.items()}
    manifest = changed(manifest, card_sha256=hashes.pop(CARD), records=hashes)
    content = _content(bank, manifest, beside, sidecars, kept, remote)
    known = {s.path: s.sha256 for s in sidecars}
    uploads = {path: c for path, c in content.items() if not same_content(remote.files.get(path), c, known.get(path))}
    gone = [s.path for s in theirs if s.path not in {m.path for m in manifest.sidecars}]
    left = [path for name in gone for path in (name, sidecar_path(name))] + [first_sidecar_path(s.path) for s in theirs]
    return Publication(
        repo=repo,
        parent=remote.commit,
        commit=None,
        private=remote.private,
        uploads=uploads,
        deletions=[path for path in left if path in remote.files],
        manifest=manifest,
        card=beside[CARD].decode(),
        stays=choice.stays,
        only_there=only_there,
    )


def _rows(
    bank: Path, table: str, sidecars: Sequence[Sidecar], kept: Sequence[Sidecar], remote: Remote
) -> list[dict[str, Any]]:
    """Rows of a table with one file a name that the repository will hold, by name."""
    rows = [row for s in sidecars if s.kind == table for row in pq.read_table(bank / s.path).to_pylist()]
    for sidecar in kept:
        if sidecar.kind == table and remote.bank:
            with remote.bank.parquet(sidecar) as file:
                found: pa.Table = file.read_row_groups(range(file.metadata.num_row_groups), columns=TABLES[table].names)
            rows += found.to_pylist()
    return sorted(rows, key=lambda row: str(next(iter(row.values()))))


def _content(
    bank: Path,
    manifest: Manifest,
    beside: Mapping[str, bytes],
    sidecars: Sequence[Sidecar],
    kept: Sequence[Sidecar],
    remote: Remote,
) -> dict[str, Content]:
    """Everything that the repository has to hold, but for what it keeps."""
    parquet = manifest.to_parquet()
    content: dict[str, Content] = {
        **beside,
        "manifest.parquet": parquet,
        "manifest.json": manifest.to_json(parquet).encode(),
    }
    if manifest.roots:
        content[ROOTS] = roots_json(manifest.roots).encode()
    for sidecar in sidecars:
        place = sidecar_path(sidecar.path)
        content[sidecar.path] = bank / sidecar.path
        content[place] = find_sidecar(bank, sidecar.path) or bank / place
    if remote.bank and remote.bank.manifest.format == FIRST:
        content |= {sidecar_path(s.path): remote.bank.sidecar_text(s) for s in kept}
    return content
