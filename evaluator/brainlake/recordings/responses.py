"""Reads the responses of a benchmark from a bank, and lines them up with its stimuli."""

from typing import Final

import numpy as np
import polars as pl

from brainlake.bank.catalogue import Bank
from brainlake.encoding.arrays import FloatArray, IntArray, Labels
from brainlake.encoding.folds import Whole
from brainlake.encoding.resample import labels_of_trs
from brainlake.errors import BrainlakeError, UnknownNameError
from brainlake.recordings.recording import Recording
from brainlake.recordings.volumes import Volumes

KEPT_WHOLE: Final[dict[str, Whole]] = {"grouped": "groups", "contiguous": "stretches", "by_stimulus": "stimuli"}
"""What disjoint folds keep whole, by the word that ``benchmarks.default_folds`` has for it."""


def load_recording(bank: Bank, benchmark: str) -> Recording:
    """Read the responses of a benchmark.

    Raises
    ------
    UnknownNameError
        If the bank has no responses of that benchmark.
    BrainlakeError
        If responses, stimuli, targets and nuisance regressors do not fit together.
    """
    if benchmark not in bank.names("responses"):
        raise UnknownNameError("brain benchmark", benchmark, bank.names("responses"))
    facts = bank.table("benchmarks", benchmark=benchmark).row(0, named=True)
    stimuli = pl.concat([bank.stimuli(name) for name in facts["stimulus_sets"]])
    table = bank.table("responses", benchmark=benchmark)
    targets = bank.table("targets", benchmark=benchmark).sort("subject", "index")
    if facts["unit"] == "tr":
        rows = _trs(benchmark, table, facts)
    else:
        rows, stimuli = _answered(benchmark, table, stimuli, facts["stimulus_sets"])
    subjects = table["subject"].unique(maintain_order=True).to_list()
    labels = pl.concat([targets.filter(pl.col("subject") == subject) for subject in subjects])
    parts = table.partition_by("subject", maintain_order=True)
    responses = np.concatenate([_subject_block(benchmark, rows, part) for part in parts], axis=1)
    if len(labels) != responses.shape[1]:
        raise BrainlakeError(f"{benchmark}: {len(labels)} targets for {responses.shape[1]} columns of responses")
    kept = np.flatnonzero(~np.isnan(responses).all(1))
    responses, present = responses[kept], rows[kept.tolist()]
    volumes = _volumes(benchmark, stimuli, rows, kept, facts["tr_s"]) if facts["unit"] == "tr" else None
    if volumes is None:
        stimuli = stimuli[kept.tolist()]
        groups = _labels(stimuli["group_id"])
    else:
        words = _labels(stimuli["group_id"])
        groups = None if words is None else labels_of_trs(volumes.onsets, words, volumes.times)[kept]
    plain: Whole = "stimuli" if volumes is None else "stretches"
    return Recording(
        benchmark,
        stimuli,
        responses,
        labels["subject"].to_numpy().astype(np.str_),
        labels["roi"].fill_null("").to_numpy().astype(np.str_),
        labels["target_id"].to_numpy().astype(np.str_),
        _whole(benchmark, facts["default_folds"]) or (plain if groups is None else "groups"),
        groups,
        _nuisance(bank, benchmark, present, subjects),
        volumes,
        labels["made_of"].is_not_null().to_numpy(),
    )


def _whole(benchmark: str, stored: str | None) -> Whole | None:
    if stored is None:
        return None
    if stored not in KEPT_WHOLE:
        raise BrainlakeError(f"{benchmark}: default_folds is {stored!r}, not one of {', '.join(KEPT_WHOLE)}")
    return KEPT_WHOLE[stored]


def _labels(column: pl.Series) -> Labels | None:
    return None if column.null_count() else column.to_numpy().astype(np.str_)


