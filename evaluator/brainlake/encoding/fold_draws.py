"""Draws of folds, and of people, with replacement: what scores of many targets are in each."""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.small_samples import MIN_PEOPLE
from brainlake.errors import BrainlakeError


class Drawn(NamedTuple):
    """Scores of targets, each the sum over folds of parts over that of wholes.

    Attributes
    ----------
    scores : array [v]
        As they are.
    draws : array [at most n_boot, v]
        In draws of folds; nan where none of the folds drawn has a row of the target.
    """

    scores: FloatArray
    draws: FloatArray


def draw_folds(parts: FloatArray, whole: FloatArray, n_boot: int, seed: int) -> Drawn:
    """Draw folds with replacement; equal seeds pair the draws of two scores.

    Parameters
    ----------
    parts, whole : arrays [F, v]
        As in `fold_interval`.
    """
    weights = _draws(len(parts), n_boot, seed).astype(np.float64)
    total = weights @ whole
    ratios = np.divide(weights @ parts, total, out=np.full(total.shape, np.nan), where=total > 0)
    # Where no target has a row in what was drawn there is no score: that draw is passed over.
    return Drawn(parts.sum(0) / whole.sum(0), ratios[~np.isnan(ratios).all(1)])


def shrinkage(drawn: Drawn, n_folds: int) -> FloatArray:
    """Return what to add to each target [v] so that targets lie apart as they would without noise of their own.

    Targets as they were found are further apart than they are, by their noise. Drawn again they have that noise twice,
    and a median over few of them varies more from draw to draw than from data set to data set.
    """
    kept = np.sqrt(true_share(drawn, n_folds))
    return np.asarray((kept - 1) * (drawn.scores - drawn.scores.mean()))


def true_share(drawn: Drawn, n_folds: int) -> float:
    """Return the share of the variance between columns of scores that is no noise of their own; 0 if all are equal."""
    v = len(drawn.scores)
    apart = float(drawn.scores.var(ddof=1)) if v > 1 else 0.0
    if not apart:
        return 0.0
    deviation = np.nan_to_num(drawn.draws - drawn.scores)
    common = deviation.mean(1)
    noise = (np.einsum("bj,bj->", deviation, deviation) - v * np.square(common).sum()) / (len(common) * (v - 1))
    return max(0.0, 1 - float(noise) * n_folds / (n_folds - 1) / apart)


def of_subjects(drawn: Drawn, labels: NDArray[Any]) -> Drawn:
    """Return the mean over the targets of each subject, with subjects in the place of targets."""
    mine = [labels == s for s in np.unique(labels)]
    return Drawn(*(np.stack([values[..., m].mean(-1) for m in mine], axis=-1) for values in drawn))


def draw_subjects(scores: FloatArray, labels: NDArray[Any], n_boot: int, seed: int) -> FloatArray:
    """Return medians over targets [k, n_boot] of k scores [k, v], subjects drawn with all their targets.

    Raises
    ------
    BrainlakeError
        Fewer than 5 subjects.
    """
    mine = [scores[:, labels == s] for s in np.unique(labels)]
    n = len(mine)
    if n < MIN_PEOPLE:
        raise BrainlakeError(f"{n} subject(s) cannot be resampled; with fewer than {MIN_PEOPLE} leave them fixed")
    rng = np.random.default_rng([seed, 1])
    draws = [np.median(np.concatenate([mine[i] for i in rng.integers(n, size=n)], axis=1), 1) for _ in range(n_boot)]
    return np.asarray(np.transpose(draws))


# The scores of a table share their draws: drawing them again for every layer and region costs more than the scores.
@lru_cache(maxsize=4)
def _draws(n_folds: int, n_boot: int, seed: int) -> NDArray[np.uint16]:
    """How many times each fold is drawn in each replicate, [n_boot, n_folds]."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(n_folds, np.full(n_folds, 1 / n_folds), size=n_boot).astype(np.uint16)
