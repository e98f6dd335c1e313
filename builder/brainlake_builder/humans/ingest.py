"""Human data: from each source's own raw files to the human tables of a bank."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from brainlake.bank.local_root import read_named
from brainlake.bank.manifest import rebuild_manifest
from brainlake.bank.sidecars import remove_sidecar
from brainlake.contract.layout import table_path
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError, UnknownNameError
from brainlake.storage.files import sha256_file
from brainlake_builder.humans.catalogue import DATASETS
from brainlake_builder.humans.ceilings import computed_ceilings, made_from_of
from brainlake_builder.humans.dataset import HumanDataset
from brainlake_builder.humans.folder import Built, read_folder, read_frames
from brainlake_builder.humans.source import fetch
from brainlake_builder.humans.validation import check_tables
from brainlake_builder.tables.writer import write_table

RECORDINGS: Final = ("responses", "targets", "nuisance", "reading_times", "ceilings")
"""Tables that a benchmark may have, beside its row of ``benchmarks``."""


def ingest(benchmarks: Iterable[str], bank: Path, source: Path | None = None, parts: bool = True) -> list[Sidecar]:
    """Turn the raw files of human datasets into the tables of a bank.

    Everything is read, built and checked before the first file is written.

    Parameters
    ----------
    benchmarks
        Names of ``DATASETS``.
    bank
        Folder of the bank; made if it is not there.
    source
        Folder of raw files, looked into before the mirror and before any download.
    parts
        Whether a composite brings its parts along.

    Returns
    -------
    list of Sidecar
        What was written; stimuli that were there already are left alone. The sidecar of ``benchmarks`` has in its
        ``details`` what a reader left out (``notes``).

    Raises
    ------
    UnknownNameError
        If there is no such benchmark.
    BrainlakeError
        If a raw file is missing or is another one, if a table breaks the contract, or if the bank has other
        stimuli under the same name.
    """
    names = with_parts(benchmarks)
    wanted = names if parts else [name for name in names if name in set(benchmarks)]
    return write_datasets([_read(DATASETS[name], source) for name in wanted], bank)


def ingest_folder(folder: Path, bank: Path, accept: Iterable[str] = ()) -> list[Sidecar]:
    """Bring a user's own dataset into a bank; :mod:`brainlake_builder.humans.columns` says what the files hold.

    Parameters
    ----------
    folder
        Folder with the files.
    bank
        Folder of the bank; made if it is not there.
    accept
        What would be refused and is meant; see ``brainlake_builder.humans.folder_table.ACCEPT``.

    Raises
    ------
    BrainlakeError
        With file, row and column of the first thing that is wrong; nothing is written then.
    """
    return write_datasets([_with_ceilings(read_folder(folder, bank, frozenset(accept)))], bank)


def ingest_frames(frames: Mapping[str, Any], bank: Path, accept: Iterable[str] = ()) -> list[Sidecar]:
    """Bring a user's own dataset into a bank from data frames, one a table; otherwise as :func:`ingest_folder`."""
    return write_datasets([_with_ceilings(read_frames(frames, bank, frozenset(accept)))], bank)


def _with_ceilings(built: Built) -> Built:
    """Compute the ceilings that a user's recordings allow, unless the user brought some."""
    check_tables(built.dataset, built.tables, built.label)
    tables = built.tables
    if "ceilings" in tables.recordings:
        return built
    dataset = built.dataset
    found = computed_ceilings(dataset.benchmark, tables.recordings, tables.stimuli, dataset.unit, asked=False)
    recordings = tables.recordings | ({"ceilings": found.rows} if found.rows.num_rows else {})
    tables = replace(tables, recordings=recordings, notes=(*tables.notes, *found.why_not))
    return replace(built, tables=tables)


def write_datasets(built: list[Built], bank: Path) -> list[Sidecar]:
    """Check datasets that were built, and write them into a bank."""
    stimuli: dict[str, tuple[str, pa.Table]] = {}
    for b in built:
        check_tables(b.dataset, b.tables, b.label)
        for stimulus_set, content in b.tables.stimuli.items():
            other, known = stimuli.setdefault(stimulus_set, (b.dataset.benchmark, content))
            _refuse_other(stimulus_set, content, b.dataset.benchmark, known, other)
    missing = []
    for stimulus_set, (benchmark, content) in stimuli.items():
        path = bank / table_path("stimuli", stimulus_set)
        if path.exists():
            _refuse_other(stimulus_set, content, benchmark, read_named(bank, "stimuli", stimulus_set), str(path))
        else:
            missing.append(stimulus_set)
    written: list[Sidecar] = []
    described: set[tuple[str, str]] = set()
    for b in built:
        stated = {"licence": b.dataset.licence, "redistributable": b.dataset.redistributable}
        facts: dict[str, Any] = {"sources": b.sources, **stated}
        own = [name for name in missing if stimuli[name][0] == b.dataset.benchmark]
        written += [write_table(bank, "stimuli", name, b.tables.stimuli[name], **facts) for name in own]
        for key, content in b.tables.features.items():
            if key not in described:
                written.append(write_table(bank, "stimulus_features", "/".join(key), content, **facts))
        described |= set(b.tables.features)
        written += _write_benchmark(b, bank, facts)
    rebuild_manifest(bank)
    return written


def with_parts(benchmarks: Iterable[str]) -> list[str]:
    """The benchmarks and the parts of composites, parts first, each once.

    Raises
    ------
    UnknownNameError
        If there is no such benchmark.
    """
    names: dict[str, None] = {}
    for name in benchmarks:
        if name not in DATASETS:
            raise UnknownNameError("benchmark", name, tuple(DATASETS))
        names |= dict.fromkeys([*with_parts(DATASETS[name].composite_of), name])
    return list(names)


def _read(dataset: HumanDataset, source: Path | None) -> Built:
    found = {file: path for file in dataset.files if (path := fetch(file, source)) is not None}
    sources: list[dict[str, str | None]] = [
        {"file": file.name, "url": file.url, "sha256": sha256_file(path)} for file, path in found.items()
    ]
    return Built(dataset, dataset.build({file.name: path for file, path in found.items()}), sources)


def _write_benchmark(built: Built, bank: Path, facts: dict[str, Any]) -> list[Sidecar]:
    """Write a benchmark's row and recordings, and remove tables that an earlier reading left and this one lacks."""
    name, recordings = built.dataset.benchmark, built.tables.recordings
    for table in RECORDINGS:
        if table not in recordings:
            remove_sidecar(bank, table_path(table, name))
            (bank / table_path(table, name)).unlink(missing_ok=True)
    details = json.dumps({"notes": built.tables.notes}) if built.tables.notes else None
    row = write_table(bank, "benchmarks", name, built.dataset.benchmarks_row(), details=details, **facts)
    measured = {table: content for table, content in recordings.items() if table != "ceilings"}
    written = [row, *(write_table(bank, table, name, content, **facts) for table, content in measured.items())]
    if "ceilings" in recordings:  # last: the sidecar says what they were computed from
        content = recordings["ceilings"]
        parts = made_from_of(bank, name, built.dataset.stimulus_sets, content)
        written.append(write_table(bank, "ceilings", name, content, made_from=parts, **facts))
    return written


def _refuse_other(stimulus_set: str, content: pa.Table, benchmark: str, known: pa.Table, where: str) -> None:
    if not known.cast(content.schema).equals(content):
        raise BrainlakeError(
            f"the stimuli {stimulus_set} of {benchmark} are not those of {where}: use another bank, "
            f"or remove the old ones and the features made from them"
        )
