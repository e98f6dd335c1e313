"""A user's own dataset: a folder of CSV or Parquet files, one a table of the contract.

``benchmarks``, ``stimuli``, ``responses``, ``targets``, ``reading_times``, ``nuisance``, ``ceilings`` and
``stimulus_features``, each as ``<table>.csv`` or ``<table>.parquet``, with the columns of the contract (see
``brainlake.contract.schema``). What a column holds does not change; what may be left out is:

benchmarks
    One row. Required: ``benchmark``, ``modality``, ``citation`` (BibTeX), ``licence``, ``redistributable`` (true or
    false); ``unit`` (stimulus or tr) where there are responses. ``composite_of`` and ``stimulus_sets`` list names
    separated by ``;``. ``stimulus_sets`` is needed only without a file of stimuli: they are then those of the bank.
stimuli
    Required: ``stimulus_id``, ``document_id``, ``text``, in reading order; ``onset_s`` where rows of responses are
    TRs. ``stimulus_set`` is by default the name of the benchmark; ``position`` the row order; ``separator`` nothing
    before the first item of a document and a space before the others; ``context_id`` the document.
responses
    One row a value: ``subject``, ``row_id``, ``target_id``, ``value``; or, in Parquet, one row a scan with the list
    ``response``. ``presentation`` (0, 1, ... for repeats) is 0 by default. An empty value is a missing one.
    ``time_s`` is required where rows are TRs, on the clock of ``stimuli.onset_s``; ``run`` is optional.
targets
    ``target_id``, in the order of the values; without ``subject`` they hold for every subject.
reading_times
    Required: ``stimulus_id``, ``measure``, ``mean_ms``. Without ``subject`` a row is a mean over readers. ``scored``
    is by default true where there is a time; ``why_not_scored`` explains the others.
nuisance, ceilings, stimulus_features
    As in the contract; in ``stimulus_features`` ``source`` names the file in the bank.

``benchmark`` and ``stimulus_set`` may be left out everywhere: a folder is one benchmark, and the set is filled in
where it has only one. Empty cells of a CSV file are null; "NA", "nan" and "null" are words. Rows are counted from 1
after the header.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from brainlake.contract.layout import check_name, table_path
from brainlake.errors import BrainlakeError
from brainlake.storage.files import sha256_file
from brainlake_builder.humans.dataset import HumanDataset, HumanTables, spaced
from brainlake_builder.humans.folder_recordings import (
    features_of,
    fill_reading_times,
    fill_targets,
    gather,
    with_names,
)
from brainlake_builder.humans.folder_table import FolderTable, read_table

_HUMAN_TABLES = (
    "benchmarks",
    "stimuli",
    "responses",
    "targets",
    "reading_times",
    "nuisance",
    "ceilings",
    "stimulus_features",
)


@dataclass(frozen=True)
class Built:
    """A dataset with its tables, and what to record of where they come from.

    Attributes
    ----------
    dataset, tables
        What was built.
    sources
        Raw files, for the sidecars.
    label
        What a table is called in an error; by default by benchmark and table.
    """

    dataset: HumanDataset
    tables: HumanTables
    sources: list[dict[str, str | None]]
    label: Callable[[str], str] | None = None


def read_folder(folder: Path, bank: Path) -> Built:
    """Read a user's dataset.

    Parameters
    ----------
    folder
        Folder with the files that the module describes.
    bank
        Bank whose stimuli, or whose parts of a composite, are used where the folder has no stimuli.

    Raises
    ------
    BrainlakeError
        With file, row and column of what is wrong.
    """
    if not folder.is_dir():
        raise BrainlakeError(f"{folder} is not a folder")
    files = sorted(path for path in folder.iterdir() if path.suffix in (".csv", ".parquet"))
    strangers = [path for path in files if path.stem not in _HUMAN_TABLES]
    if strangers:
        raise BrainlakeError(f"{strangers[0]} is no table of a dataset; there are: {', '.join(_HUMAN_TABLES)}")
    found = {name: table for name in _HUMAN_TABLES if (table := read_table(folder, name)) is not None}
    if "benchmarks" not in found:
        raise BrainlakeError(f"{folder} has no benchmarks.csv or benchmarks.parquet to say what the data are")
    facts = _facts(found["benchmarks"])
    stimuli = _stimuli(facts, found.get("stimuli"), bank)
    sets = tuple(stimuli) or tuple(facts["stimulus_sets"])
    filled = {
        name: with_names(table, facts["benchmark"], sets)
        for name, table in found.items()
        if name not in ("benchmarks", "stimuli")
    }
    features = features_of(filled.pop("stimulus_features", None))
    if "responses" in filled:
        fill_targets(filled)
    if "responses" in filled and "response" not in filled["responses"].frame.columns:
        filled["responses"] = gather(filled["responses"], filled["targets"], stimuli, facts["unit"])
    if "reading_times" in filled:
        filled["reading_times"] = fill_reading_times(filled["reading_times"])
    recordings = {name: table.to_contract() for name, table in filled.items()}
    tables = HumanTables(stimuli, recordings, features)
    dataset = HumanDataset(stimulus_sets=sets, files=(), build=lambda _: tables, **_described(facts))
    sources: list[dict[str, str | None]] = [{"file": p.name, "url": None, "sha256": sha256_file(p)} for p in files]
    return Built(dataset, tables, sources, lambda name: str(found[name].path if name in found else name))


def _facts(table: FolderTable) -> dict[str, Any]:
    """The one row of ``benchmarks``, with every column of the contract."""
    table.need("benchmark", "modality", "citation", "licence", "redistributable")
    if table.frame.height != 1:
        raise BrainlakeError(f"{table.path} has {table.frame.height} rows: a folder is one benchmark")
    for name in ("benchmark", "modality", "citation", "licence", "redistributable"):
        table.refuse(table.frame[name].is_null(), name, "is empty")
    filled = table.fill(stimulus_sets=[[]], composite_of=[[]], origin="a user's own data")
    row: dict[str, Any] = filled.to_contract().to_pylist()[0]
    check_name("benchmark", row["benchmark"])
    return row | {name: row[name] or [] for name in ("stimulus_sets", "composite_of")}


def _described(facts: dict[str, Any]) -> dict[str, Any]:
    described = {name: value for name, value in facts.items() if name != "stimulus_sets"}
    return described | {"composite_of": tuple(facts["composite_of"])}


def _stimuli(facts: dict[str, Any], table: FolderTable | None, bank: Path) -> dict[str, pa.Table]:
    """Stimuli of the folder by set, or those of the bank that it names."""
    if table is None:
        return {name: _from_bank(name, bank) for name in _sets_in_bank(facts, bank)}
    table.need("stimulus_id", "document_id", "text")
    table.refuse(table.frame["document_id"].is_null(), "document_id", "is empty")
    table = table.fill(stimulus_set=facts["benchmark"])
    tables = {}
    for (name,), part in table.frame.group_by("stimulus_set", maintain_order=True):
        documents = part["document_id"].to_list()
        own = FolderTable("stimuli", table.path, part)
        own = own.fill(position=list(range(part.height)), separator=spaced(documents), context_id=documents)
        own = replace(own, frame=own.frame.with_columns(pl.col("separator").fill_null("")))
        tables[check_name("stimulus set", str(name))] = own.to_contract()
    return tables


def _sets_in_bank(facts: dict[str, Any], bank: Path) -> list[str]:
    if facts["stimulus_sets"] or not facts["composite_of"]:
        return list(facts["stimulus_sets"])
    sets: dict[str, None] = {}
    for part in facts["composite_of"]:
        path = bank / table_path("benchmarks", part)
        if not path.exists():
            raise BrainlakeError(f"{facts['benchmark']} is composed of {part}, which is not in {bank}: ingest it first")
        sets |= dict.fromkeys(pq.read_table(path).column("stimulus_sets").to_pylist()[0])
    return list(sets)


def _from_bank(stimulus_set: str, bank: Path) -> pa.Table:
    path = bank / table_path("stimuli", stimulus_set)
    if not path.exists():
        raise BrainlakeError(f"the folder has no stimuli, and {bank} has no {stimulus_set} either: add a stimuli.csv")
    return pq.read_table(path)
