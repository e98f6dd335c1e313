"""What Aw et al. (2023) published, as tables of a bank; the files beside this module hold the numbers.

Aw, Montariol, AlKhamissi, Schrimpf, Bosselut, *Instruction-tuning Aligns LLMs to the Human Brain*, arXiv 2312.00575v2,
Tables 5 (brain alignment), 7 (loss, MMLU, BBH) and 9 (behavioral alignment).
"""

from importlib.resources import files
from typing import Any, Final, NamedTuple

import polars as pl
import pyarrow as pa

from brainlake.alignment.design.score_row import PUBLISHED
from brainlake.bank.arguments import flag
from brainlake.contract.layout import model_name
from brainlake.contract.schema import BENCHMARKS, MODEL_PROPERTIES, MODELS, SCORES
from brainlake.study.tables import StudyTables
from brainlake.version import __version__

SOURCE: Final = "Aw et al. 2023, arXiv 2312.00575v2"
_PROPERTIES: Final = {
    "nwp_loss": "Table 7: next-word prediction on WikiText-2",
    "mmlu": "Table 7: MMLU, 5 shots, mean over questions",
    "bbh": "Table 7: BIG-Bench Hard, 3 shots, mean over tasks",
}


class _Benchmark(NamedTuple):
    """What the paper says of a benchmark."""

    table: str
    n_stimuli: int
    n_targets: int
    n_subjects: int | None
    ceiling: float
    measure: str | None = None
    parts: tuple[str, ...] | None = None


_BENCHMARKS: Final = {
    "aw2024.brain": _Benchmark(
        "Table 5, average", 3155, 59076, None, 0.224, parts=("pereira2018", "blank2014", "wehbe2014")
    ),
    "pereira2018": _Benchmark("Table 5", 627, 20316, 10, 0.359),
    "blank2014": _Benchmark("Table 5", 1317, 60, 5, 0.210),
    "wehbe2014": _Benchmark("Table 5", 1211, 38700, 8, 0.104),
    "futrell2018": _Benchmark("Table 9", 9775, 1, 179, 0.858, measure="self_paced_rt"),
}


def published(*, gpt2: bool = False) -> StudyTables:
    """Return what the paper published of its 25 models.

    Brain scores are raw correlations. Behavioral ones are divided by their ceiling, and stand in ``normalized``: the
    paper's two tables are on different scales.

    Parameters
    ----------
    gpt2
        Whether the eight GPT-2 models of its appendix are there too.
    """
    gpt2 = flag("gpt2", gpt2)
    rows = [row for row in read_table("aw2024_models").to_dicts() if gpt2 or row["among_the_25"]]
    return StudyTables(
        scores=_table([_score(row, name) for name in _BENCHMARKS for row in rows], SCORES),
        models=_table([_model(row) for row in rows], MODELS),
        model_properties=_table(
            [
                {
                    "model": model_name(row["hub_id"]),
                    "property": name,
                    "value": row[name],
                    "source": f"{SOURCE}, {what}",
                }
                for name, what in _PROPERTIES.items()
                for row in rows
                if row[name] is not None
            ],
            MODEL_PROPERTIES,
        ),
        benchmarks=_table(
            [
                {"benchmark": name, "stimulus_sets": [], "composite_of": about.parts, "citation": SOURCE}
                for name, about in _BENCHMARKS.items()
            ],
            BENCHMARKS,
        ),
    )


def read_table(name: str) -> pl.DataFrame:
    """A table that lies beside this module."""
    return pl.read_csv((files("brainlake.study") / "published" / f"{name}.csv").read_bytes(), infer_schema_length=None)


def _score(row: dict[str, Any], benchmark: str) -> dict[str, Any]:
    about = _BENCHMARKS[benchmark]
    return {
        "kind": "headline",
        "benchmark": benchmark,
        "measure": about.measure,
        "model": model_name(row["hub_id"]),
        "protocol": f"{PUBLISHED}{SOURCE}",
        "selection": "none" if about.measure else "test",
        "metric": "pearson",
        "aggregation": about.table,
        "normalized" if about.measure else "score": row[benchmark],
        "ceiling": about.ceiling,
        "ceiling_method": "as the paper states it; its brain scores are not divided by theirs",
        "n_stimuli": about.n_stimuli,
        "n_targets": about.n_targets,
        "n_subjects": about.n_subjects,
        "engine_version": __version__,
    }


def _model(row: dict[str, Any]) -> dict[str, Any]:
    base = row["base"]
    return {
        "model": model_name(row["hub_id"]),
        "hub_id": row["hub_id"],
        "family": row["family"],
        "n_params": row["n_params"],
        "n_layers": row["n_layers"],
        "width": row["width"],
        "tuning": "instruction" if base else "vanilla",
        "base_model": model_name(base) if base else None,
    }


def _table(rows: list[dict[str, Any]], schema: pa.Schema) -> pl.DataFrame:
    """The rows under all columns of the schema."""
    # Arrow's own way from rows to a table imports pandas, where there is one: a third of a second.
    none = pa.Table.from_arrays([pa.nulls(0, field.type) for field in schema], schema=schema)
    return pl.DataFrame(rows, schema=pl.DataFrame(none).schema)
