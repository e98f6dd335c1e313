"""Intervals of scores: what other stimuli, other training data and, where there are five or more, other people give."""

import numpy as np

from brainlake.alignment.design.fitting import Scores
from brainlake.alignment.design.score_row import Interval
from brainlake.alignment.design.setting import Setting, TargetGroup
from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.fold_interval import MIN_FOLDS, fold_interval
from brainlake.encoding.folds import Folds
from brainlake.encoding.small_samples import MIN_PEOPLE

PIECES = 3
"""Independent pieces that each fold of a series needs: with fewer, folds are no independent draws."""


def interval(
    setting: Setting,
    scores: Scores,
    score: float,
    folds: Folds,
    group: TargetGroup,
    of_chosen: FloatArray | None = None,
) -> Interval:
    """The interval of a median of correlations over targets; ``of_chosen`` as in `fold_interval`."""
    columns = group.columns[~np.isnan(scores.targets[group.columns])]
    weights = scores.tested[:, columns].astype(np.float64)
    parts = np.where(weights > 0, weights * scores.folds[:, columns], 0.0)
    subjects = setting.recording.subjects[columns]
    told_back = scores.told_back
    return _interval(
        setting, group, folds, score, parts, weights, subjects, True, told_back=told_back, of_chosen=of_chosen
    )


def unique_interval(
    setting: Setting, gained: FloatArray, total: FloatArray, folds: Folds, group: TargetGroup
) -> tuple[float, Interval]:
    """A median difference in R² and its interval, from squared errors gained and squared deviations, both (m, v).

    Rows are those of ``folds.rows``; nan where a target has no response.
    """
    parts, whole = (np.stack([np.nansum(values[s], axis=0) for s in folds.slices]) for values in (gained, total))
    columns = np.flatnonzero(whole.sum(0) > 0)
    if not len(columns):
        return float("nan"), Interval("none: no target varies")
    parts, whole = parts[:, columns], whole[:, columns]
    score = float(np.median(parts.sum(0) / whole.sum(0)))
    subjects = setting.recording.subjects[group.columns][columns]
    return score, _interval(setting, group, folds, score, parts, whole, subjects, False, grain=_one_parameter(setting))


def _interval(
    setting: Setting,
    group: TargetGroup,
    folds: Folds,
    score: float,
    parts: FloatArray,
    whole: FloatArray,
    labels: np.ndarray[tuple[int, ...], np.dtype[np.str_]],
    correlation: bool,
    grain: float = 0.0,
    told_back: float = 1.0,
    of_chosen: FloatArray | None = None,
) -> Interval:
    reason = _why_none(setting, folds, group)
    if reason is None and not parts.size:
        reason = "no target has a score"
    if reason is None and (n := int((whole.sum(1) > 0).sum())) < MIN_FOLDS:
        reason = f"only {n} fold(s) have responses"
    if reason is not None:
        return Interval(f"none: {reason}")
    there = whole.sum(1) > 0
    subjects = labels if len(np.unique(labels)) >= MIN_PEOPLE else None
    found = fold_interval(
        score,
        parts[there],
        whole[there],
        correlation=correlation,
        subjects=subjects,
        grain=grain,
        told_back=told_back,
        of_chosen=None if of_chosen is None else of_chosen[there],
        n_boot=setting.n_boot,
    )
    drawn = "folds" if subjects is None else "folds and subjects"
    return Interval(f"t from a bootstrap of {drawn}, corrected for shared training data", *found)


def _one_parameter(setting: Setting) -> float:
    """What one parameter costs a fit that finds nothing, as a share of the variance.

    Where every fold leaves a model out, they all gain nothing and agree; with other data some would have let it in.
    """
    return setting.recording.memory / len(setting.recording.responses)


def _why_none(setting: Setting, folds: Folds, group: TargetGroup) -> str | None:
    if not setting.n_boot:
        return "not asked for"
    if folds.overlapping:
        return "the splits overlap"
    if group.target_id is not None:
        return "not computed for single targets"
    return too_slow(setting, folds)


def too_slow(setting: Setting, folds: Folds) -> str | None:
    """Why the folds of a series are no independent draws, or None if they are."""
    memory = setting.recording.memory
    shortest = min(len(test) for test in folds.test)
    if shortest >= PIECES * memory:
        return None
    return (
        f"the responses remember about {memory:.0f} rows and the shortest fold has {shortest}: "
        f"fewer than {PIECES} independent pieces"
    )
