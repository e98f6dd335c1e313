"""Intervals of cross-validated scores, from what each fold scores: nothing is fitted again.

A score varies because other rows might have been tested and because others might have been trained on. The spread
between folds knows the first. Folds are standardised, and their penalties and layers chosen, each by itself, so they
and not the groups inside them are what is drawn. What they have in common comes of training (`learnt_alike`), which
depends on how much is predicted: an end of an interval is a mean that the score could still come from, and has the
variance of such a mean. Means below zero are those of models that predict nothing.

What a fit has learnt too much or too little it shows in all targets, and what is noise in a target's test rows is its
own. So the correction is that of the mean over targets, and added to the variance of the median.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.fold_draws import draw_folds, draw_subjects, of_subjects, true_share
from brainlake.encoding.fold_spread import Spread, between_layers, scaled, spread_of
from brainlake.encoding.learnt_alike import OF_GAINS, LearntAlike, correlations_alike
from brainlake.errors import BrainlakeError

MIN_FOLDS = 3


class FoldInterval(NamedTuple):
    """Ends of an interval, and how much of it each subject makes.

    Attributes
    ----------
    low, high
    people : dict of float
        Of each subject that was drawn, in units of the standard error and with the sign of what leaving it out takes
        away. Two scores of the same subjects vary together by the sum of the products.
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
        What the layer that each fold chose scores over all folds; nan where it has no score.
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
    spread = spread_of(drawn, len(parts), score, correlation)
    spread = spread._replace(own=spread.own + grain**2)
    alike = LearntAlike(*OF_GAINS)
    if correlation:
        between = 0.0 if of_chosen is None else between_layers(scaled(of_chosen, correlation))
        alike = correlations_alike(len(parts), told_back, between)
    middle = float(scaled(np.array(score), correlation))
    people: dict[str, float] = {}
    if subjects is not None:
        n, scores = len(np.unique(subjects)), drawn.scores
        replicates = draw_subjects(scores[None], subjects, n_boot, seed)[0]
        as_found = float(scaled(replicates, correlation).var()) * n / (n - 1)
        # Subjects as they were found are further apart than they are, by noise of their folds, which counts already.
        of_people = as_found * true_share(of_subjects(drawn, subjects), len(parts))
        spread = spread._replace(people=of_people, n_people=n)
        total = spread.over_folds(alike.shared(spread.noise(middle, alike))) + of_people
        # Other scores have other noise: products of effects as they were found are what those have in common.
        people = _people(scores, subjects, as_found / total) if total > 0 else people
    low, high = (_end(middle, side, spread, alike, level) for side in (-1, 1))
    if correlation:
        low, high = math.tanh(low), math.tanh(high)
    # No more than rounding: a score of 1 is not on Fisher's scale.
    return FoldInterval(min(low, score), max(high, score), people)


def _end(score: float, side: int, spread: Spread, alike: LearntAlike, level: float) -> float:
    """The mean furthest from a score to one side, with none between them that it could not come from."""
    from scipy.optimize import brentq  # Imported here: it takes a fifth of a second to load.

    nothing = alike.shared(1.0)
    end = score + side * spread.reach(nothing, level)
    if end <= 0 or not spread.over_folds(nothing):
        return end

    def beyond(mean: float) -> float:
        return abs(mean - score) - spread.reach(alike.shared(spread.noise(mean, alike)), level)

    ends = (0.0, score) if side < 0 else (max(score, 0.0), score + 2 * spread.reach(alike.most, level))
    return float(brentq(beyond, *ends))


def _people(scores: FloatArray, subjects: NDArray[Any], share: float) -> dict[str, float]:
    names = np.unique(subjects)
    without = np.array([np.median(scores[subjects != one]) for one in names])
    effects = without.mean() - without
    size = float(np.sqrt(np.square(effects).sum()))
    return dict(zip(names.tolist(), (np.sqrt(share) * effects / size).tolist(), strict=True)) if size else {}
