"""Intervals and p values of scores, from out-of-fold predictions."""

import numpy as np

from brainlake.encoding.arrays import FloatArray
from brainlake.fitting import OutOfFold
from brainlake.permutation import PermutationTest, block_permutation, fdr
from brainlake.setting import Row, Setting, TargetGroup
from brainlake.stats import MIN_GROUPS, MIN_SUBJECTS, bootstrap_interval


def interval(setting: Setting, predictions: OutOfFold | None, group: TargetGroup) -> Row:
    """The columns of an interval: a bootstrap of whole groups, and of subjects where there are five or more."""
    if not setting.n_boot:
        return {"ci_method": "none: not asked for"}
    if group.target_id is not None:
        return {"ci_method": "none: not computed for single targets"}
    if predictions is None:
        return {"ci_method": "none: targets differ in the rows that have responses"}
    subjects = setting.recording.subjects[group.columns]
    enough = len(np.unique(subjects)) >= MIN_SUBJECTS
    labels, name = setting.recording.drawn
    units = labels[predictions.rows]
    if len(np.unique(units)) < MIN_GROUPS:
        return {"ci_method": f"none: only {len(np.unique(units))} {name} to resample"}
    P, Y = predictions.of(group.columns)
    found = bootstrap_interval(
        P, Y, predictions.folds, units, subjects=subjects if enough else None, n_boot=setting.n_boot
    )
    method = f"bootstrap of {name}" + (" and subjects" if enough else "")
    return {"ci_low": found.low, "ci_high": found.high, "ci_method": method}


def permutation_tests(setting: Setting, predictions: OutOfFold) -> list[PermutationTest | None]:
    """A test of each group of targets; None for single targets, which are tested together."""
    return [None if g.target_id is not None else _test(setting, predictions, g) for g in setting.groups]


def p_values(setting: Setting, predictions: OutOfFold, tests: list[PermutationTest | None]) -> list[Row]:
    """The columns of a p value of each group of targets; those of single targets are adjusted for their number."""
    how = f"{setting.n_permutations} exchanges of {setting.recording.exchanged[1]}"
    rows: list[Row] = []
    adjusted: FloatArray | None = None
    for group, test in zip(setting.groups, tests, strict=True):
        if test is not None:
            rows.append({"p_value": test.p_value, "p_method": f"{how}: median over targets"})
            continue
        if adjusted is None:
            adjusted = np.full(len(setting.recording.subjects), np.nan)
            adjusted[predictions.columns] = fdr(_test(setting, predictions, setting.groups[0]).p_values)
        p = float(adjusted[group.columns[0]])
        rows.append({"p_value": p, "p_method": f"{how}: false discovery rate over {len(adjusted)} targets"})
    return rows


def _test(setting: Setting, predictions: OutOfFold, group: TargetGroup) -> PermutationTest:
    P, Y = predictions.of(np.intersect1d(group.columns, predictions.columns))
    blocks = setting.recording.exchanged[0][predictions.rows]
    return block_permutation(P, Y, predictions.folds, blocks, n_permutations=setting.n_permutations)


def unique_interval(setting: Setting, gained: FloatArray, total: FloatArray, group: TargetGroup) -> Row:
    """A difference in R² and its interval, from squared errors gained and squared deviations, both (n, v).

    Whole groups are drawn, and the sums of both taken anew; targets and subjects are fixed.
    """
    present = ~np.isnan(gained)
    gained, total = np.where(present, gained, 0.0), np.where(present, total, 0.0)
    labels, name = setting.recording.drawn
    member = np.unique(labels, return_inverse=True)[1].ravel()
    sums = np.zeros((2, member.max() + 1, gained.shape[1]))
    for side, values in zip(sums, (gained, total), strict=True):
        np.add.at(side, member, values)
    sums = sums[:, :, sums[1].sum(0) > 0]
    if not sums.shape[2]:
        return {"score": float("nan"), "ci_method": "none: no target varies"}
    score = float(np.median(sums[0].sum(0) / sums[1].sum(0)))
    if not setting.n_boot or len(sums[0]) < MIN_GROUPS or group.target_id is not None:
        return {"score": score, "ci_method": "none: not asked for" if not setting.n_boot else "none: one target"}
    rng = np.random.default_rng(0)
    replicates = []
    for _ in range(setting.n_boot):
        weights = rng.multinomial(len(sums[0]), np.full(len(sums[0]), 1 / len(sums[0])))
        replicates.append(np.median((weights @ sums[0]) / (weights @ sums[1])))
    low, high = np.quantile(replicates, [0.025, 0.975])
    return {"score": score, "ci_low": float(low), "ci_high": float(high), "ci_method": f"bootstrap of {name}"}
