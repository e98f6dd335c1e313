"""Figures on what tuning changes, what goes with alignment, and training."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import polars as pl

from brainlake.errors import BrainlakeError
from brainlake.figures.figure import Figure, Omitted, attempted
from brainlake.figures.properties import property_names, property_rows, said, scatter
from brainlake.figures.results import Results
from brainlake.figures.study_questions import study_questions
from brainlake.figures.training import curve, curve_rows
from brainlake.figures.tuning import pair_rows, paired_dots
from brainlake.study.pairs import tuning_pairs
from brainlake.study.training import training_curves

NO_MODELS = "the table models has none of the models: name the bank that they are in"


def study_figures(results: Results) -> Iterator[Figure | Omitted]:
    """Pairs, properties and trainings, a figure a question."""
    if not set(results.scores["model"]) & set(results.models["model"]):
        for kind in ("Tuned against base", "Alignment against size", "Training"):
            yield Omitted(kind, NO_MODELS)
        return
    tables = (results.scores, results.models, results.benchmarks)
    yield from _each("Tuned against base", lambda: tuning_pairs(*tables), pair_rows, _of_pairs, paired_dots)
    for name in property_names(results.model_properties):
        of = "size" if name == "log10_params" else name
        rows = partial(property_rows, *tables[:2], results.model_properties, name, results.benchmarks)
        yield from _each(f"Alignment against {of}", rows, lambda rows: rows, _of_property, scatter)
    yield from _each("Training", lambda: training_curves(*tables), curve_rows, _of_training, curve)


def _each(
    kind: str,
    table: Callable[[], pl.DataFrame],
    rows: Callable[[pl.DataFrame], pl.DataFrame],
    describe: Callable[[pl.DataFrame], str],
    draw: Callable[..., Any],
) -> Iterator[Figure | Omitted]:
    try:
        found = table()
        if found.is_empty():
            rows(found)  # which says what is lacking
    except BrainlakeError as error:
        yield Omitted(kind, " ".join(str(error).split()))
        return
    for name, part in study_questions(found):
        yield from attempted(kind, name, partial(rows, part), describe, lambda data, width: draw(data, width=width))


def _asked(rows: pl.DataFrame) -> str:
    row = rows.row(0, named=True)
    recipe = f", recipe {row['recipe']}" if row["recipe"] is not None else ""
    scale = ", divided by the ceiling" if row["scale"] == "normalized" else ""
    return f"{row['benchmark']}, protocol {row['protocol']}{recipe}; {row['metric']}{scale}"


def _of_pairs(rows: pl.DataFrame) -> str:
    n, bases, up = len(rows), rows["root"].n_unique(), int((rows["difference"] > 0).sum())
    return (
        f"Square: the base; circle: what was tuned from it; {_asked(rows)}. {up} of {n} tuned models score higher than "
        f"their base; they go back to {bases} bases, which is what an interval counts: `brainlake study` has it."
    )


def _of_property(rows: pl.DataFrame) -> str:
    row = rows.row(0, named=True)
    none = str(row["r_method"] or "none").removeprefix("none: ")
    span = "95 % interval in brackets" if row["r_low"] is not None else f"no interval: {none}"
    return (
        f"A dot a model, with its 95 % interval where it has one; dashed: least squares; {_asked(rows)}. {said(row)}; "
        f"{span}. {row['property']} from {row['source']}. That is how models differ, not what "
        "would change if one were changed."
    )


def _of_training(rows: pl.DataFrame) -> str:
    return (
        f"A line a training, a dot a checkpoint, with its 95 % interval where it has one; {_asked(rows)}. One training "
        "shows no spread between trainings."
        + (" Several stand a little beside each other." if rows["training"].n_unique() > 1 else "")
    )
