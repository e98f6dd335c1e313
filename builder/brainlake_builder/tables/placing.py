"""Puts files into a bank and takes them away: each whole, with its sidecar, or not at all."""

import datetime
import glob
import itertools
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from brainlake.bank.local_root import check_same
from brainlake.bank.places import check_places
from brainlake.bank.provenance import obsolete
from brainlake.bank.sidecars import read_sidecars, remove_sidecar
from brainlake.contract.layout import sidecar_path
from brainlake.contract.schema import FEATURE_TABLES, TABLES
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError
from brainlake.storage.files import atomic_path
from brainlake.storage.parquet import ACTIVATIONS, file_facts

_CONSTANT = ["model", "stimulus_set", "recipe"]

WRITING: Final[dict[str, dict[str, Any]]] = {
    **{table: {"compression": "zstd", "write_page_checksum": True} for table in TABLES},
    "activations": ACTIVATIONS,
    "surprisal": {
        "compression": "zstd",
        "use_dictionary": _CONSTANT,
        "column_encoding": dict.fromkeys(("surprisal", "surprisal_tokens", "entropy"), "BYTE_STREAM_SPLIT")
        | {"stimulus_id": "DELTA_BYTE_ARRAY"},
        "write_page_checksum": True,
    },
    "kernels": {
        "compression": "zstd",
        "use_dictionary": _CONSTANT,
        "column_encoding": {f"{name}.list.element": "BYTE_STREAM_SPLIT" for name in ("kernel", "columns", "side")},
        "write_statistics": [*_CONSTANT, "layer"],
        "write_page_checksum": True,
    },
}
"""How the files of each table are written. Surprisal in split bytes, and ids as differences: a quarter smaller than the
defaults, and ids cost a twentieth, which is what a query over many models reads from the network."""

_OF_THE_FILE = ("path", "created_at", "sha256", "bytes", "rows", "footer_bytes", "footer_sha256", "sidecar_sha256")
"""Fields that speak of the bytes of a file, not of what it holds."""


def check_one_file(root: Path, relative: str) -> None:
    """Refuse a place that is not the bank's own, and features beside others of one model, stimulus set and recipe.

    Raises
    ------
    BrainlakeError
        If a link leads out of the bank, or another name differs in case alone; or if the bank has such features: the
        name of their recipe is the same, and what the name stood for is not.
    """
    check_places(root, [relative])
    path = root / relative
    name = path.name[: -len("-xxxxxxxx.parquet")]
    others = [other for other in path.parent.glob(f"{glob.escape(name)}-????????.parquet") if other != path]
    if relative.split("/")[0] in FEATURE_TABLES and others:
        other = others[0].relative_to(root).as_posix()
        raise BrainlakeError(
            f"{root} has {other}, made in another way under the same name: remove it first, "
            f"`brainlake-build remove file {other} --bank {root}`"
        )


def remove_files(root: Path, paths: Iterable[str]) -> None:
    """Remove files of a bank one by one, each after its sidecar: killed in between, what is left counts as whole."""
    for path in paths:
        remove_sidecar(root, path)
        (root / path).unlink(missing_ok=True)
        for place in (path, sidecar_path(path)):
            with suppress(OSError):  # not empty
                for folder in Path(place).parents[:-1]:
                    (root / folder).rmdir()


def rewrite(root: Path, sidecar: Sidecar, change: Callable[[pa.Table], pa.Table], path: str, **facts: Any) -> Sidecar:
    """Write a file of a bank again, with other constants in it, row group by row group; its values stay as they are.

    Parameters
    ----------
    sidecar
        Of the file as it is.
    change
        What becomes of the rows of a row group.
    path
        Where it goes: to its own place, or to another one and the old file stays.
    **facts
        Fields of its sidecar that change.
    """

    def write(temporary: Path) -> dict[str, Any]:
        check_same(root, sidecar)
        with pq.ParquetFile(root / sidecar.path, page_checksum_verification=True) as file:
            groups = (change(file.read_row_group(k)) for k in range(file.metadata.num_row_groups))
            first = next(groups)
            with pq.ParquetWriter(temporary, first.schema, **WRITING[sidecar.kind]) as writer:
                for table in itertools.chain([first], groups):
                    writer.write_table(table, row_group_size=max(1, table.num_rows))
        return {}

    own = {f.name: getattr(sidecar, f.name) for f in fields(sidecar) if f.name not in _OF_THE_FILE}
    return _place(root, path, write, **own | facts)


def put(root: Path, relative: str, write: Callable[[Path], dict[str, Any]], **facts: Any) -> Sidecar:
    """Put a file into a bank, with its sidecar; if it replaces another one, what was made from that one goes first.

    Parameters
    ----------
    relative
        Its path in the bank.
    write
        Fills a path, and returns the facts that only writing tells.
    **facts
        Fields of its sidecar.

    Raises
    ------
    BrainlakeError
        If the bank has another file of the same model, stimulus set and recipe.
    """
    check_one_file(root, relative)

    def make_room(new: Sidecar) -> None:
        old = Sidecar.find(root, relative)
        if old is not None and old.sha256 != new.sha256:
            remove_files(root, [s.path for s in reversed(obsolete(read_sidecars(root), new))])

    return _place(root, relative, write, make_room, **facts)


def _place(
    root: Path,
    relative: str,
    write: Callable[[Path], dict[str, Any]],
    make_room: Callable[[Sidecar], None] = lambda _: None,
    **facts: Any,
) -> Sidecar:
    """Write the file, then its sidecar; a crash between the two leaves a file that counts as not there.

    ``write`` fills a path and returns the facts that only writing tells; the hash among them is not computed again.
    Both reach the disk under temporary names first: a full disk is met before anything old is touched.
    """
    check_places(root, [relative])
    with atomic_path(root / sidecar_path(relative)) as temporary_sidecar, atomic_path(root / relative) as temporary:
        written = write(temporary)
        sidecar = Sidecar(
            path=relative,
            created_at=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            **file_facts(temporary, written.pop("sha256", None)),
            **facts | written,
        ).sealed()
        temporary_sidecar.write_text(sidecar.to_json(), encoding="utf-8")
        make_room(sidecar)
        remove_sidecar(root, relative)
    return sidecar
