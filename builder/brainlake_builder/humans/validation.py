"""Whether human tables keep the contract, checked before the first of them is written."""

from collections.abc import Callable

import polars as pl
import pyarrow as pa

from brainlake.contract.schema import TABLES, same_shape
from brainlake.errors import BrainlakeError
from brainlake_builder.humans.dataset import HumanDataset, HumanTables

_KEYS = {
    "stimuli": ("stimulus_id",),
    "stimulus_features": ("stimulus_id", "name"),
    "responses": ("subject", "stimulus_set", "row_id", "presentation"),
    "targets": ("subject", "index"),
    "nuisance": ("subject", "row_id", "name"),
    "reading_times": ("stimulus_set", "stimulus_id", "measure", "subject"),
    "ceilings": ("subject", "target_id", "roi", "measure", "protocol", "folds", "method"),
}

_FACTS = {"unit": ("stimulus", "tr"), "default_folds": ("grouped", "contiguous", "by_stimulus")}


def check_tables(dataset: HumanDataset, tables: HumanTables, label: Callable[[str], str] | None = None) -> None:
    """Check what a dataset's files became: schemas, keys, and that every table speaks of the same things.

    Parameters
    ----------
    dataset, tables
        What was built.
    label
        What a table is called in an error, such as the file that it was read from.

    Raises
    ------
    BrainlakeError
        With the table, and the first row and column that break the contract.
    """
    _Check(dataset, tables, label or (lambda table: f"{dataset.benchmark}: {table}")).run()


