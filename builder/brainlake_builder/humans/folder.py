"""A user's own dataset: a folder of tables, or data frames; :mod:`.columns` says what each table holds.

A folder is one benchmark. Rows are counted from 1 after the header.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from brainlake.contract.layout import check_name
from brainlake.errors import BrainlakeError
from brainlake.storage.files import sha256_file
from brainlake_builder.humans.columns import COLUMNS
from brainlake_builder.humans.dataset import HumanDataset, HumanTables
from brainlake_builder.humans.folder_ceilings import check_ceilings
from brainlake_builder.humans.folder_cells import fail
from brainlake_builder.humans.folder_files import files_of
from brainlake_builder.humans.folder_notes import notes_on
from brainlake_builder.humans.folder_objects import frame_of_columns
from brainlake_builder.humans.folder_reading import fill_reading_times
from brainlake_builder.humans.folder_recordings import (
    features_of,
    fill_nuisance,
    fill_targets,
    gather,
    refuse_without_responses,
    with_names,
)
from brainlake_builder.humans.folder_stimuli import check_composite, check_folds, check_sets, stimuli_of
from brainlake_builder.humans.folder_table import ACCEPT, FolderTable, cast_table
from brainlake_builder.humans.folder_text import check_texts
from brainlake_builder.humans.folder_times import check_times
from brainlake_builder.humans.folder_values import refuse_codes, refuse_strange
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
    if isinstance(frame, str | Path):
        raise BrainlakeError(f"{name} is a path, no data frame: read it, or give pathlib.Path of the whole folder")
    index = getattr(frame, "index", None)
    named = [label for label in getattr(index, "names", None) or () if label is not None]
    if named:
        raise BrainlakeError(f"{name} has {named[0]!r} in its index, where it would be lost: call reset_index() first")
    if isinstance(frame, Mapping) and any(isinstance(cells, str | bool) for cells in frame.values()):
        frame = {key: [value] for key, value in frame.items()}
    try:
        if isinstance(frame, pl.LazyFrame):
            frame = frame.collect()
        rows = isinstance(frame, list) and all(isinstance(row, Mapping) for row in frame)
        if rows or isinstance(frame, Mapping) or hasattr(frame, "iloc"):
            return without_row_numbers(frame_of_columns(name, frame))
        return without_row_numbers(pl.DataFrame(frame))
    except (TypeError, ValueError, pa.ArrowException, pl.exceptions.PolarsError) as error:
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
    for table in found.values():
        check_texts(table)
    if "data" in found:
        found = untidy(found)
    facts = _facts(found["benchmarks"])
    check_composite(found, facts, bank)
    stimuli = stimuli_of(facts, found.get("stimuli"), bank)
    check_sets(found, facts, stimuli)
    check_folds(found["benchmarks"], facts, stimuli)
    sets = tuple(stimuli) or tuple(facts["stimulus_sets"])
    filled = {
        name: with_names(table, facts["benchmark"], sets)
        for name, table in found.items()
        if name not in ("benchmarks", "stimuli")
    }
    for name in ("nuisance", "stimulus_features"):
        if name in filled:
            refuse_codes(filled[name])
    features = features_of(filled.pop("stimulus_features", None))
    if "responses" in filled:
        _fill_responses(found, filled, facts, stimuli)
    for name in ("targets", "nuisance"):
        if name in filled and "responses" not in filled:
            raise BrainlakeError(f"{filled[name].label} needs a file of responses beside it")
    if "ceilings" in filled:
        check_ceilings(filled)
    if "reading_times" in filled:
        filled["reading_times"] = fill_reading_times(filled["reading_times"], stimuli)
    recordings = {name: table.to_contract() for name, table in filled.items()}
    meant = tuple(f"accepted as meant: {ACCEPT[name]}" for name in sorted(accept))
    tables = HumanTables(stimuli, recordings, features, (*aside, *meant, *notes_on(found, facts, stimuli)))
    dataset = HumanDataset(stimulus_sets=sets, files=(), build=lambda _: tables, **_described(facts))
    return Built(dataset, tables, sources, lambda name: found[name].label if name in found else f"{where}: {name}")


def _fill_responses(
    found: dict[str, FolderTable], filled: dict[str, FolderTable], facts: dict[str, Any], stimuli: dict[str, pa.Table]
) -> None:
    """Check responses, gather those of one row a value, and put them and what goes with them into ``filled``."""
    if facts["unit"] is None:
        raise BrainlakeError(f"{found['benchmarks'].label} has to say the unit of a row of responses: stimulus or tr")
    responses = filled["responses"]
    refuse_codes(responses)
    fill_targets(filled)
    refuse_without_responses(filled["targets"], responses)
    if {"response", "value"} <= set(responses.frame.columns):
        raise BrainlakeError(f"{responses.label} has both response and value: remove one")
    if "response" not in responses.frame.columns:
        filled["responses"] = gather(filled["responses"], filled["targets"], stimuli, facts["unit"])
    if facts["unit"] == "tr":
        check_times(found["benchmarks"], found.get("stimuli"), stimuli, filled["responses"], facts)
    refuse_strange(responses)
    if "nuisance" in filled:
        fill_nuisance(filled["nuisance"], filled["responses"])


def _facts(table: FolderTable) -> dict[str, Any]:
    """The one row of ``benchmarks``, with every column of the contract."""
    if table.frame.height != 1:
        raise BrainlakeError(f"{table.label} has {table.frame.height} rows: a folder is one benchmark")
    filled = table.fill(stimulus_sets=[[]], composite_of=[[]], origin="a user's own data")
    row: dict[str, Any] = filled.to_contract().to_pylist()[0]
    try:
        check_name("benchmark", row["benchmark"])
    except BrainlakeError as error:
        fail(table.label, 0, "benchmark", str(error))
    return row | {name: row[name] or [] for name in ("stimulus_sets", "composite_of")}


def _described(facts: dict[str, Any]) -> dict[str, Any]:
    described = {name: value for name, value in facts.items() if name != "stimulus_sets"}
    return described | {"composite_of": tuple(facts["composite_of"])}
