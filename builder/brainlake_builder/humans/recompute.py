"""Ceilings of a benchmark that a bank holds already, computed again from its recordings."""

from pathlib import Path

import polars as pl
import pyarrow as pa

from brainlake.bank.catalogue import open_bank
from brainlake.bank.manifest import rebuild_manifest
from brainlake.contract.schema import TABLES
from brainlake.errors import BrainlakeError, UnknownNameError
from brainlake_builder.humans.ceiling_rows import READERS, SOURCE, Computed
from brainlake_builder.humans.ceilings import MADE_FROM, computed_ceilings, made_from_of
from brainlake_builder.tables.writer import write_table


def recompute_ceilings(bank: Path, benchmark: str) -> Computed:
    """Compute and write the ceilings of a benchmark; those that were published stay, before the computed ones.

    Returns
    -------
    Computed
        All rows of the benchmark's table, and a sentence for each ceiling that cannot be had or was not computed here.

    Raises
    ------
    UnknownNameError
        If the bank has no such benchmark.
    BrainlakeError
        If it is the mean of others, or has no recordings.
    """
    catalogue = open_bank(bank)
    if benchmark not in catalogue.names("benchmarks"):
        raise UnknownNameError("benchmark", benchmark, catalogue.names("benchmarks"))
    facts = catalogue.table("benchmarks", benchmark=benchmark).row(0, named=True)
    if facts["composite_of"]:
        raise BrainlakeError(
            f"{benchmark} is the mean of {', '.join(facts['composite_of'])}: its ceiling is the mean of theirs, so "
            f"compute those"
        )
    there = [name for name in MADE_FROM if benchmark in catalogue.names(name)]
    if not {"responses", "reading_times"} & set(there):
        raise BrainlakeError(f"{benchmark} has no responses and no reading times in {bank}")
    recordings = {name: catalogue.table(name, benchmark=benchmark).to_arrow() for name in there}
    stimuli = {name: catalogue.stimuli(name).to_arrow() for name in facts["stimulus_sets"]}
    computed = computed_ceilings(benchmark, recordings, stimuli, facts["unit"])
    stay = catalogue.table("ceilings", benchmark=benchmark).filter(
        ~pl.col("source").is_in([SOURCE, READERS]) | pl.col("protocol").is_not_null()
    )
    why = [
        f"{benchmark}: stays as it was, since it is not computed from the recordings alone: {method} ({source})"
        for method, source in stay.select("method", "source").unique(maintain_order=True).iter_rows()
    ]
    rows = pa.concat_tables([stay.to_arrow().cast(TABLES["ceilings"]), computed.rows])
    if rows.num_rows:
        parts = made_from_of(bank, benchmark, facts["stimulus_sets"], rows)
        licence = catalogue.sidecar(there[0], benchmark).licence
        write_table(bank, "ceilings", benchmark, rows, made_from=parts, licence=licence)
        rebuild_manifest(bank)
    return Computed(rows, (*why, *computed.why_not))
