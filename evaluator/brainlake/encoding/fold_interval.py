"""Intervals of cross-validated scores, from what each fold scores: nothing is fitted again.

A score varies because other rows might have been tested and because others might have been trained on. The spread
between folds knows the first. Folds are standardised, and their penalties and layers chosen, each by itself, so they
and not the groups inside them are what is drawn. What they have in common comes of training (`learnt_alike`), which
depends on how much is predicted: an end of an interval of correlations is a mean that the score could still come from,
and has the variance of such a mean. Means below zero are those of models that predict nothing.

What a fit has learnt too much or too little it shows in all targets, and what is noise in a target's test rows is its
own. So the correction is that of the mean over targets, and added to the variance of the median.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.fold_draws import Drawn, draw_folds, draw_subjects, of_subjects, shrinkage, true_share
from brainlake.encoding.learnt_alike import SHARED_TRAINING, LearntAlike
from brainlake.encoding.student import student_quantile
from brainlake.errors import BrainlakeError

MIN_FOLDS = 3


class FoldInterval(NamedTuple):
    """Ends of an interval, and how much of it each subject makes.

    Attributes
    ----------
    low, high
    people : dict of float
        Of each subject that was drawn, with the sign of what leaving it out takes away: the sum of squares is the share
        of the variance that subjects have. Two scores of the same subjects vary together by the sum of the products.
    """

    low: float
    high: float
    people: dict[str, float]


def fold_interval(
    score: float,
    parts: FloatArray,
    whole: FloatArray,
    *,
    correlation: bool,
    subjects: NDArray[Any] | None = None,
    grain: float = 0.0,
    told_back: float = 1.0,
    of_chosen: FloatArray | None = None,
    n_boot: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> FoldInterval:
    """Return the interval of a median over targets, each the sum over folds of `parts` over that of `whole`.

    Folds are drawn with replacement, and subjects with all their targets if given; the two variances are added, that
    of the folds with the correction for shared training data, and Student's t has the degrees of freedom of Welch and
    Satterthwaite.

    Parameters
    ----------
    score : float
        What the interval is about.
    parts, whole : arrays [F, v]
        Correlations times tested rows, and tested rows; or squared error gained, and squared deviations. 0 where a
        target has no row in a fold.
    correlation : bool
        Whether the interval is made on Fisher's z scale, where correlations near 1 are symmetric.
    subjects : array of v labels, optional
    grain : float
        Standard deviation below which folds that agree are no evidence; its square is added to their variance.
    told_back : float
        How much of what folds learn from each other they learn both ways (`told_back`).
    of_chosen : array [F], optional
        What the layer that each fold chose scores over all folds.
    n_boot, level, seed
        Draws, coverage, and the seed of the draws.

    Raises
    ------
    BrainlakeError
        Fewer than 3 folds or 5 subjects, or a level that is not between 0 and 1.
    """
    if len(parts) < MIN_FOLDS:
        raise BrainlakeError(f"{len(parts)} fold(s) cannot be resampled; at least {MIN_FOLDS} are needed")
    if not 0 < level < 1:
        raise BrainlakeError(f"a level of {level} is not between 0 and 1")
    drawn = draw_folds(parts, whole, n_boot, seed)
    spread = _spread(score, drawn, len(parts), correlation)
    spread = spread._replace(own=spread.own + grain**2)
    between = 0.0 if of_chosen is None else float(_scaled(of_chosen, correlation).var())
    alike = LearntAlike(len(parts), told_back, between)
    people: dict[str, float] = {}
    if subjects is not None:
        n, scores = len(np.unique(subjects)), drawn.scores
        replicates = draw_subjects(scores[None], subjects, n_boot, seed)[0]
        of_people = float(_scaled(replicates, correlation).var()) * n / (n - 1)
        # Subjects as they were found are further apart than they are, by noise of their folds, which counts already.
        of_people *= true_share(of_subjects(drawn, subjects), len(parts))
        spread = spread._replace(people=of_people, n_people=n)
        total = spread.variance(SHARED_TRAINING)
        people = _people(scores, subjects, of_people / total) if total > 0 else people
    if correlation:
        z = float(_fisher(np.array(score)))
        low, high = (float(np.tanh(_end(z, side, spread, alike, level))) for side in (-1, 1))
        return FoldInterval(low, high, people)
    half = spread.reach(SHARED_TRAINING, level)
    return FoldInterval(score - half, score + half, people)


class _Spread(NamedTuple):
    """Variances of a score over folds, with what they say of each other, and over people."""

    n_folds: int
    own: float
    shared: float
    people: float = 0.0
    n_people: int = 0

    def over_folds(self, correction: float) -> float:
        """Variance over folds, that of the mean over targets being corrected for shared training data."""
        return self.own + correction * self.n_folds / (self.n_folds - 1) * self.shared

    def variance(self, correction: float) -> float:
        """Variance in all."""
        return self.over_folds(correction) + self.people

    def reach(self, correction: float, level: float) -> float:
        """How far Student's interval reaches to either side (Welch and Satterthwaite)."""
        folds, total, freedom = self.over_folds(correction), self.variance(correction), self.n_folds - 1.0
        if self.people > 0:
            freedom = total**2 / (folds**2 / freedom + self.people**2 / (self.n_people - 1))
        return float(student_quantile((1 + level) / 2, freedom) * np.sqrt(total))


def _spread(score: float, drawn: Drawn, n: int, correlation: bool) -> _Spread:
    means = np.nanmean(drawn.draws, axis=1)
    medians = np.nanmedian(drawn.draws + shrinkage(drawn, n), axis=1)
    shared = _scaled(score + means - means.mean(), correlation).var()
    own = _scaled(medians, correlation).var()
    return _Spread(n, float(own) * n / (n - 1), float(shared) * n / (n - 1))


def _end(z: float, side: int, spread: _Spread, alike: LearntAlike, level: float) -> float:
    """The mean furthest from a score, to one side, that it could still come from; on Fisher's z scale."""
    from scipy.optimize import brentq  # Imported here: it takes a fifth of a second to load.

    of_noise = spread.over_folds(alike.correction(1.0))

    def reach(noise: float) -> float:
        varying = spread._replace(own=spread.own + alike.of_layers(noise))
        return varying.reach(alike.correction(noise), level)

    without = z + side * reach(1.0)
    if not of_noise or without <= 0:
        return without

    def beyond(mean: float) -> float:
        return abs(mean - z) - reach(of_noise / (of_noise + mean**2))

    widest = spread._replace(own=spread.own + alike.of_layers(0.0))
    furthest = widest.reach(alike.correction(1.0) + alike.correction(0.5), level)
    ends = (0.0, z) if side < 0 else (max(z, 0.0), z + 2 * furthest)
    return float(brentq(beyond, *ends))


def _people(scores: FloatArray, subjects: NDArray[Any], share: float) -> dict[str, float]:
    names = np.unique(subjects)
    without = np.array([np.median(scores[subjects != one]) for one in names])
    effects = without.mean() - without
    size = float(np.sqrt(np.square(effects).sum()))
    return dict(zip(names.tolist(), (np.sqrt(share) * effects / size).tolist(), strict=True)) if size else {}


def _scaled(values: FloatArray, correlation: bool) -> FloatArray:
    return _fisher(values) if correlation else values


def _fisher(r: FloatArray) -> FloatArray:
    return np.asarray(np.arctanh(np.clip(r, -1 + 1e-12, 1 - 1e-12)))
