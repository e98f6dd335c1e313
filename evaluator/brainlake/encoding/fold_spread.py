"""How much a score varies over folds and over people, by what draws of them say."""

from typing import NamedTuple

import numpy as np

from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.fold_draws import Drawn, shrinkage
from brainlake.encoding.learnt_alike import LearntAlike, Shared
from brainlake.encoding.student import student_quantile


class Spread(NamedTuple):
    """Variances of the median over targets.

    Attributes
    ----------
    n_folds : int
    own, mean : float
        Over folds, as if they were independent: of the median, and of the mean over targets, which has what they share.
    people : float
        Over `n_people` subjects.
    """

    n_folds: int
    own: float
    mean: float
    people: float = 0.0
    n_people: int = 0

    def over_folds(self, shared: Shared) -> float:
        """Variance over folds that share so much."""
        return self.own + shared.between_layers + shared.correction * self.n_folds / (self.n_folds - 1) * self.mean

    def noise(self, mean: float, alike: LearntAlike) -> float:
        """Share of the variance of scores where nothing is predicted in that and the square of their mean.

        Scores of a mean below zero are those of models that predict nothing: all of it.
        """
        of_nothing = self.over_folds(alike.shared(1.0))
        return of_nothing / (of_nothing + mean**2) if mean > 0 and of_nothing > 0 else float(mean <= 0)

    def reach(self, shared: Shared, level: float) -> float:
        """How far Student's interval reaches to either side (Welch and Satterthwaite)."""
        folds, freedom = self.over_folds(shared), self.n_folds - 1.0
        total = folds + self.people
        if self.people > 0:
            freedom = total**2 / (folds**2 / freedom + self.people**2 / (self.n_people - 1))
        return float(student_quantile((1 + level) / 2, freedom) * np.sqrt(total))


def spread_of(drawn: Drawn, n_folds: int, score: float = 0.0, correlation: bool = False) -> Spread:
    """Return the spread over folds; of correlations on the scale of Fisher's z, around a score."""
    means = np.nanmean(drawn.draws, axis=1)
    medians = np.nanmedian(drawn.draws + shrinkage(drawn, n_folds), axis=1)
    own, mean = (
        scaled(v, correlation).var() * n_folds / (n_folds - 1) for v in (medians, score + means - means.mean())
    )
    return Spread(n_folds, float(own), float(mean))


def scaled(values: FloatArray, correlation: bool) -> FloatArray:
    """Return correlations on the scale of Fisher's z, and other values as they are."""
    return np.asarray(np.arctanh(np.clip(values, -1 + 1e-12, 1 - 1e-12))) if correlation else values


def between_layers(of_chosen: FloatArray) -> float:
    """Return the variance over folds of what the layers that they chose score; those without a score do not count."""
    known = of_chosen[~np.isnan(of_chosen)]
    return float(known.var()) if known.size else 0.0
