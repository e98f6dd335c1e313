"""The tables that a study is about."""

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from brainlake.alignment.design.score_row import BASELINE
from brainlake.bank.catalogue import Bank
from brainlake.errors import BrainlakeError, UnknownNameError
from brainlake.study.lineage import lineage
from brainlake.study.model_scores import model_scores
from brainlake.study.pairs import unpaired


class StudyTables(NamedTuple):
    """What a study is about, each with the columns of the table of its name."""

    scores: pl.DataFrame
    models: pl.DataFrame
    model_properties: pl.DataFrame
    benchmarks: pl.DataFrame


def tables_of(
    bank: Bank,
    *,
    scores: pl.DataFrame | None = None,
    benchmarks: Sequence[str] | None = None,
    protocols: Sequence[str] | None = None,
) -> StudyTables:
    """Read what a bank knows of models and their scores.

    Parameters
    ----------
    bank
    scores
        Rows of ``scores`` that take the place of the bank's own.
    benchmarks, protocols
        Those that the study is about; by default all that there are.

    Raises
    ------
    UnknownNameError
        If there is no score of a benchmark or protocol that is named.
    BrainlakeError
        If there are no scores.
    """
    found = bank.table("scores") if scores is None else scores
    if found.is_empty():
        raise BrainlakeError(
            "there are no scores to study: write some with `brainlake brain ... --out FILE` and put them into the bank "
            "with `brainlake-build scores`, or name the file with --scores"
        )
    for column, wanted in (("benchmark", benchmarks), ("protocol", protocols)):
        for name in wanted or ():
            if name not in found[column]:
                raise UnknownNameError(column, name, found[column].unique())
        found = found.filter(pl.col(column).is_in(wanted)) if wanted else found
    return StudyTables(found, bank.table("models"), bank.table("model_properties"), bank.table("benchmarks"))


def unpaired_models(tables: StudyTables) -> list[str]:
    """Tuned models that have scores and are in no pair, each with its base, whose name may be misspelt."""
    return unpaired(model_scores(tables.scores, tables.benchmarks), lineage(tables.models))


def unknown_models(tables: StudyTables) -> list[str]:
    """Models that have scores and no row in the table ``models``: they are in no pair and no correlation."""
    scored = tables.scores.filter(~pl.col("model").str.starts_with(BASELINE))["model"]
    return sorted(set(scored) - set(tables.models["model"]))
