"""The demo's stimuli and simulated participants as tables of the data contract."""

from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa

from brainlake.contract.schema import TABLES
from brainlake_builder.demo.simulated_brain import SimulatedBrain
from brainlake_builder.demo.simulated_reading import SimulatedReading

BRAIN = "demo.brain"
READING = "demo.reading"
TEXTS = "demo.texts"
"""Source of the demo's word frequencies: counts in its own texts."""
CITATION = "Simulated by brainlake; nobody was scanned and nobody read."
LICENCE = "MIT"
TERMS = {"licence": LICENCE, "redistributable": True}
"""What the sidecars of texts and simulated people say."""


def model_folder() -> Path:
    """Folder of the language model that ships with the package."""
    with as_file(files("brainlake_builder.demo").joinpath("model")) as folder:
        return folder


def stimuli_table(stimulus_set: str, items: pl.DataFrame) -> pa.Table:
    """Stimuli under the contract: every document is its own context."""
    return _conform("stimuli", items.with_columns(stimulus_set=pl.lit(stimulus_set), context_id="document_id"))


def benchmark_table(benchmark: str, stimulus_set: str, unit: str | None, modality: str) -> pa.Table:
    """The row of ``benchmarks`` of a simulated benchmark."""
    row = {
        "benchmark": benchmark,
        "stimulus_sets": [stimulus_set],
        "unit": unit,
        "modality": modality,
        "composite_of": [],
        "default_folds": "grouped" if unit else None,
        "citation": CITATION,
        "licence": LICENCE,
        "redistributable": True,
        "origin": "simulated",
    }
    return pa.Table.from_pylist([row], schema=TABLES["benchmarks"])


def brain_tables(brain: SimulatedBrain, stimulus_set: str, stimulus_ids: list[str]) -> dict[str, pa.Table]:
    """Responses, targets and expected ceilings of the simulated subjects."""
    constant = {"benchmark": BRAIN, "stimulus_set": stimulus_set, "presentation": 0}
    responses = [
        constant | {"subject": subject, "row_id": name, "response": values.astype(np.float32).tolist()}
        for subject, matrix in brain.responses.items()
        for name, values in zip(stimulus_ids, matrix, strict=True)
    ]
    ceilings = [
        {
            "benchmark": BRAIN,
            "roi": roi,
            "folds": folds,
            "method": "expected from the simulation, median over targets",
            "scale": "max_r",
            "value": value,
            "source": "simulated",
        }
        for folds, column in (("grouped", "max_r"), ("shuffled", "max_r_shuffled"))
        for roi, value in _medians(brain.truth, column).items()
    ]
    return {
        "responses": pa.Table.from_pylist(responses, schema=TABLES["responses"]),
        "targets": _conform("targets", brain.targets.with_columns(benchmark=pl.lit(BRAIN))),
        "ceilings": pa.Table.from_pylist(ceilings, schema=TABLES["ceilings"]),
    }


def reading_tables(reading: SimulatedReading, stimulus_set: str, stimulus_ids: list[str]) -> dict[str, pa.Table]:
    """Mean reading times of the simulated readers, and their expected ceiling."""
    n = len(stimulus_ids)
    times = {
        "benchmark": [READING] * n,
        "stimulus_set": [stimulus_set] * n,
        "stimulus_id": stimulus_ids,
        "measure": ["self_paced_rt"] * n,
        "unit": ["ms"] * n,
        "subject": [None] * n,
        "value": reading.mean_ms,
        "sd": reading.sd_ms,
        "n_subjects": [reading.n_readers] * n,
        "skipped": [False] * n,
        "scored": [True] * n,
        "why_not_scored": [None] * n,
    }
    ceiling = {
        "benchmark": READING,
        "method": "expected from the simulation",
        "scale": "max_r",
        "value": reading.max_r,
        "source": "simulated",
    }
    return {
        "reading_times": pa.Table.from_pydict(times, schema=TABLES["reading_times"]),
        "ceilings": pa.Table.from_pylist([ceiling], schema=TABLES["ceilings"]),
    }


def _medians(truth: pl.DataFrame, column: str) -> dict[str | None, float]:
    """Median of a column of the truth over the targets of each region, and over all (None)."""
    regions = {roi: truth.filter(roi=roi)[column] for roi in truth["roi"].unique(maintain_order=True)}
    return {roi: float(values.median()) for roi, values in (regions | {None: truth[column]}).items()}  # type: ignore[arg-type]


def _conform(table: str, content: pl.DataFrame) -> pa.Table:
    """Columns of the contract in its order, null where there are none."""
    schema = TABLES[table]
    given = content.to_arrow()
    columns = [
        given.column(f.name).cast(f.type) if f.name in given.column_names else pa.nulls(len(content), f.type)
        for f in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)
