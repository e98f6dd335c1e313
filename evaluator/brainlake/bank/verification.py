"""What can be wrong with the files of a bank, found without trusting any of them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from brainlake.bank.agreement import REBUILD, same_row
from brainlake.bank.card import CARD
from brainlake.bank.manifest import Manifest
from brainlake.bank.root_list import ROOTS, read_roots
from brainlake.contract.digests import layer_sha256, stimuli_sha256
from brainlake.contract.layout import SIDECARS, find_sidecar, inside, sidecar_path
from brainlake.contract.recipe import recipe_digest
from brainlake.contract.schema import FEATURE_TABLES, TABLES
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError
from brainlake.storage.budget import check_budget
from brainlake.storage.files import sha256_file
from brainlake.storage.parquet import end_facts, read_claims

MAY_BE_NAN = {"responses"}
"""Tables in which NaN means missing; everywhere else it is a fault."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with one file."""

    path: str
    what: str


def verify_bank(root: Path) -> list[Problem]:
    """Check every file of a local bank against its sidecar, the contract, its stimuli and the manifest."""
    problems: list[Problem] = []
    known: list[Sidecar] = []
    good: dict[str, list[Sidecar]] = {}
    for path in sorted(p for folder in (*TABLES, SIDECARS) for p in (root / folder).rglob("*") if p.is_file()):
        name = path.relative_to(root).as_posix()
        if path.name.startswith("."):
            continue
        if not inside(root, path):
            problems.append(Problem(name, "is a link that leaves the bank; remove it"))
        elif name.endswith(".json"):
            owner = name.removesuffix(".json").removeprefix(f"{SIDECARS}/").removesuffix(".parquet")
            if not (root / f"{owner}.parquet").exists():
                problems.append(Problem(name, "its Parquet file is missing; restore it, or remove this sidecar"))
        elif not name.endswith(".parquet") or name.startswith(f"{SIDECARS}/"):
            problems.append(Problem(name, "is not part of a bank; remove it"))
        else:
            try:
                sidecar = Sidecar.find(root, name)
                if sidecar is None:
                    raise BrainlakeError("has no sidecar: it was not finished; build it again")
                known.append(sidecar)
                _check_file(path, sidecar)
                good.setdefault(sidecar.kind, []).append(sidecar)
            except BrainlakeError as error:
                problems.append(Problem(name, str(error)))
    ids = _stimulus_ids(root, good.get("stimuli", []), problems)
    for kind in FEATURE_TABLES:
        for sidecar in good.get(kind, []):
            problems += [Problem(sidecar.path, what) for what in _check_ids(root, sidecar, ids)]
    return problems + list(_check_manifest(root, known))


def _check_file(path: Path, sidecar: Sidecar) -> None:
    size = path.stat().st_size
    if size != sidecar.bytes:
        raise BrainlakeError(f"has {size} bytes, not {sidecar.bytes}: it was cut or changed; build or fetch it again")
    if sha256_file(path) != sidecar.sha256:
        raise BrainlakeError("its sha256 is not the one recorded: its bytes changed; build or fetch it again")
    if sidecar.recipe_json and recipe_digest(json.loads(sidecar.recipe_json)) != sidecar.recipe_digest:
        raise BrainlakeError(f"its recipe is not {sidecar.recipe_digest}; extract it again")
    try:
        with path.open("rb") as source:
            footer = read_claims(source, sidecar, size)
            check_budget(source, footer, size, sidecar.kind)
            end = end_facts(source, footer)
        with pq.ParquetFile(path, metadata=footer.metadata, page_checksum_verification=True) as file:
            if sidecar.footer_bytes is not None and end["footer_sha256"] != sidecar.footer_sha256:
                raise BrainlakeError("its footer is not the one recorded; build it again")
            hashes = {entry["layer"]: entry["sha256"] for entry in sidecar.layers}
            for group in range(file.metadata.num_row_groups):
                _check_values(file.read_row_group(group), sidecar)
            if sidecar.kind == "activations":
                _check_layers(file, hashes)
    except (OSError, pa.ArrowException) as error:
        raise BrainlakeError(f"cannot be read as Parquet: {error}") from None


