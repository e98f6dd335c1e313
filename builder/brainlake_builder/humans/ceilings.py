"""Noise ceilings of any recordings that have what one is computed from: subjects, repeats, or readers.

Pure functions from the tables of a benchmark to rows of ``ceilings``, and a sentence for each that cannot be had. Our
own readers and users' data go through them alike. Where several ceilings of a benchmark match a score, the first row
counts: published constants go before these.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from brainlake.contract.layout import table_path
from brainlake.contract.schema import TABLES
from brainlake.contract.sidecar import Sidecar
from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.ceilings import extrapolated
from brainlake.encoding.folds import shuffle_split
from brainlake.encoding.ols import ols_operator
from brainlake.encoding.predict import fold_scores
from brainlake.encoding.targets import prepare
from brainlake_builder.humans.ceiling_rows import READERS, SOURCE, Computed, ceiling_rows, joined
from brainlake_builder.humans.dataset import Subject
from brainlake_builder.humans.lined_up import line_up
from brainlake_builder.humans.reader_ceilings import reader_ceilings
from brainlake_builder.humans.subject_ceilings import repeat_ceilings, subject_ceilings
from brainlake_builder.tables.writer import made_from

MADE_FROM: Final = ("responses", "targets", "nuisance", "reading_times")
"""Tables of a benchmark that ceilings are computed from."""


def computed_ceilings(
    benchmark: str,
    recordings: Mapping[str, pa.Table],
    stimuli: Mapping[str, pa.Table],
    unit: str | None,
    asked: bool = True,
) -> Computed:
    """Compute every ceiling that the recordings of a benchmark allow.

    Parameters
    ----------
    benchmark
        Its name.
    recordings
        Its tables by name: ``responses``, ``targets``, ``nuisance``, ``reading_times``, as there are.
    stimuli
        Tables of ``stimuli`` by set.
    unit
        ``stimulus`` or ``tr``, as in ``benchmarks``.
    asked
        Whether somebody asked for them: if not, that data without repeats have no ceiling from repeats goes unsaid.
    """
    found = [Computed(TABLES["ceilings"].empty_table(), ())]
    if "responses" in recordings:
        subjects = line_up(recordings, stimuli, unit)
        found.append(subject_ceilings(benchmark, subjects))
        if asked or pc.max(recordings["responses"].column("presentation")).as_py() > 0:
            found.append(repeat_ceilings(benchmark, recordings, subjects))
    if "reading_times" in recordings:
        found.append(reader_ceilings(benchmark, recordings["reading_times"], stimuli))
    return joined(found)


def made_from_of(bank: Path, benchmark: str, stimulus_sets: Iterable[str], rows: pa.Table) -> list[dict[str, str]]:
    """Files of a bank that rows of ``ceilings`` were made from; none where all of them were published."""
    if not {SOURCE, READERS} & set(rows.column("source").to_pylist()):
        return []
    paths = [table_path("stimuli", name) for name in stimulus_sets]
    paths += [table_path(table, benchmark) for table in MADE_FROM]
    return [made_from(sidecar) for path in paths if (sidecar := Sidecar.find(bank, path)) is not None]


def extrapolated_response(benchmark: str, subjects: Sequence[Subject]) -> pa.Table:
    """Brain-Score's extrapolation over subjects, for the regression and the splits of protocol ``aw2024``."""
    values = extrapolated([subject.values.astype(np.float64) for subject in subjects], _shuffled_least_squares)
    return ceiling_rows(
        benchmark,
        1,
        protocol="aw2024",
        folds="shuffled",
        method="extrapolation over subjects, least squares on shuffled splits",
        scale="max_r",
        value=float(np.nanmedian(values)),
        source=SOURCE,
        n_subjects=len(subjects),
    )


def _shuffled_least_squares(X: FloatArray, Y: FloatArray) -> FloatArray:
    folds = shuffle_split(len(X))
    return fold_scores(ols_operator(X, folds), prepare(Y, folds))
