"""Intervals of cross-validated scores, from what each fold scores: nothing is fitted again.

A score varies because other rows might have been tested and because others might have been trained on. The spread
between folds knows the first. Folds are standardised, and their penalties and layers chosen, each by itself, so they
and not the groups inside them are what is drawn. The training sets of the folds are nearly the same, which makes their
scores alike: the variance of their mean is larger than that of F independent ones, by a factor of 1 + c F / (F - 1).
Nadeau and Bengio (2003) have c = 1; half of that covers as it should in strictly nested encoding models that predict
something (`tests/benchmarks/bench_coverage.py`).

A model that predicts nothing varies more. What it has learnt of the responses of fold l it tells of fold k, and what of
those of k, of l: the scores of both hold the same products of responses, one in F - 1 of all that each has. If folds
learn nothing but such products, their correlation is 1 / (F - 1). They also learn the means of other folds, on which
those are not scored (`told_back`): only the share w that is told back counts. The correlation is w / (F - 1) and, of
what else the fits have in common, .04, as simulated. A correlation of a makes the variance of the mean
(1 + (F - 1) a) / (1 - a) times what the spread of the folds says: c = (F - 1) a / (1 - a). An end of the interval is a
mean that the score could still come from, and has the variance of such a mean: c goes from the one to the other by the
share of noise in a score of that size.

What a fit has learnt too much or too little it shows in all targets, and what is noise in a target's test rows is its
own. So the correction is that of the mean over targets, and added to the variance of the median.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.fold_draws import Drawn, draw_folds, draw_subjects, of_subjects, shrinkage, true_share
from brainlake.encoding.student import student_quantile
from brainlake.errors import BrainlakeError

SHARED_TRAINING = 0.5
"""Of the correction of Nadeau and Bengio (2003), how much is applied where something is predicted."""

SHARED_BY_CHANCE = 0.04
"""Correlation of the scores of two folds where nothing is predicted, beside that of what they tell each other; without
it 24 groups of 5 without signal are covered by .92 of 1,000 intervals, with it by .95."""

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
        z, nothing = float(_fisher(np.array(score))), _of_nothing(len(parts), told_back)
        low, high = (float(np.tanh(_end(z, side, spread, nothing, level))) for side in (-1, 1))
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


def _of_nothing(n_folds: int, told_back: float) -> float:
    """Correction for shared training data where nothing is predicted."""
    alike = SHARED_BY_CHANCE + told_back / (n_folds - 1)
    return alike * (n_folds - 1) / (1 - alike)


def _end(z: float, side: int, spread: _Spread, nothing: float, level: float) -> float:
    """The mean furthest from a score, to one side, that it could still come from; on Fisher's z scale."""
    from scipy.optimize import brentq  # Imported here: it takes a fifth of a second to load.

    of_noise = spread.variance(nothing)
    if not of_noise:
        return z

    def beyond(mean: float) -> float:
        noise = of_noise / (of_noise + mean**2)
        return abs(mean - z) - spread.reach(SHARED_TRAINING + (nothing - SHARED_TRAINING) * noise, level)

    far = 2 * max(spread.reach(nothing, level), spread.reach(SHARED_TRAINING, level))
    return float(brentq(beyond, z, z + side * far))


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