def _check_manifest(root: Path, sidecars: list[Sidecar]) -> Iterator[Problem]:
    """Compare the manifest with itself and with the sidecars; files that came since are not missed."""
    parquet, text = root / "manifest.parquet", root / "manifest.json"
    if not parquet.exists() and not text.exists():
        return
    try:
        content = parquet.read_bytes()
        manifest = Manifest.from_parquet(content, "manifest.parquet")
        same = text.read_bytes() == manifest.to_json(content).encode()
    except (OSError, BrainlakeError) as error:
        yield Problem("manifest.parquet", f"{error}; {REBUILD}")
        return
    if not same:
        yield Problem("manifest.json", f"is not what manifest.parquet says: one of them was changed; {REBUILD}")
    yield from _check_beside(root, manifest)
    found = {sidecar.path: sidecar for sidecar in sidecars}
    for listed in manifest.sidecars:
        sidecar = found.get(listed.path)
        if sidecar is None:
            if not (root / listed.path).exists():
                yield Problem("manifest.parquet", f"lists {listed.path}, which is gone: restore it, or {REBUILD}")
        elif not same_row(listed, sidecar):
            place = find_sidecar(root, listed.path) or root / sidecar_path(listed.path)
            yield Problem(
                place.relative_to(root).as_posix(), f"is not what the manifest says of it: it was changed, or {REBUILD}"
            )


def _check_beside(root: Path, manifest: Manifest) -> Iterator[Problem]:
    """Compare the files that are no tables with what the manifest says of them."""
    try:
        if read_roots(root) != manifest.roots:
            yield Problem(ROOTS, f"is not what the manifest says: it was changed, or {REBUILD}")
    except BrainlakeError as error:
        yield Problem(ROOTS, str(error))
    beside = manifest.records | ({CARD: manifest.card_sha256} if manifest.card_sha256 else {})
    for name, sha256 in beside.items():
        if not ((root / name).is_file() and sha256_file(root / name) == sha256):
            yield Problem(
                name, f"is gone, or not the one that the manifest speaks of: publish or fetch it again, or {REBUILD}"
            )


def _check_values(table: pa.Table, sidecar: Sidecar) -> None:
    for name, value in sidecar.constants.items():
        if not pc.all(pc.equal(table.column(name), value), min_count=0).as_py():
            raise BrainlakeError(f"its column {name} is not {value} throughout; build it again")
    for name, column in zip(table.column_names, table.columns, strict=True):
        flat = pc.list_flatten(column) if isinstance(column.type, pa.ListType | pa.FixedSizeListType) else column
        if not pa.types.is_floating(flat.type):
            continue
        values = flat.drop_null().to_numpy()
        if not np.isfinite(values).all() and not (sidecar.kind in MAY_BE_NAN and not np.isinf(values).any()):
            raise BrainlakeError(f"column {name} holds NaN or infinity")


def _check_layers(file: pq.ParquetFile, hashes: dict[int, str]) -> None:
    groups: dict[int, list[int]] = {}
    for group in range(file.metadata.num_row_groups):
        layers = file.read_row_group(group, columns=["layer"]).column("layer").unique().to_pylist()
        if len(layers) != 1:
            raise BrainlakeError(f"row group {group} mixes layers {layers}; build it again")
        groups.setdefault(layers[0], []).append(group)
    if list(groups) != list(hashes):
        raise BrainlakeError(f"holds layers {list(groups)}, not {list(hashes)}, in this order")
    for layer, parts in groups.items():
        table = file.read_row_groups(parts, columns=["activation"])
        values = (chunk.flatten().to_numpy() for chunk in table.column("activation").chunks)
        if layer_sha256(values) != hashes[layer]:
            raise BrainlakeError(f"the values of layer {layer} are not those recorded")


def _stimulus_ids(root: Path, sidecars: list[Sidecar], problems: list[Problem]) -> dict[str, tuple[str, list[str]]]:
    found: dict[str, tuple[str, list[str]]] = {}
    for sidecar in sidecars:
        table = pq.read_table(root / sidecar.path)
        if table.column("position").to_pylist() != list(range(table.num_rows)):
            problems.append(Problem(sidecar.path, "its positions are not 0, 1, 2, ..."))
        found[str(sidecar.name)] = (stimuli_sha256(table), table.column("stimulus_id").to_pylist())
    return found


def _check_ids(root: Path, sidecar: Sidecar, stimuli: dict[str, tuple[str, list[str]]]) -> Iterator[str]:
    if sidecar.stimulus_set not in stimuli:
        return
    digest, ids = stimuli[sidecar.stimulus_set]
    if sidecar.stimuli_sha256 != digest:
        yield f"was made from other stimuli than {sidecar.stimulus_set} here; extract it again"
    if sidecar.kind == "kernels":
        return
    found = pq.read_table(root / sidecar.path, columns=["stimulus_id"]).column("stimulus_id").to_pylist()
    if found != ids * (len(found) // max(len(ids), 1)):
        yield f"its ids are not those of {sidecar.stimulus_set}, in order"
