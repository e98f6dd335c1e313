"""Responses of all subjects lined up row by row and target by target, before ceilings between them are computed."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

from brainlake.encoding.arrays import FloatArray, Labels
from brainlake.encoding.exchange import contiguous_blocks

BLOCK_ROWS = 30
"""TRs that are exchanged or drawn together: longer than the memory of fMRI noise."""
_KEY = ["stimulus_set", "row_id"]


@dataclass(frozen=True, eq=False)
class LinedUp:
    """Responses of all subjects to the same rows.

    Attributes
    ----------
    names
        The subjects.
    values
        Shape (s, n, v), over the targets that all of them have; presentations averaged, trends removed, NaN where
        missing.
    rois, counted
        Region of each target, None where there is none; and whether it counts beside others: it is made of none.
    rows
        ``stimulus_set`` and ``row_id`` of the n rows.
    units, drawn
        What is exchanged and drawn as a whole, for each row, and its name.
    prepared
        What was done to the responses, for the column ``method``.
    """

    names: list[str]
    values: FloatArray
    rois: list[str | None]
    counted: list[bool]
    rows: pl.DataFrame
    units: Labels
    drawn: str
    prepared: str


def line_up(recordings: Mapping[str, pa.Table], stimuli: Mapping[str, pa.Table], unit: str | None) -> LinedUp:
    """Line up the tables ``responses`` and ``targets``; targets are the same where their ``target_id`` is.

    Trends that are called ``drift...`` among the nuisance regressors are
    taken off: what all scanners share is no response.
    """
    table, targets = pl.DataFrame(recordings["responses"]), pl.DataFrame(recordings["targets"])
    rows = table.select(*_KEY, "run", "time_s").unique(_KEY, maintain_order=True)
    rows = rows.sort("time_s") if unit == "tr" else rows
    names = table["subject"].unique(maintain_order=True).to_list()
    labels = {name: targets.filter(pl.col("subject") == name).sort("index") for name in names}
    first = labels[names[0]]
    known = [set(labels[name]["target_id"]) for name in names]
    shared = first.filter([all(target in k for k in known) for target in first["target_id"]])
    values = []
    for name in names:
        place = {target: i for i, target in enumerate(labels[name]["target_id"])}
        columns = np.array([place[target] for target in shared["target_id"]], dtype=np.intp)
        mine = table.filter(pl.col("subject") == name)
        values.append(mean_response(mine, rows)[:, columns])
    trend = _trend(recordings, rows, names[0])
    if trend is not None:
        values = [_without(trend, Y) for Y in values]
    units, drawn = _units(rows, stimuli, unit)
    prepared = "" if trend is None else ", drift removed"
    counted = shared["made_of"].is_null().to_list()
    return LinedUp(names, np.stack(values), shared["roi"].to_list(), counted, rows.select(_KEY), units, drawn, prepared)


def mean_response(mine: pl.DataFrame, rows: pl.DataFrame) -> FloatArray:
    """Responses (n, v) of one subject to some rows, averaged over presentations, NaN where missing."""
    there = mine.join(rows.select(_KEY).with_row_index("place"), on=_KEY, how="left", maintain_order="left")
    place = there["place"].to_numpy().astype(np.intp)
    Y = mine["response"].explode().to_numpy().reshape(len(mine), -1).astype(np.float64)
    total, count = np.zeros((2, len(rows), Y.shape[1]))
    np.add.at(total, place, np.nan_to_num(Y))
    np.add.at(count, place, ~np.isnan(Y))
    return np.asarray(np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0))


def _without(trend: FloatArray, Y: FloatArray) -> FloatArray:
    """Residuals of each target, fitted to the rows that it has."""
    out = np.full(Y.shape, np.nan)
    for i, y in enumerate(Y.T):
        there = ~np.isnan(y)
        out[there, i] = y[there] - trend[there] @ (np.linalg.pinv(trend[there]) @ y[there])
    return out


def _trend(recordings: Mapping[str, pa.Table], rows: pl.DataFrame, subject: str) -> FloatArray | None:
    if "nuisance" not in recordings:
        return None
    table = pl.DataFrame(recordings["nuisance"])
    table = table.filter(pl.col("name").str.starts_with("drift"), pl.col("subject") == subject)
    if table.is_empty():
        return None
    wide = table.pivot("name", index="row_id", values="value")
    values = rows.select("row_id").join(wide, on="row_id", how="left", maintain_order="left").drop("row_id")
    return np.asarray(np.c_[np.ones(len(rows)), values.to_numpy()])


def _units(rows: pl.DataFrame, stimuli: Mapping[str, pa.Table], unit: str | None) -> tuple[Labels, str]:
    if unit == "tr":
        runs = rows["run"].fill_null("").to_numpy().astype(np.str_)
        return contiguous_blocks(len(rows), BLOCK_ROWS, runs).astype(np.str_), f"blocks of {BLOCK_ROWS} TRs"
    groups = rows.join(
        groups_of(stimuli).rename({"stimulus_id": "row_id"}), on=_KEY, how="left", maintain_order="left"
    )["group_id"]
    if groups.null_count():
        return rows.select(pl.concat_str(_KEY, separator="/")).to_series().to_numpy().astype(np.str_), "stimuli"
    return groups.to_numpy().astype(np.str_), "groups"


def groups_of(stimuli: Mapping[str, pa.Table]) -> pl.DataFrame:
    """Group of every stimulus of several sets."""
    columns = ("stimulus_set", "stimulus_id", "group_id")
    return pl.concat([pl.DataFrame(table).select(columns) for table in stimuli.values()])
