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

PLAUSIBLE_MS = (10.0, 60_000.0)
"""Likely reading times."""
CODES = (999.0, 9999.0, 99999.0)
"""What stands for a missing value in files of old, with either sign."""
# Share of a target's standard deviation that may be lost where responses are stored in float32.
_ROUNDED = 1e-2
# Responses that vary this much less than their size are constant up to the rounding of float64.
_CONSTANT = 1e-12


def with_names(table: FolderTable, benchmark: str, sets: tuple[str, ...]) -> FolderTable:
    """Fill in what a folder of one benchmark, and often one stimulus set, need not repeat."""
    names = TABLES[table.table].names
    if "benchmark" in names:
        table = table.fill(benchmark=benchmark)
    if "stimulus_set" in names and "stimulus_set" not in table.frame.columns:
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
    targets.refuse(again, "target_id", "stands in an earlier row")
    subjects = responses.frame.select(pl.col("subject").unique(maintain_order=True))
    if "subject" in targets.frame.columns:
        strangers = ~targets.frame["subject"].is_in(subjects["subject"].to_list())
        targets.refuse(strangers, "subject", "has no responses")
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


def fill_reading_times(table: FolderTable) -> FolderTable:
    """Check reading times against their unit, and score every word that has one where nothing else is said.

    Raises
    ------
    BrainlakeError
        For rows of readers and rows of means in one measure, two units in one measure, a time that is not above 0
        or, where no unit is given, implausible; a skipped word with a time.
    """
    stated = "unit" in table.frame.columns
    table = table.fill(unit="ms", skipped=False)
    table.one(["measure"], "unit")
    frame = table.frame
    value, in_time = frame["value"], frame["unit"].is_in(["ms", "s"])
    what = "is not above 0: leave a missing time empty, and a skipped word too, with skipped true"
    table.refuse((in_time & (value <= 0)).fill_null(False), "value", f"a time {what}")
    out = (frame["unit"] == "probability") & ~value.is_between(0, 1)
    table.refuse(out.fill_null(False), "value", "a probability is not in [0, 1]")
    if stated:
        _refuse_unlikely(table)
    else:
        odd = (~value.is_between(*PLAUSIBLE_MS)).fill_null(False)
        first = value.filter(odd)[0] if odd.any() else None
        what = f"{first} is no likely reading time in ms: give the column unit (ms, or s for seconds)"
        table.refuse(odd, "value", what, "times")
    if {"sd", "n_subjects"} <= set(frame.columns):
        alone = (frame["n_subjects"] == 1) & (frame["sd"] > 0)
        table.refuse(alone.fill_null(False), "sd", "is above 0 for one reader")
    if "subject" in frame.columns:
        _refuse_mixed(table)
    skipped = frame["skipped"].fill_null(False)
    table.refuse(skipped & value.is_not_null(), "skipped", "is true, but the word has a value")
    return _scored(_in_stored_units(replace(table, frame=frame.with_columns(skipped=skipped))))


def _refuse_unlikely(table: FolderTable) -> None:
    """Refuse measures whose times are on the whole no likely reading times in their unit."""
    in_ms = pl.col("value") * pl.col("unit").replace_strict({"ms": 1.0, "s": 1000.0}, default=None)
    median = table.frame.select(in_ms.median().over("measure")).to_series()
    odd = (~median.is_between(*PLAUSIBLE_MS)).fill_null(False)
    if odd.any():
        row = int(odd.arg_true()[0])
        unit, measure = table.frame["unit"][row], table.frame["measure"][row]
        what = f"{unit!r} makes {median[row]:g} ms of the median {measure}, which is no likely reading time"
        table.refuse(odd, "unit", what, "times")


def _refuse_mixed(table: FolderTable) -> None:
    """Refuse rows of readers and rows of means in one measure."""
    mean = table.frame["subject"].is_null()
    first = table.frame.select(pl.col("subject").is_null().first().over("measure")).to_series()
    mixed = mean != first
    if mixed.any():
        kind = "a mean over readers" if mean[int(mixed.arg_true()[0])] else "of one reader"
        what = f"the row is {kind}, earlier rows of its measure are not: give the means another measure"
        table.refuse(mixed, "subject", what)


