"""Human data: from each source's own raw files to the human tables of a bank."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from brainlake.errors import BrainlakeError, UnknownNameError
from brainlake.files import sha256_file
from brainlake.layout import table_path
from brainlake.manifest import Sidecar, rebuild_manifest
from brainlake_builder.humans import naturalstories, tuckute2024
from brainlake_builder.humans.dataset import HumanDataset, HumanTables
from brainlake_builder.humans.source import RawFile, fetch
from brainlake_builder.humans.validation import check_tables
from brainlake_builder.writer import write_table

DATASETS: Final[dict[str, HumanDataset]] = {
    dataset.benchmark: dataset for module in (naturalstories, tuckute2024) for dataset in module.DATASETS
}
"""Every human dataset that is known, by benchmark."""


def ingest(benchmarks: Iterable[str], bank: Path, source: Path | None = None) -> list[Sidecar]:
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

    Returns
    -------
    list of Sidecar
        What was written; stimuli that were there already are left alone.

    Raises
    ------
    UnknownNameError
        If there is no such benchmark.
    BrainlakeError
        If a raw file is missing or is another one, if a table breaks the contract, or if the bank has other
        stimuli under the same name.
    """
    names = list(dict.fromkeys(benchmarks))
    for name in names:
        if name not in DATASETS:
            raise UnknownNameError("benchmark", name, tuple(DATASETS))
    return write_datasets([_read(DATASETS[name], source) for name in names], bank)


def write_datasets(
    built: list[tuple[HumanDataset, HumanTables, list[dict[str, str | None]]]], bank: Path
) -> list[Sidecar]:
    """Check datasets that were built, each with the sources of its sidecars, and write them into a bank."""
    stimuli: dict[str, tuple[str, pa.Table]] = {}
    for dataset, tables, _ in built:
        check_tables(dataset, tables)
        for stimulus_set, content in tables.stimuli.items():
            other, known = stimuli.setdefault(stimulus_set, (dataset.benchmark, content))
            _refuse_other(stimulus_set, content, dataset.benchmark, known, other)
    missing = []
    for stimulus_set, (benchmark, content) in stimuli.items():
        path = bank / table_path("stimuli", stimulus_set)
        if path.exists():
            _refuse_other(stimulus_set, content, benchmark, pq.read_table(path), str(path))
        else:
            missing.append(stimulus_set)
    written: list[Sidecar] = []
    for dataset, tables, sources in built:
        facts: dict[str, Any] = {"sources": sources, "licence": dataset.licence}
        for stimulus_set in missing:
            if stimuli[stimulus_set][0] == dataset.benchmark:
                written.append(write_table(bank, "stimuli", stimulus_set, tables.stimuli[stimulus_set], **facts))
        rows = {"benchmarks": dataset.benchmarks_row()} | tables.recordings
        written += [write_table(bank, table, dataset.benchmark, content, **facts) for table, content in rows.items()]
    rebuild_manifest(bank)
    return written


def _read(dataset: HumanDataset, source: Path | None) -> tuple[HumanDataset, HumanTables, list[dict[str, str | None]]]:
    found = {file: path for file in dataset.files if (path := fetch(file, source)) is not None}
    sources: list[dict[str, str | None]] = [
        {"file": file.name, "url": file.url, "sha256": sha256_file(path)} for file, path in found.items()
    ]
    return dataset, dataset.build({file.name: path for file, path in found.items()}), sources


def _refuse_other(stimulus_set: str, content: pa.Table, benchmark: str, known: pa.Table, where: str) -> None:
    if not known.cast(content.schema).equals(content):
        raise BrainlakeError(
            f"the stimuli {stimulus_set} of {benchmark} are not those of {where}: use another bank, "
            f"or remove the old ones and the features made from them"
        )


__all__ = ["DATASETS", "HumanDataset", "HumanTables", "RawFile", "fetch", "ingest", "write_datasets"]