def _answered(
    benchmark: str, table: pl.DataFrame, stimuli: pl.DataFrame, sets: list[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows of the responses, one a stimulus that anyone answered, and those stimuli."""
    key = ["stimulus_set", "stimulus_id"]
    recorded = table.select("stimulus_set", stimulus_id="row_id").unique()
    strangers = recorded.join(stimuli, on=key, how="anti")["stimulus_id"].sort().head(3).to_list()
    if strangers:
        raise BrainlakeError(
            f"{benchmark}: responses to stimuli that are not in {', '.join(sets)}: {strangers}; "
            f"build the benchmark again"
        )
    stimuli = stimuli.join(recorded, on=key, how="semi", maintain_order="left")
    return stimuli.select("stimulus_set", row_id="stimulus_id"), stimuli


def _trs(benchmark: str, table: pl.DataFrame, facts: dict[str, object]) -> pl.DataFrame:
    """Rows of the responses, one a TR, in order of time."""
    if facts["response_shift_s"]:
        raise BrainlakeError(
            f"{benchmark}: its responses were shifted by {facts['response_shift_s']} s, and delays of 1 to 4 TRs would "
            f"shift them again: store them as they were recorded, or name the stimulus of each row (unit 'stimulus')"
        )
    rows = table.select("stimulus_set", "row_id", "run", "time_s").unique().sort("time_s")
    if rows["time_s"].null_count() or rows["time_s"].n_unique() < len(rows) or rows["row_id"].n_unique() < len(rows):
        raise BrainlakeError(
            f"{benchmark}: every TR needs a time of its own, the same for all subjects, on the clock of stimuli.onset_s"
        )
    return rows.with_columns(pl.col("run").fill_null(""))


def _volumes(benchmark: str, stimuli: pl.DataFrame, rows: pl.DataFrame, kept: IntArray, tr_s: float | None) -> Volumes:
    if stimuli["onset_s"].null_count() or tr_s is None:
        raise BrainlakeError(f"{benchmark}: TRs need the onset_s of every word, and tr_s in benchmarks")
    runs = rows["run"].to_numpy().astype(np.str_)
    return Volumes(stimuli["onset_s"].to_numpy(), rows["time_s"].to_numpy(), runs, kept, tr_s)


def _subject_block(benchmark: str, rows: pl.DataFrame, mine: pl.DataFrame) -> FloatArray:
    """Responses of one subject, shape (n, targets), repeated presentations averaged, NaN where there is none."""
    subject = mine["subject"][0]
    widths = mine["response"].list.len().unique()
    if len(widths) != 1:
        raise BrainlakeError(f"{benchmark}: rows of subject {subject} differ in their number of targets")
    key = ["stimulus_set", "row_id"]
    place = rows.select(key).with_row_index("place")
    index = mine.join(place, on=key, how="left", maintain_order="left")["place"].to_numpy().astype(np.intp)
    values = mine["response"].explode().to_numpy().reshape(len(mine), -1).astype(np.float64)
    present = ~np.isnan(values)
    total, count = np.zeros((2, len(rows), values.shape[1]))
    np.add.at(total, index, np.where(present, values, 0.0))
    np.add.at(count, index, present)
    return np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)


def _nuisance(bank: Bank, benchmark: str, rows: pl.DataFrame, subjects: list[str]) -> dict[str, FloatArray]:
    """Nuisance regressors of every subject, shape (n, q); none if the bank has none."""
    table = bank.table("nuisance", benchmark=benchmark)
    if table.is_empty():
        return {}
    found: dict[str, FloatArray] = {}
    for subject in subjects:
        mine = table.filter(pl.col("subject") == subject).pivot("name", index="row_id", values="value")
        wide = rows.select("row_id").join(mine, on="row_id", how="left", maintain_order="left").drop("row_id")
        if wide.width == 0 or any(wide.null_count().row(0)):
            raise BrainlakeError(f"{benchmark}: nuisance regressors of subject {subject} are missing for some rows")
        found[subject] = wide.to_numpy().astype(np.float64)
    return found
