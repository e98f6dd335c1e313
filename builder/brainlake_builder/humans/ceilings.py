"""Rows of ``ceilings`` that readers compute from the responses they read.

Where several ceilings of a benchmark match a score, the first row counts: published constants go before these.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike

from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.ceilings import extrapolated, leave_one_out
from brainlake.encoding.folds import shuffle_split
from brainlake.encoding.ols import ols_operator
from brainlake.encoding.predict import fold_scores
from brainlake.encoding.targets import prepare
from brainlake_builder.humans.dataset import Subject, table_of

SOURCE = "brainlake, from the responses"


def shared_response(benchmark: str, responses: ArrayLike, rois: Sequence[str], method: str) -> pa.Table:
    """What listeners or readers share: over all targets, then for every region.

    Parameters
    ----------
    benchmark
        Name of the benchmark.
    responses
        Shape (subjects, rows, regions).
    rois
        The regions.
    method
        How the responses were prepared, for the column ``method``.
    """
    single = leave_one_out(responses)
    values = [np.median(single), *np.median(single, axis=0)]
    return table_of(
        "ceilings",
        len(values),
        benchmark=benchmark,
        roi=[None, *rois],
        method=f"correlation with the mean of the other subjects, median over subjects{method}",
        scale="max_r",
        value=[max(0.0, float(value)) for value in values],
        source=SOURCE,
    )


def extrapolated_response(benchmark: str, subjects: Sequence[Subject]) -> pa.Table:
    """Brain-Score's extrapolation over subjects, for the regression and the splits of protocol ``aw2024``."""
    values = extrapolated([subject.values.astype(np.float64) for subject in subjects], _shuffled_least_squares)
    return table_of(
        "ceilings",
        1,
        benchmark=benchmark,
        protocol="aw2024",
        folds="shuffled",
        method="extrapolation over subjects, least squares on shuffled splits",
        scale="max_r",
        value=float(np.nanmedian(values)),
        source=SOURCE,
    )


def _shuffled_least_squares(X: FloatArray, Y: FloatArray) -> FloatArray:
    folds = shuffle_split(len(X))
    return fold_scores(ols_operator(X, folds), prepare(Y, folds))
