"""Whether human tables keep the contract, checked before the first of them is written."""

import polars as pl
import pyarrow as pa

from brainlake.errors import BrainlakeError
from brainlake.schema import TABLES, same_shape
from brainlake_builder.humans.dataset import HumanDataset, HumanTables

_KEYS = {
    "stimuli": ("stimulus_id",),
    "stimulus_features": ("stimulus_id", "name"),
    "responses": ("subject", "row_id", "presentation"),
    "targets": ("subject", "index"),
    "nuisance": ("subject", "row_id", "name"),
    "reading_times": ("stimulus_id", "measure", "subject"),
    "ceilings": ("subject", "target_id", "roi", "protocol", "folds", "method"),
}


def check_tables(dataset: HumanDataset, tables: HumanTables) -> None:
    """Check what a dataset's files became: schemas, keys, and that every table speaks of the same things.

    Raises
    ------
    BrainlakeError
        With the benchmark, the table, and the first row and column that break the contract.
    """
    where = dataset.benchmark
    named = [("stimuli", t) for t in tables.stimuli.values()] + list(tables.recordings.items())
    for table, content in [*named, *(("stimulus_features", t) for t in tables.features.values())]:
        _check_shape(where, table, content)
    if set(tables.stimuli) != set(dataset.stimulus_sets):
        raise BrainlakeError(f"{where}: built the stimulus sets {sorted(tables.stimuli)}, not {dataset.stimulus_sets}")
    for name, content in tables.stimuli.items():
        _check_stimuli(where, name, _frame(content))
    ids = {name: set(content.column("stimulus_id").to_pylist()) for name, content in tables.stimuli.items()}
    for (name, _), content in tables.features.items():
        _check_known(where, "stimulus_features", "stimulus_id", _frame(content), ids[name])
    frames = {table: _frame(content) for table, content in tables.recordings.items()}
    for table, frame in frames.items():
        _check_known(where, table, "benchmark", frame, {dataset.benchmark})
        if "stimulus_set" in frame.columns:
            _check_known(where, table, "stimulus_set", frame, set(dataset.stimulus_sets))
    if "reading_times" in frames:
        _check_reading_times(where, frames["reading_times"], ids)
    if ("responses" in frames) != ("targets" in frames):
        raise BrainlakeError(f"{where}: responses and targets go together")
    if "responses" in frames:
        _check_responses(dataset, frames["responses"], frames["targets"], ids)
    if "nuisance" in frames:
        rows = frames.get("responses", frames["nuisance"].clear())
        _check_known(where, "nuisance", "row_id", frames["nuisance"], set(rows["row_id"]))
    if "ceilings" in frames:
        _check_ceilings(where, frames["ceilings"])


def _frame(table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame


def _refuse(where: str, table: str, row: int, column: str, what: str) -> None:
    raise BrainlakeError(f"{where}: {table}, row {row + 1}, column {column}: {what}")


def _check_shape(where: str, table: str, content: pa.Table) -> None:
    difference = same_shape(content.schema, table)
    if difference:
        raise BrainlakeError(f"{where}: {table} has {difference}")
    frame = _frame(content)
    if frame.is_empty():
        raise BrainlakeError(f"{where}: {table} has no rows")
    for column in TABLES[table]:
        values = frame[column.name]
        if not column.nullable and values.null_count():
            _refuse(where, table, _first(values.is_null()), column.name, "is empty")
        if values.dtype.is_float() and not (finite := values.is_finite().fill_null(True)).all():
            _refuse(where, table, _first(~finite), column.name, "is NaN or infinite")
    duplicated = frame.select(_KEYS[table]).is_duplicated()
    if duplicated.any():
        _refuse(where, table, _first(duplicated), ", ".join(_KEYS[table]), "stands in more than one row")


def _first(mask: pl.Series) -> int:
    return int(mask.arg_true()[0])


def _check_known(where: str, table: str, column: str, frame: pl.DataFrame, known: set[str]) -> None:
    unknown = ~frame[column].is_in(list(known))
    if unknown.any():
        row = _first(unknown)
        _refuse(where, table, row, column, f"{frame[column][row]!r} is not known")


def _check_stimuli(where: str, name: str, frame: pl.DataFrame) -> None:
    _check_known(where, "stimuli", "stimulus_set", frame, {name})
    misplaced = frame["position"] != pl.Series(range(frame.height))
    if misplaced.any():
        _refuse(where, "stimuli", _first(misplaced), "position", "positions are 0, 1, 2, ... in row order")
    starts = frame.filter(frame["document_id"] != frame["document_id"].shift(1, fill_value=""))
    again = starts["document_id"].is_duplicated() & ~starts["document_id"].is_first_distinct()
    if again.any():
        row = starts["position"].filter(again)[0]
        _refuse(where, "stimuli", row, "document_id", "the items of a document lie together, in order")


def _check_responses(
    dataset: HumanDataset, responses: pl.DataFrame, targets: pl.DataFrame, ids: dict[str, set[str]]
) -> None:
    where = dataset.benchmark
    ordered = targets.with_columns(place=pl.int_range(pl.len()).over("subject"))
    wrong = ordered["index"] != ordered["place"]
    if wrong.any():
        _refuse(where, "targets", _first(wrong), "index", "indices of a subject are 0, 1, 2, ... in row order")
    sizes = dict(targets.group_by("subject").len().iter_rows())
    _check_known(where, "responses", "subject", responses, set(sizes))
    width = responses["subject"].replace_strict(sizes, return_dtype=pl.UInt32)
    wrong = responses["response"].list.len() != width
    if wrong.any():
        row = _first(wrong)
        found = len(responses["response"][row])
        _refuse(where, "responses", row, "response", f"{found} values for a subject of {width[row]} targets")
    infinite = responses["response"].list.eval(pl.element().is_infinite()).list.any()
    if infinite.any():
        _refuse(where, "responses", _first(infinite), "response", "is infinite")
    if dataset.unit == "stimulus":
        _check_rows(where, "responses", "row_id", responses, ids)


def _check_rows(where: str, table: str, column: str, frame: pl.DataFrame, ids: dict[str, set[str]]) -> None:
    for (name,), part in frame.with_row_index("row").group_by("stimulus_set"):
        unknown = ~part[column].is_in(list(ids[str(name)]))
        if unknown.any():
            row = part["row"].filter(unknown)[0]
            _refuse(where, table, row, column, f"{frame[column][row]!r} is not a stimulus of {name}")


def _check_reading_times(where: str, frame: pl.DataFrame, ids: dict[str, set[str]]) -> None:
    _check_rows(where, "reading_times", "stimulus_id", frame, ids)
    absent = frame["scored"] & frame["mean_ms"].is_null()
    if absent.any():
        _refuse(where, "reading_times", _first(absent), "mean_ms", "is empty, but the word is scored")
    unexplained = frame["scored"] == frame["why_not_scored"].is_not_null()
    if unexplained.any():
        what = "says why a word is not scored, and is empty for one that is"
        _refuse(where, "reading_times", _first(unexplained), "why_not_scored", what)


def _check_ceilings(where: str, frame: pl.DataFrame) -> None:
    _check_known(where, "ceilings", "scale", frame, {"reliability", "max_r"})
    outside = ~frame["value"].is_between(0, 1)
    if outside.any():
        _refuse(where, "ceilings", _first(outside), "value", "is not between 0 and 1")
