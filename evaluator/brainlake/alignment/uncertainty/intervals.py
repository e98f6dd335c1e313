"""Intervals of scores, from out-of-fold predictions."""

import numpy as np

from brainlake.alignment.design.fitting import OutOfFold
from brainlake.alignment.design.score_row import Interval
from brainlake.alignment.design.setting import Setting, TargetGroup
from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.statistics import MIN_GROUPS, MIN_SUBJECTS, bootstrap_interval


def interval(setting: Setting, predictions: OutOfFold | None, group: TargetGroup) -> Interval:
    """The interval of a score: a bootstrap of whole groups, and of subjects where there are five or more."""
    if not setting.n_boot:
        return Interval("none: not asked for")
    if group.target_id is not None:
        return Interval("none: not computed for single targets")
    assert predictions is not None
    subjects = setting.recording.subjects[group.columns]
    enough = len(np.unique(subjects)) >= MIN_SUBJECTS
    labels, name = setting.recording.drawn
    P, Y = predictions.predictions[:, group.columns], predictions.responses[:, group.columns]
    units = len(np.unique(labels[~np.isnan(Y).all(1)]))
    if units < MIN_GROUPS:
        return Interval(f"none: only {units} {name} to resample")
    found = bootstrap_interval(
        P, Y, predictions.folds, labels, subjects=subjects if enough else None, n_boot=setting.n_boot
    )
    method = f"bootstrap of {name}" + (" and subjects" if enough else "")
    return Interval(method, found.low, found.high)


def unique_interval(
    setting: Setting, gained: FloatArray, total: FloatArray, group: TargetGroup
) -> tuple[float, Interval]:
    """A difference in R² and its interval, from squared errors gained and squared deviations, both (n, v).

    Whole groups are drawn, and the sums of both taken anew; targets and subjects are fixed.
    """
    labels, name = setting.recording.drawn
    there = ~np.isnan(gained)
    drawn = there.any(1)
    member = np.unique(labels[drawn], return_inverse=True)[1].ravel()
    sums = np.zeros((2, member.max(initial=-1) + 1, gained.shape[1]))
    for side, values in zip(sums, (gained, total), strict=True):
        np.add.at(side, member, np.where(there, values, 0.0)[drawn])
    sums = sums[:, :, sums[1].sum(0) > 0]
    if not sums.shape[2]:
        return float("nan"), Interval("none: no target varies")
    score = float(np.median(sums[0].sum(0) / sums[1].sum(0)))
    if not setting.n_boot or len(sums[0]) < MIN_GROUPS or group.target_id is not None:
        return score, Interval("none: not asked for" if not setting.n_boot else "none: one target")
    rng = np.random.default_rng(0)
    replicates = []
    for _ in range(setting.n_boot):
        weights = rng.multinomial(len(sums[0]), np.full(len(sums[0]), 1 / len(sums[0])))
        gain, power = weights @ sums[0], weights @ sums[1]
        replicates.append(np.median(gain[power > 0] / power[power > 0]) if power.any() else np.nan)
    low, high = np.quantile(replicates, [0.025, 0.975])
    return score, Interval(f"bootstrap of {name}", float(low), float(high))
