"""Tables of a study, made up row by row."""

import polars as pl
import pyarrow as pa

from brainlake.contract.schema import BENCHMARKS, MODEL_PROPERTIES, MODELS, SCORES

_SCORE = {"kind": "headline", "protocol": "grouped", "selection": "nested", "metric": "pearson", "engine_version": "0"}


def table(rows, schema):
    return pl.DataFrame(pa.Table.from_pylist(rows, schema=schema))


def scores(rows):
    """From (model, benchmark, score), or with a dict of what else is known."""
    sizes = {"n_stimuli": 60, "n_targets": 3}
    full = [
        _SCORE | sizes | dict(zip(("model", "benchmark", "score"), row, strict=False)) | dict(*row[3:]) for row in rows
    ]
    return table(full, SCORES)


def models(*rows):
    """From (model, base or None) or with a dict of what else is known; who has a base was tuned on instructions."""
    full = [
        {"model": name, "base_model": base, "tuning": "instruction" if base else "vanilla", "family": "llama"}
        | dict(*more)
        for name, base, *more in rows
    ]
    return table(full, MODELS)


def properties(*rows):
    """From (model, property, value), or with a source."""
    names = ("model", "property", "value", "source")
    return table([{"source": "me"} | dict(zip(names, row, strict=False)) for row in rows], MODEL_PROPERTIES)


def composites(**parts):
    """The table of benchmarks that are means of others."""
    return table(
        [{"benchmark": name, "stimulus_sets": [], "composite_of": of} for name, of in parts.items()], BENCHMARKS
    )


def family(sizes, seed=0, benchmarks=("b",)):
    """Scores, models and properties of bases with so many tuned models each; families a and b take turns."""
    import numpy as np

    rng = np.random.default_rng(seed)
    rows, who, known = [], [], []
    for g, size in enumerate(sizes):
        facts = {"family": "ab"[g % 2], "n_params": 10 ** (8 + g)}
        names = [f"base{g}", *(f"tuned{g}.{i}" for i in range(size))]
        who += [(names[0], None, facts), *((name, names[0], facts) for name in names[1:])]
        rows += [(name, b, 0.2 + 0.02 * g + rng.uniform(0, 0.1)) for name in names for b in benchmarks]
        known += [(name, "mmlu", 0.3 + 0.03 * g + rng.uniform(0, 0.1)) for name in names[1:]]
    return scores(rows), models(*who), properties(*known)


def put_tables(root, scored=None, who=None, known=None, means=None):
    """A bank of tables; those not given are left out."""
    from brainlake.bank.manifest import rebuild_manifest
    from brainlake_builder.tables.writer import write_table

    root.mkdir(exist_ok=True)
    for row in () if who is None else who.partition_by("model"):
        write_table(root, "models", row["model"][0], row.to_arrow().cast(MODELS))
    for row in () if means is None else means.partition_by("benchmark"):
        write_table(root, "benchmarks", row["benchmark"][0], row.to_arrow().cast(BENCHMARKS))
    for name, content, schema in (("scores", scored, SCORES), ("model_properties", known, MODEL_PROPERTIES)):
        if content is not None:
            write_table(root, name, "mine", content.to_arrow().cast(schema))
    rebuild_manifest(root)
    return root


CHECKPOINTS = models(
    ("base", None),
    *((f"t@{k}", "base", {"training_step": k}) for k in (10, 20)),
    *((f"c@{k}", "base", {"training_step": k, "tuning": "control"}) for k in (20, 30)),
    *((f"v@{k}", None, {"training_step": k, "hub_id": "o/v"}) for k in (9, 100)),
    ("alone", "base", {"training_step": 5, "tuning": "other"}),
)
CHECKPOINT_SCORES = {
    "base": 0.2,
    "t@10": 0.25,
    "t@20": 0.3,
    "c@20": 0.21,
    "c@30": 0.22,
    "v@9": 0.1,
    "v@100": 0.4,
    "alone": 0.9,
}
"""Trainings of a base on instructions and on a control, checkpoints of another model, and one that stands alone."""
