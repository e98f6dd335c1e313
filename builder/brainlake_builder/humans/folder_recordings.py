"""The recordings of a user's dataset: what a file may leave out is filled in, long responses are gathered."""

from dataclasses import replace

import numpy as np
import polars as pl
import pyarrow as pa

from brainlake.contract.layout import check_name
from brainlake.contract.schema import TABLES
from brainlake.errors import BrainlakeError
from brainlake_builder.humans.dataset import list_array
from brainlake_builder.humans.folder_table import FolderTable


def with_names(table: FolderTable, benchmark: str, sets: tuple[str, ...]) -> FolderTable:
    """Fill in what a folder of one benchmark, and often one stimulus set, need not repeat."""
    names = TABLES[table.table].names
    if "benchmark" in names:
        table = table.fill(benchmark=benchmark)
    if "stimulus_set" in names and "stimulus_set" not in table.frame.columns:
        if len(sets) != 1:
            raise BrainlakeError(f"{table.path} needs a column stimulus_set: there are {len(sets)} sets")
        table = table.fill(stimulus_set=sets[0])
    return table


def features_of(table: FolderTable | None) -> dict[tuple[str, str], pa.Table]:
    """Stimulus features by stimulus set and source."""
    if table is None:
        return {}
    table.need("stimulus_id", "name", "value", "source")
    parts = table.frame.group_by("stimulus_set", "source", maintain_order=True)
    return {
        (str(name), check_name("source", str(source))): FolderTable(table.table, table.path, part).to_contract()
        for (name, source), part in parts
    }


def fill_targets(filled: dict[str, FolderTable]) -> None:
    """Give targets without a subject to every subject, and number them."""
    if "targets" not in filled:
        raise BrainlakeError(f"{filled['responses'].path} needs a file of targets beside it")
    targets, responses = filled["targets"], filled["responses"]
    responses.need("subject", "row_id")
    targets.need("target_id")
    if "subject" not in targets.frame.columns:
        subjects = responses.frame.select(pl.col("subject").unique(maintain_order=True))
        targets = replace(targets, frame=subjects.join(targets.frame, how="cross"))
    index = targets.frame.select(pl.int_range(pl.len(), dtype=pl.Int32).over("subject")).to_series()
    filled["targets"] = targets.fill(index=index)
    filled["responses"] = responses.fill(presentation=0)


def fill_reading_times(table: FolderTable) -> FolderTable:
    """Score every word that has a time, where the file does not say which are scored."""
    table.need("stimulus_id", "measure", "mean_ms")
    missing = table.frame["mean_ms"].is_null()
    if "scored" in table.frame.columns:
        return table
    why = [("no reading time" if absent else None) for absent in missing]
    return table.fill(scored=~missing, why_not_scored=why)


def gather(table: FolderTable, targets: FolderTable, stimuli: dict[str, pa.Table], unit: str | None) -> FolderTable:
    """Responses of one row a value as responses of one row a scan, NaN where there is no value."""
    table.need("target_id", "value", *(["time_s"] if unit == "tr" else []))
    place = targets.frame.select("subject", "target_id", pl.col("index").cast(pl.Int64).alias("column"))
    scan = ["subject", "stimulus_set", "row_id", "presentation"]
    frame = table.frame.join(place, on=["subject", "target_id"], how="left", maintain_order="left")
    table.refuse(frame["column"].is_null(), "target_id", "is not a target of the subject")
    key = pl.struct(*scan, "target_id")
    table.refuse(~frame.select(key.is_first_distinct()).to_series(), "value", "is given a second time")
    if unit != "tr":
        there = {(name, i) for name, content in stimuli.items() for i in content.column("stimulus_id").to_pylist()}
        unknown = [row not in there for row in frame.select("stimulus_set", "row_id").iter_rows()]
        table.refuse(pl.Series(unknown), "row_id", "is not a stimulus")
    about = [pl.col(name).first() for name in ("benchmark", "run", "time_s") if name in frame.columns]
    gathered = []
    for (subject,), part in frame.group_by("subject", maintain_order=True):
        scans = part.group_by(scan, maintain_order=True).agg(about)
        row = part.join(scans.with_row_index("row"), on=scan, how="left", maintain_order="left")["row"]
        values = np.full((scans.height, place.filter(pl.col("subject") == subject).height), np.nan, np.float32)
        values[row.to_numpy(), part["column"].to_numpy()] = part["value"].fill_null(np.nan).to_numpy()
        gathered.append(scans.with_columns(pl.Series("response", pl.from_arrow(list_array(values)))))
    return replace(table, frame=pl.concat(gathered))
