"""The stimuli of a user's dataset: its own, or those of the bank and of the benchmarks that it is the mean of."""

from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from brainlake.bank.local_root import read_named
from brainlake.contract.layout import check_name, table_path
from brainlake.errors import BrainlakeError
from brainlake_builder.humans.dataset import spaced
from brainlake_builder.humans.folder_cells import fail
from brainlake_builder.humans.folder_table import FolderTable
from brainlake_builder.humans.folder_times import check_onsets


def check_composite(found: dict[str, FolderTable], facts: dict[str, Any], bank: Path) -> None:
    """Refuse a mean of benchmarks that are not there, or that has recordings of its own."""
    for part in facts["composite_of"]:
        if not (bank / table_path("benchmarks", part)).exists():
            raise BrainlakeError(f"{facts['benchmark']} is composed of {part}, which is not in {bank}: ingest it first")
    own = next((name for name in ("responses", "reading_times") if name in found), None)
    if facts["composite_of"] and own:
        raise BrainlakeError(
            f"{found['benchmarks'].label}, row 1, column composite_of: a mean of others has no {own} of its own"
        )


def check_sets(found: dict[str, FolderTable], facts: dict[str, Any], stimuli: dict[str, pa.Table]) -> None:
    """Refuse other names of stimulus sets beside the stimuli than these have."""
    if "stimuli" in found and facts["stimulus_sets"] and set(facts["stimulus_sets"]) != set(stimuli):
        fail(
            found["benchmarks"].label,
            0,
            "stimulus_sets",
            f"says {', '.join(facts['stimulus_sets'])}, but the stimuli beside it are {', '.join(stimuli)}: leave it "
            f"empty, or give stimuli the column stimulus_set",
        )


def check_folds(table: FolderTable, facts: dict[str, Any], stimuli: dict[str, pa.Table]) -> None:
    """Refuse folds of whole groups where a stimulus has none."""
    if facts["default_folds"] != "grouped" or facts["composite_of"]:
        return
    without = next((name for name, content in stimuli.items() if content.column("group_id").null_count), None)
    if without is not None:
        other = "contiguous" if facts["unit"] == "tr" else "by_stimulus"
        raise BrainlakeError(
            f"{table.label}, row 1, column default_folds: 'grouped' needs a group_id for every stimulus of {without}: "
            f"give it, or write {other}"
        )


def stimuli_of(facts: dict[str, Any], table: FolderTable | None, bank: Path) -> dict[str, pa.Table]:
    """Stimuli of the folder by set, or those of the bank that it names."""
    if table is None:
        return {name: _from_bank(name, bank) for name in _sets_in_bank(facts, bank)}
    refuse_spaces(table, "text")
    check_onsets(table)
    table = table.fill(stimulus_set=facts["benchmark"])
    tables = {}
    for (name,), part in table.frame.group_by("stimulus_set", maintain_order=True):
        documents = part["document_id"].to_list()
        own = FolderTable("stimuli", table.label, part)
        own = own.fill(position=list(range(part.height)), separator=spaced(documents), context_id=documents)
        own = FolderTable(
            "stimuli", table.label, own.frame.with_columns(pl.col("separator").fill_null("")), table.accept
        )
        _refuse_glued(own)
        tables[check_name("stimulus set", str(name))] = own.to_contract()
    return tables


def refuse_spaces(table: FolderTable, column: str) -> None:
    """Refuse texts with white space around them."""
    text = table.frame[column]
    spaced_out = ((text != text.str.strip_chars()) & (text.str.strip_chars() != "")).fill_null(False)
    table.refuse(spaced_out, column, "{cell} has white space around it, which its separator brings", "spaces")


def _refuse_glued(table: FolderTable) -> None:
    """Refuse words that nothing parts, in scripts that part them: a table may have lost its spaces."""
    frame = table.frame.with_columns(
        before=pl.when(pl.col("document_id") == pl.col("document_id").shift(1)).then(
            pl.col("text").shift(1).str.slice(-1)
        ),
        after=pl.col("text").str.head(1),
    )
    both = pl.concat_str("before", "after")
    cased = (pl.col("separator") == "") & (both.str.to_uppercase() != both.str.to_lowercase())
    letters = both.str.contains(r"^\p{L}\p{L}$")
    glued = frame.select((cased & letters).fill_null(False)).to_series()
    what = "is empty between two words, which would be read as one: leave the column out for a space between words"
    table.refuse(glued, "separator", what, "glued")


def _sets_in_bank(facts: dict[str, Any], bank: Path) -> list[str]:
    if facts["stimulus_sets"] or not facts["composite_of"]:
        return list(facts["stimulus_sets"])
    sets: dict[str, None] = {}
    for part in facts["composite_of"]:
        sets |= dict.fromkeys(read_named(bank, "benchmarks", part).column("stimulus_sets").to_pylist()[0])
    return list(sets)


def _from_bank(stimulus_set: str, bank: Path) -> pa.Table:
    path = bank / table_path("stimuli", stimulus_set)
    if not path.exists():
        raise BrainlakeError(f"the folder has no stimuli, and {bank} has no {stimulus_set} either: add a stimuli.csv")
    return read_named(bank, "stimuli", stimulus_set)