class _Check:
    """One dataset under check: its tables as data frames, and what to call them."""

    def __init__(self, dataset: HumanDataset, tables: HumanTables, label: Callable[[str], str]) -> None:
        self.dataset, self.tables, self.label = dataset, tables, label
        self.ids: dict[str, set[str]] = {}

    def run(self) -> None:
        for fact, allowed in _FACTS.items():
            value = getattr(self.dataset, fact)
            if value not in (None, *allowed):
                where = f"{self.label('benchmarks')}, row 1, column {fact}"
                raise BrainlakeError(f"{where}: {value!r} is not one of {', '.join(allowed)}")
        missing = set(self.dataset.stimulus_sets) - set(self.tables.stimuli)
        if missing and not self.dataset.composite_of:
            raise BrainlakeError(f"{self.dataset.benchmark}: there are no stimuli {', '.join(sorted(missing))}")
        for name, content in self.tables.stimuli.items():
            frame = self.frame("stimuli", content)
            self.stimuli(name, frame)
            self.ids[name] = set(frame["stimulus_id"])
        for (name, _), content in self.tables.features.items():
            self.known("stimulus_features", "stimulus_id", self.frame("stimulus_features", content), self.ids[name])
        frames = {table: self.frame(table, content) for table, content in self.tables.recordings.items()}
        for table, frame in frames.items():
            self.known(table, "benchmark", frame, {self.dataset.benchmark})
            if "stimulus_set" in frame.columns:
                self.known(table, "stimulus_set", frame, set(self.ids))
        if ("responses" in frames) != ("targets" in frames):
            raise BrainlakeError(f"{self.dataset.benchmark}: responses and targets go together")
        if "reading_times" in frames:
            self.reading_times(frames["reading_times"])
        if "responses" in frames:
            self.responses(frames["responses"], frames["targets"])
        if "nuisance" in frames:
            rows = frames["responses"]["row_id"] if "responses" in frames else pl.Series([], dtype=pl.String)
            self.known("nuisance", "row_id", frames["nuisance"], set(rows))
        if "ceilings" in frames:
            self.known("ceilings", "scale", frames["ceilings"], {"reliability", "max_r"})
            self.refuse_first("ceilings", "value", ~frames["ceilings"]["value"].is_between(0, 1), "is not in [0, 1]")

    def frame(self, table: str, content: pa.Table) -> pl.DataFrame:
        """The table as a data frame, after its schema, empty cells, numbers and keys were checked."""
        difference = same_shape(content.schema, TABLES[table])
        if difference:
            raise BrainlakeError(f"{self.label(table)} has {difference}")
        frame = pl.DataFrame(content)
        if frame.is_empty():
            raise BrainlakeError(f"{self.label(table)} has no rows")
        for column in TABLES[table]:
            values = frame[column.name]
            if not column.nullable:
                self.refuse_first(table, column.name, values.is_null(), "is empty")
            if values.dtype.is_float():
                self.refuse_first(table, column.name, ~values.is_finite().fill_null(True), "is NaN or infinite")
        keys = _KEYS[table]
        again = frame.select(keys).is_duplicated() & ~frame.select(pl.struct(keys).is_first_distinct()).to_series()
        self.refuse_first(table, ", ".join(keys), again, "stands in an earlier row already")
        return frame

    def refuse_first(self, table: str, column: str, wrong: pl.Series, what: str) -> None:
        """Refuse the first row that is wrong, if any is."""
        if wrong.any():
            row = int(wrong.arg_true()[0])
            raise BrainlakeError(f"{self.label(table)}, row {row + 1}, column {column}: {what}")

    def known(self, table: str, column: str, frame: pl.DataFrame, names: set[str]) -> None:
        """Refuse the first value that is not one of ``names``."""
        unknown = ~frame[column].is_in(list(names))
        if unknown.any():
            self.refuse_first(table, column, unknown, f"{frame[column].filter(unknown)[0]!r} is not known")

    def stimuli(self, name: str, frame: pl.DataFrame) -> None:
        self.known("stimuli", "stimulus_set", frame, {name})
        misplaced = frame["position"] != pl.Series(range(frame.height))
        self.refuse_first("stimuli", "position", misplaced, "positions are 0, 1, 2, ... in row order")
        self.refuse_first("stimuli", "text", frame["text"].str.strip_chars() == "", "is empty")
        early = frame["offset_s"] < frame["onset_s"]
        self.refuse_first(
            "stimuli",
            "offset_s",
            early.fill_null(False),
            "comes before onset_s of the same row: it is the end, no duration",
        )
        starts = frame["document_id"] != frame["document_id"].shift(1, fill_value="")
        runs = frame.filter(starts)
        again = runs["position"].filter(~runs["document_id"].is_first_distinct())
        split = frame["position"].is_in(again.implode())
        self.refuse_first("stimuli", "document_id", split, "the items of a document lie together, in order")
        if self.dataset.unit == "tr":
            self.refuse_first("stimuli", "onset_s", frame["onset_s"].is_null(), "is empty, but responses are in TRs")

    def responses(self, responses: pl.DataFrame, targets: pl.DataFrame) -> None:
        place = targets.select(pl.int_range(pl.len()).over("subject")).to_series()
        self.refuse_first("targets", "index", targets["index"] != place, "indices of a subject are 0, 1, 2, ...")
        sizes = dict(targets.group_by("subject").len().iter_rows())
        self.known("responses", "subject", responses, set(sizes))
        found = responses["response"].list.len()
        width = responses["subject"].replace_strict(sizes, return_dtype=pl.UInt32)
        self.refuse_first("responses", "response", found != width, "has not one value for every target of the subject")
        if responses["response"].list.eval(pl.element().is_nan()).list.all().all():
            raise BrainlakeError(f"{self.label('responses')} has no value in any row: there is nothing to score")
        infinite = responses["response"].list.eval(pl.element().is_infinite()).list.any()
        self.refuse_first("responses", "response", infinite, "holds an infinite value")
        if self.dataset.unit == "tr":
            self.refuse_first("responses", "time_s", responses["time_s"].is_null(), "is empty, but rows are TRs")
        else:
            self.stimulus_ids("responses", "row_id", responses)

    def reading_times(self, frame: pl.DataFrame) -> None:
        self.stimulus_ids("reading_times", "stimulus_id", frame)
        absent = frame["scored"] & frame["value"].is_null()
        self.refuse_first("reading_times", "value", absent, "is empty, but the word is scored")
        unexplained = frame["scored"] == frame["why_not_scored"].is_not_null()
        what = "says why a word is not scored, and is empty for one that is"
        self.refuse_first("reading_times", "why_not_scored", unexplained, what)
        if not frame["value"].count():
            raise BrainlakeError(f"{self.label('reading_times')} has no value in any row: there is nothing to score")

    def stimulus_ids(self, table: str, column: str, frame: pl.DataFrame) -> None:
        there = [(name, stimulus) for name, ids in self.ids.items() for stimulus in ids]
        known = pl.DataFrame(there, schema={"stimulus_set": pl.String, column: pl.String}, orient="row")
        found = frame.join(
            known.with_columns(there=True), on=["stimulus_set", column], how="left", maintain_order="left"
        )["there"]
        what = "is not a stimulus of its set"
        if found.null_count():
            what = f"{frame[column].filter(found.is_null())[0]!r} {what}"
        self.refuse_first(table, column, found.is_null(), what)
