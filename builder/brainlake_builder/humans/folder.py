"""A user's own dataset: a folder of tables, or data frames; :mod:`.columns` says what each table holds.

A folder is one benchmark. Rows are counted from 1 after the header.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from brainlake.contract.layout import check_name, table_path
from brainlake.errors import BrainlakeError
from brainlake.storage.files import sha256_file
from brainlake_builder.humans.columns import COLUMNS
from brainlake_builder.humans.dataset import HumanDataset, HumanTables, spaced
from brainlake_builder.humans.folder_files import files_of
from brainlake_builder.humans.folder_recordings import (
    features_of,
    fill_nuisance,
    fill_reading_times,
    fill_targets,
    gather,
    refuse_codes,
    with_names,
)
from brainlake_builder.humans.folder_table import ACCEPT, FolderTable, cast_table
from brainlake_builder.humans.folder_times import check_times
from brainlake_builder.humans.tidy import untidy
from brainlake_builder.tables.user_table import read_user_table, without_row_numbers

Source = dict[str, str | None]


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
    sources: list[Source]
    label: Callable[[str], str] | None = None


def read_folder(folder: Path, bank: Path, accept: frozenset[str] = frozenset()) -> Built:
    """Read a user's dataset from files.

    Parameters
    ----------
    folder
        Folder with the files.
    bank
        Bank whose stimuli, or whose parts of a composite, are used where the folder has no stimuli.
    accept
        Names of ``ACCEPT``: what would be refused and is meant.

    Raises
    ------
    BrainlakeError
        With file, row and column of what is wrong.
    """
    files, aside = files_of(folder)
    # A citation may go over several lines; in other tables a quotation mark that opens so many is one too many.
    frames = {name: read_user_table(path, lines_in_cells=name == "benchmarks") for name, path in files.items()}
    labels = {name: str(path) for name, path in files.items()}
    sources: list[Source] = [
        {"file": path.name, "url": None, "sha256": sha256_file(path)} for path in sorted(files.values())
    ]
    return _built(frames, labels, str(folder), bank, accept, sources, aside)


def read_frames(frames: Mapping[str, Any], bank: Path, accept: frozenset[str] = frozenset()) -> Built:
    """Read a user's dataset from data frames, by table.

    Parameters
    ----------
    frames
        One data frame (polars, pandas, pyarrow) or dictionary of columns a table; of facts, for ``benchmarks``.
    bank, accept
        As in :func:`read_folder`.

    Raises
    ------
    BrainlakeError
        With table, row and column of what is wrong.
    """
    unknown = [name for name in frames if name not in COLUMNS]
    if unknown:
        raise BrainlakeError(f"{unknown[0]!r} is no table of a dataset; there are: {', '.join(COLUMNS)}")
    read = {name: _frame(name, frame) for name, frame in frames.items()}
    return _built(read, {name: name for name in read}, "the data", bank, accept, [], ())


def _frame(name: str, frame: Any) -> pl.DataFrame:
    if isinstance(frame, Mapping) and any(isinstance(cells, str | bool) for cells in frame.values()):
        frame = {key: [value] for key, value in frame.items()}
    try:
        return without_row_numbers(pl.DataFrame(frame, strict=False))
    except (TypeError, ValueError, pl.exceptions.PolarsError) as error:
        raise BrainlakeError(f"{name} is no data frame: {str(error).splitlines()[0]}") from None


def _built(
    frames: dict[str, pl.DataFrame],
    labels: dict[str, str],
    where: str,
    bank: Path,
    accept: frozenset[str],
    sources: list[Source],
    aside: tuple[str, ...],
) -> Built:
    unknown = sorted(accept - set(ACCEPT))
    if unknown:
        raise BrainlakeError(f"{unknown[0]!r} is nothing to accept; there is: {', '.join(ACCEPT)}")
    if "benchmarks" not in frames:
        raise BrainlakeError(f"{where} has no benchmarks.csv, .tsv or .parquet to say what the data are")
    found = {name: cast_table(name, labels[name], frame, accept) for name, frame in frames.items()}
    if "data" in found:
        found = untidy(found)
    facts = _facts(found["benchmarks"])
    stimuli = _stimuli(facts, found.get("stimuli"), bank)
    _refuse_folds_without_groups(found["benchmarks"], facts, stimuli)
    sets = tuple(stimuli) or tuple(facts["stimulus_sets"])
    filled = {
        name: with_names(table, facts["benchmark"], sets)
        for name, table in found.items()
        if name not in ("benchmarks", "stimuli")
    }
    features = features_of(filled.pop("stimulus_features", None))
    if "responses" in filled:
        _need_unit(found["benchmarks"], facts)
        refuse_codes(filled["responses"])
        fill_targets(filled)
        if {"response", "value"} <= set(filled["responses"].frame.columns):
            raise BrainlakeError(f"{filled['responses'].label} has both response and value: remove one")
        if "response" not in filled["responses"].frame.columns:
            filled["responses"] = gather(filled["responses"], filled["targets"], stimuli, facts["unit"])
        if facts["unit"] == "tr":
            check_times(found["benchmarks"], found.get("stimuli"), stimuli, filled["responses"], facts)
        if "nuisance" in filled:
            fill_nuisance(filled["nuisance"], filled["responses"])
    if "reading_times" in filled:
        filled["reading_times"] = fill_reading_times(filled["reading_times"])
    recordings = {name: table.to_contract() for name, table in filled.items()}
    meant = tuple(f"accepted as meant: {ACCEPT[name]}" for name in sorted(accept))
    tables = HumanTables(stimuli, recordings, features, (*aside, *meant))
    dataset = HumanDataset(stimulus_sets=sets, files=(), build=lambda _: tables, **_described(facts))
    return Built(dataset, tables, sources, lambda name: found[name].label if name in found else f"{where}: {name}")


def _facts(table: FolderTable) -> dict[str, Any]:
    """The one row of ``benchmarks``, with every column of the contract."""
    if table.frame.height != 1:
        raise BrainlakeError(f"{table.label} has {table.frame.height} rows: a folder is one benchmark")
    filled = table.fill(stimulus_sets=[[]], composite_of=[[]], origin="a user's own data")
    row: dict[str, Any] = filled.to_contract().to_pylist()[0]
    check_name("benchmark", row["benchmark"])
    return row | {name: row[name] or [] for name in ("stimulus_sets", "composite_of")}


def _need_unit(table: FolderTable, facts: dict[str, Any]) -> None:
    if facts["unit"] is None:
        raise BrainlakeError(f"{table.label} has to say the unit of a row of responses: stimulus or tr")


def _refuse_folds_without_groups(table: FolderTable, facts: dict[str, Any], stimuli: dict[str, pa.Table]) -> None:
    if facts["default_folds"] != "grouped" or facts["composite_of"]:
        return
    without = next((name for name, content in stimuli.items() if content.column("group_id").null_count), None)
    if without is not None:
        other = "contiguous" if facts["unit"] == "tr" else "by_stimulus"
        raise BrainlakeError(
            f"{table.label}, row 1, column default_folds: 'grouped' needs a group_id for every stimulus of {without}: "
            f"give it, or write {other}"
        )


def _described(facts: dict[str, Any]) -> dict[str, Any]:
    described = {name: value for name, value in facts.items() if name != "stimulus_sets"}
    return described | {"composite_of": tuple(facts["composite_of"])}


def _stimuli(facts: dict[str, Any], table: FolderTable | None, bank: Path) -> dict[str, pa.Table]:
    """Stimuli of the folder by set, or those of the bank that it names."""
    if table is None:
        return {name: _from_bank(name, bank) for name in _sets_in_bank(facts, bank)}
    text = table.frame["text"]
    spaced_out = (text != text.str.strip_chars()) & (text.str.strip_chars() != "")
    table.refuse(spaced_out, "text", "has white space around it, which its separator brings", "spaces")
    table = table.fill(stimulus_set=facts["benchmark"])
    tables = {}
    for (name,), part in table.frame.group_by("stimulus_set", maintain_order=True):
        documents = part["document_id"].to_list()
        own = FolderTable("stimuli", table.label, part)
        own = own.fill(position=list(range(part.height)), separator=spaced(documents), context_id=documents)
        own = FolderTable("stimuli", table.label, own.frame.with_columns(pl.col("separator").fill_null("")))
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