def _in_stored_units(table: FolderTable) -> FolderTable:
    scale = pl.when(pl.col("unit") == "s").then(1000.0).otherwise(1.0)
    spread = [name for name in ("value", "sd") if name in table.frame.columns]
    frame = table.frame.with_columns(pl.col(spread) * scale).with_columns(pl.col("unit").replace("s", "ms"))
    return replace(table, frame=frame)


def _scored(table: FolderTable) -> FolderTable:
    """Score every word that has a value, where the table does not say which are scored."""
    table = table.fill(skipped=False)
    table = replace(table, frame=table.frame.with_columns(pl.col("skipped").fill_null(False)))
    if "scored" in table.frame.columns:
        return table
    reason = pl.when("skipped").then(pl.lit("skipped")).otherwise(pl.lit("no value"))
    why = table.frame.select(why=pl.when(pl.col("value").is_null()).then(reason)).to_series()
    return table.fill(scored=table.frame["value"].is_not_null(), why_not_scored=why)


def fill_nuisance(table: FolderTable, responses: FolderTable) -> None:
    """Refuse regressors that lack a row of their subject, or speak of another run than the responses do."""
    rows = responses.frame.select("subject", "row_id").unique(maintain_order=True)
    known = rows.with_columns(known=True)
    found = table.frame.join(known, on=["subject", "row_id"], how="left", maintain_order="left")["known"]
    table.refuse(found.is_null(), "row_id", "is no row of the responses of this subject")
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
        targets.refuse(absent, "target_id", "has no responses of any subject: remove it")


def refuse_codes(table: FolderTable) -> None:
    """Refuse responses that stand for missing ones."""
    for name in {"value", "response"} & set(table.frame.columns):
        one = pl.col(name) if name == "value" else pl.element()
        code = pl.when(one.abs().is_in(CODES)).then(one)
        found = table.frame.select(
            code if name == "value" else pl.col(name).list.eval(code.drop_nulls()).list.first()
        ).to_series()
        if found.is_not_null().any():
            what = f"{found.drop_nulls()[0]:g} often stands for a missing value: leave it empty, or NaN in a list"
            table.refuse(found.is_not_null(), name, what, "codes")


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
    table.one(scan, "run", "time_s")
    about = [pl.col(name).first() for name in ("benchmark", "run", "time_s") if name in frame.columns]
    gathered = []
    for (subject,), part in frame.group_by("subject", maintain_order=True):
        scans = part.group_by(scan, maintain_order=True).agg(about)
        row = part.join(scans.with_row_index("row"), on=scan, how="left", maintain_order="left")["row"]
        values = np.full((scans.height, place.filter(pl.col("subject") == subject).height), np.nan, np.float32)
        with np.errstate(over="ignore"):  # what float32 does not hold is infinite, and refused
            values[row.to_numpy(), part["column"].to_numpy()] = part["value"].fill_null(np.nan).to_numpy()
        _refuse_rounded(table, str(subject), part)
        gathered.append(scans.with_columns(pl.Series("response", pl.from_arrow(list_array(values)))))
    return replace(table, frame=pl.concat(gathered))


def _refuse_rounded(table: FolderTable, subject: str, part: pl.DataFrame) -> None:
    """Refuse responses that float32 cannot tell apart, such as small changes of a large number."""
    value = pl.col("value")
    lost = part.group_by("target_id", maintain_order=True).agg(
        error=(value.cast(pl.Float32).cast(pl.Float64) - value).abs().max(),
        spread=value.std(),
        size=value.abs().max(),
    )
    varies = pl.col("spread") > _CONSTANT * pl.col("size")
    lost = lost.filter(varies & (pl.col("error") > _ROUNDED * pl.col("spread")))
    if len(lost):
        raise BrainlakeError(
            f"{table.label}, column value: responses of {subject}, {lost['target_id'][0]} vary by "
            f"{lost['spread'][0]:.2g} and are stored to {lost['error'][0]:.2g}: subtract what they have in common"
        )
