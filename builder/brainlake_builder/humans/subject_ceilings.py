"""Ceilings from several subjects, and from repeats of the same stimuli."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from brainlake.contract.schema import TABLES
from brainlake.encoding.arrays import FloatArray, IntArray
from brainlake.encoding.ceilings import MIN_SUBJECTS, chance, leave_one_out, split_half
from brainlake.encoding.exchange import Blocks
from brainlake.errors import BrainlakeError
from brainlake_builder.humans.ceiling_rows import (
    MIN_DRAWN,
    SOURCE,
    Computed,
    ceiling_rows,
    interval_of_draws,
    joined,
    none,
)
from brainlake_builder.humans.lined_up import LinedUp, mean_response

LARGEST_P = 0.05
N_SPLITS = 200
_MIN_ROWS = 3
# Replicates and exchanges of recordings of so many values, and of larger ones: the least that 5 % can be read from.
_MANY_VALUES, _N_FEW, _N_MANY = 2**22, 200, 40


def subject_ceilings(benchmark: str, subjects: LinedUp) -> Computed:
    """What subjects share, over all targets and for every region, and the reliability of their mean.

    The first is the correlation of each with the mean of the others, median over subjects and targets: what a model of
    what they share can be expected to reach in one of them. It is tested by exchanging rows in each subject on its own;
    one that is not above chance is no ceiling.
    """
    if len(subjects.names) < MIN_SUBJECTS:
        return none(f"{benchmark}: no ceiling between subjects: there is one subject")
    if not subjects.rois:
        return none(f"{benchmark}: no ceiling between subjects: they have no target_id in common")
    return joined([_shared(benchmark, subjects), _of_mean(benchmark, subjects)])


def repeat_ceilings(benchmark: str, recordings: Mapping[str, pa.Table], subjects: LinedUp) -> Computed:
    """Reliability of the mean over presentations, median over the targets of all subjects and of every region."""
    table, targets = pl.DataFrame(recordings["responses"]), pl.DataFrame(recordings["targets"])
    times = table["presentation"].unique().sort().to_list()
    if len(times) < MIN_SUBJECTS:
        return none(f"{benchmark}: no ceiling from repeats: no row has several presentations")
    repeated: list[tuple[FloatArray, IntArray]] = []
    rois: list[str | None] = []
    counted: list[bool] = []
    for name in subjects.names:
        mine = table.filter(pl.col("subject") == name)
        if mine["presentation"].n_unique() < len(times):
            continue
        Y = np.stack([mean_response(mine.filter(pl.col("presentation") == t), subjects.rows) for t in times])
        rows = np.flatnonzero(np.isfinite(Y).all((0, 2)))
        if len(rows) >= _MIN_ROWS:
            repeated.append((Y, rows))
            mine = targets.filter(pl.col("subject") == name).sort("index")
            rois += mine["roi"].to_list()
            counted += mine["made_of"].is_null().to_list()
    if not repeated:
        return none(
            f"{benchmark}: no ceiling from repeats: no subject has {_MIN_ROWS} rows in all {len(times)} presentations"
        )
    regions, places = _regions(rois, counted)

    def medians(n_splits: int, drawn: IntArray | None = None) -> FloatArray:
        single = [
            split_half(Y[:, rows if drawn is None else drawn[np.isin(drawn, rows)]], n_splits=n_splits)
            for Y, rows in repeated
        ]
        return _medians(np.concatenate(single)[None], places)

    values = medians(N_SPLITS)
    low, high = interval_of_draws(subjects.units, lambda drawn: medians(1, drawn), _number(subjects.values))
    return _ceilings(
        benchmark,
        regions,
        (values, low, high),
        _not_above_zero("no ceiling from repeats", regions, values, low, high),
        method=f"split halves of {len(times)} presentations, Spearman-Brown, median of {N_SPLITS} splits and over "
        f"targets; interval: bootstrap of {subjects.drawn}",
        scale="reliability",
        n_subjects=len(repeated),
    )


def _shared(benchmark: str, subjects: LinedUp) -> Computed:
    s, Y = len(subjects.names), subjects.values
    regions, places = _regions(subjects.rois, subjects.counted)
    single = leave_one_out(Y)
    values = _medians(single, places)
    try:
        test = chance(Y, Blocks.of(subjects.units), lambda Z: _medians(leave_one_out(Z), places), _number(Y))
    except BrainlakeError as error:
        return none(f"{benchmark}: no ceiling between subjects: it cannot be tested against chance, since {error}")
    if s >= MIN_DRAWN:
        drawn = "subjects"
        low, high = interval_of_draws(np.array(subjects.names), lambda i: _medians(single[i], places), 1000)
    else:
        drawn = subjects.drawn
        low, high = interval_of_draws(subjects.units, lambda i: _medians(leave_one_out(Y[:, i]), places), _number(Y))
    why = [
        None
        if p < LARGEST_P
        else f"no ceiling between subjects for {region or 'all targets'}: their responses never vary"
        if np.isnan(value)
        else f"no ceiling between subjects for {region or 'all targets'}: their correlation of {value:.3f} is not "
        f"above chance (p = {p:.2f}, {test.n} exchanges of {subjects.drawn})"
        for region, value, p in zip(regions, values, test.p_values, strict=True)
    ]
    return _ceilings(
        benchmark,
        regions,
        (values, low, high),
        why,
        method="correlation with the mean of the other subjects (a lower bound), median over subjects"
        f"{subjects.prepared}; interval: bootstrap of {drawn}",
        scale="max_r",
        n_subjects=s,
    )


def _of_mean(benchmark: str, subjects: LinedUp) -> Computed:
    """Reliability of the mean over subjects, over the rows that all of them have: for who scores that mean.

    One whose interval does not lie above 0 is no ceiling.
    """
    complete = np.flatnonzero(np.isfinite(subjects.values).all((0, 2)))
    if len(complete) < _MIN_ROWS:
        return none(f"{benchmark}: no reliability of the mean over subjects: they have no rows in common")
    Y, (regions, places) = subjects.values[:, complete], _regions(subjects.rois, subjects.counted)
    if len(places) == 1:
        return Computed(TABLES["ceilings"].empty_table(), ())

    def medians(n_splits: int, drawn: IntArray | slice = slice(None)) -> FloatArray:
        return _medians(split_half(Y[:, drawn], n_splits=n_splits)[None], places[1:])

    values = medians(N_SPLITS)
    low, high = interval_of_draws(subjects.units[complete], lambda drawn: medians(10, drawn), _number(Y))
    return _ceilings(
        benchmark,
        regions[1:],
        (values, low, high),
        _not_above_zero("no reliability of the mean over subjects", regions[1:], values, low, high),
        subject=f"mean of {len(subjects.names)} subjects",
        method=f"split halves of subjects, Spearman-Brown, median of {N_SPLITS} splits{subjects.prepared}; interval: "
        f"bootstrap of {subjects.drawn}",
        scale="reliability",
        n_subjects=len(subjects.names),
    )


def _not_above_zero(
    what: str, regions: Sequence[str | None], values: FloatArray, low: FloatArray, high: FloatArray
) -> list[str | None]:
    """Why a reliability is no ceiling, for each region: its interval holds 0."""
    return [
        None
        if least > 0
        else f"{what} for {region or 'all targets'}: their responses never vary"
        if np.isnan(value)
        else f"{what} for {region or 'all targets'}: the interval of its reliability, {_end(least)} to {_end(most)}, "
        f"does not lie above 0"
        for region, value, least, most in zip(regions, values, low, high, strict=True)
    ]


def _end(value: float) -> str:
    return "undefined" if np.isnan(value) else f"{value:.3f}"


def _ceilings(
    benchmark: str,
    regions: Sequence[str | None],
    found: tuple[FloatArray, FloatArray, FloatArray],
    why_not: Sequence[str | None],
    **columns: Any,
) -> Computed:
    """Rows of the regions that nothing speaks against; `found` are values, and both ends of their intervals."""
    kept = [i for i, why in enumerate(why_not) if why is None]
    values, low, high = (numbers[kept].tolist() for numbers in found)
    rows = ceiling_rows(
        benchmark,
        len(kept),
        roi=[regions[i] for i in kept],
        value=values,
        ci_low=low,
        ci_high=high,
        source=SOURCE,
        **columns,
    )
    return Computed(rows, tuple(f"{benchmark}: {why}" for why in why_not if why is not None))


def _regions(rois: list[str | None], counted: list[bool]) -> tuple[list[str | None], list[IntArray]]:
    """None for all targets but those made of others, then every region; and the targets of each."""
    names = list(dict.fromkeys(roi for roi in rois if roi is not None))
    places = [np.flatnonzero([roi == name for roi in rois]) for name in names]
    return [None, *names], [np.flatnonzero(counted), *places]


def _medians(single: FloatArray, places: list[IntArray]) -> FloatArray:
    """Median over subjects and over the targets of each region."""
    defined = [single[:, place][~np.isnan(single[:, place])] for place in places]
    return np.array([np.median(values) if values.size else np.nan for values in defined])


def _number(values: FloatArray) -> int:
    return _N_FEW if values.size <= _MANY_VALUES else _N_MANY
