"""The recordings of a user's dataset: what may be left out is filled in, long responses are gathered."""

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
        if not sets:
            raise BrainlakeError(f"{table.label} needs stimuli: a file beside it, or stimulus_sets of the bank")
        if len(sets) != 1:
            raise BrainlakeError(f"{table.label} needs a column stimulus_set: there are {len(sets)} sets")
        table = table.fill(stimulus_set=sets[0])
    return table


def features_of(table: FolderTable | None) -> dict[tuple[str, str], pa.Table]:
    """Stimulus features by stimulus set and source."""
    if table is None:
        return {}
    parts = table.frame.group_by("stimulus_set", "source", maintain_order=True)
    return {
        (str(name), check_name("source", str(source))): FolderTable(table.table, table.label, part).to_contract()
        for (name, source), part in parts
    }


def fill_targets(filled: dict[str, FolderTable]) -> None:
    """Give targets without a subject to every subject, and number them."""
    if "targets" not in filled:
        raise BrainlakeError(f"{filled['responses'].label} needs a file of targets beside it")
    targets, responses = filled["targets"], filled["responses"]
    key = [name for name in ("subject", "target_id") if name in targets.frame.columns]
    again = ~targets.frame.select(pl.struct(key).is_first_distinct()).to_series()
    targets.refuse(again, "target_id", "{cell} stands in an earlier row")
    subjects = responses.frame.select(pl.col("subject").unique(maintain_order=True))
    if "subject" in targets.frame.columns:
        strangers = ~targets.frame["subject"].is_in(subjects["subject"].to_list())
        targets.refuse(strangers, "subject", "{cell} has no responses")
    else:
        targets = replace(targets, frame=subjects.join(targets.frame, how="cross"))
    _refuse_strange_parts(targets)
    index = targets.frame.select(pl.int_range(pl.len(), dtype=pl.Int32).over("subject")).to_series()
    filled["targets"] = targets.fill(index=index)
    filled["responses"] = responses.fill(presentation=0)


def _refuse_strange_parts(targets: FolderTable) -> None:
    """Refuse a target that is made of none of its subject's recorded targets."""
    if "made_of" not in targets.frame.columns:
        return
    recorded = targets.frame.filter(pl.col("made_of").is_null()).group_by("subject").agg(recorded="target_id")
    parts = pl.col("made_of").list.set_difference(pl.col("recorded").fill_null([])).list.first()
    strange = targets.frame.join(recorded, on="subject", how="left", maintain_order="left").select(parts).to_series()
    if strange.is_not_null().any():
        what = f"{strange.drop_nulls()[0]!r} is no recorded target of the same subject (one whose made_of is empty)"
        targets.refuse(strange.is_not_null(), "made_of", what)


def fill_nuisance(table: FolderTable, responses: FolderTable) -> None:
    """Refuse regressors that lack a row of their subject, or speak of another run than the responses do."""
    rows = responses.frame.select("subject", "row_id").unique(maintain_order=True)
    known = rows.with_columns(known=True)
    found = table.frame.join(known, on=["subject", "row_id"], how="left", maintain_order="left")["known"]
    table.refuse(found.is_null(), "row_id", "{cell} is no row of the responses of this subject")
    table.one(["subject", "row_id"], "run")
    for (subject, name), part in table.frame.group_by("subject", "name", maintain_order=True):
        needed = rows.filter(pl.col("subject") == subject)["row_id"]
        absent = needed.filter(~needed.is_in(part["row_id"].to_list()))
        if len(absent):
            raise BrainlakeError(f"{table.label}: {name} of {subject} has no value for row {absent[0]}")


def refuse_without_responses(targets: FolderTable, responses: FolderTable) -> None:
    """Refuse a target that nobody has responses of, in a table of one row a value."""
    if "target_id" in responses.frame.columns:
        absent = ~targets.frame["target_id"].is_in(responses.frame["target_id"].to_list())
        targets.refuse(absent, "target_id", "{cell} has no responses of any subject: remove it")


def gather(table: FolderTable, targets: FolderTable, stimuli: dict[str, pa.Table], unit: str | None) -> FolderTable:
    """Responses of one row a value as responses of one row a scan, NaN where there is no value."""
    table.need("target_id", "value", *(["time_s"] if unit == "tr" else []))
    place = targets.frame.select("subject", "target_id", pl.col("index").cast(pl.Int64).alias("column"))
    scan = ["subject", "stimulus_set", "row_id", "presentation"]
    frame = table.frame.join(place, on=["subject", "target_id"], how="left", maintain_order="left")
    table.refuse(frame["column"].is_null(), "target_id", "{cell} is not a target of the subject")
    key = pl.struct(*scan, "target_id")
    table.refuse(~frame.select(key.is_first_distinct()).to_series(), "value", "is given a second time")
    if unit != "tr":
        there = {(name, i) for name, content in stimuli.items() for i in content.column("stimulus_id").to_pylist()}
        unknown = [row not in there for row in frame.select("stimulus_set", "row_id").iter_rows()]
        table.refuse(pl.Series(unknown), "row_id", "{cell} is not a stimulus")
    table.one(scan, "run", "time_s")
    about = [pl.col(name).first() for name in ("benchmark", "run", "time_s") if name in frame.columns]
    gathered = []
    for (subject,), part in frame.group_by("subject", maintain_order=True):
        scans = part.group_by(scan, maintain_order=True).agg(about)
        row = part.join(scans.with_row_index("row"), on=scan, how="left", maintain_order="left")["row"]
        values = np.full((scans.height, place.filter(pl.col("subject") == subject).height), np.nan, np.float32)
        values[row.to_numpy(), part["column"].to_numpy()] = part["value"].fill_null(np.nan).to_numpy()
        gathered.append(scans.with_columns(pl.Series("response", pl.from_arrow(list_array(values)))))
    return replace(table, frame=pl.concat(gathered))
