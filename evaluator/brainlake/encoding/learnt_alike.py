"""How much scores of folds vary together because the folds learn from the same data.

The training sets of the folds are nearly the same, which makes their scores alike: the variance of the mean over F
folds is larger than that of F independent ones, by a factor of 1 + c F / (F - 1), with c = 1 in Nadeau and Bengio
(2003). Here c depends on how sure a score is. Of its variance and its mean squared together, let u be the share of the
variance.

Where nothing is predicted, u = 1, what a model has learnt of the responses of fold l it tells of fold k, and what of
those of k, of l: the scores of both hold the same products of responses, one in F - 1 of all that each has. If folds
learn nothing but such products, their correlation is 1 / (F - 1). They also learn the means of other folds, on which
those are not scored (`told_back`): only the share w that is told back counts. The correlation is w / (F - 1) and, of
what else the fits have in common, .04, as simulated. A correlation of a makes the variance of the mean (1 + (F - 1) a)
/ (1 - a) times what the spread of the folds says: c = (F - 1) a / (1 - a).

Where a little is predicted, folds choose penalties and layers from data that they share, and choose badly together.
That is nothing where all choices are equally bad, and nothing where the best one is plain: 3.5 sqrt(u (1 - u)) is added
to c, a multiple of the standard error over the mean where that is small. And where folds choose different layers, with
other data all might have chosen as any of them: the variance between the scores that these layers have over all folds
is added, three times, since folds of the same data agree more than data sets do; and less by u, as far as layers differ
by noise. Both numbers were chosen by the coverage of strictly nested encoding models
(`tests/benchmarks/bench_coverage.py`).
"""

import math
from typing import Final, NamedTuple


class Shared(NamedTuple):
    """What is shared in scores of one mean.

    Attributes
    ----------
    correction : float
        c of the mean over targets.
    between_layers : float
        Variance that comes of other layers being chosen.
    """

    correction: float
    between_layers: float = 0.0


SHARED_BY_CHANCE: Final = 0.04
"""Correlation of the scores of two folds where nothing is predicted, beside that of what they tell each other; without
it 24 groups of 5 without signal are covered by .92 of 1,000 intervals, with it by .95."""

SHARED_CHOICE: Final = 3.5
"""How much of the relative error of a score comes of choices that folds share."""

LAYERS_IN_COMMON: Final = 3.0
"""How much more the layers of data sets differ than those that folds of one data set choose."""


OF_GAINS: Final = (0.5, 1.0)
"""c of differences in R² where nothing is gained, and where a gain is sure: unlike a correlation they do not cancel how
much too large or too small all predictions are."""


class LearntAlike(NamedTuple):
    """What folds of one analysis have in common.

    Attributes
    ----------
    of_nothing, of_sure : float
        c where nothing is predicted, and where a score is many times its error.
    between_layers : float
        Variance over folds of the score that the layer which each chose has over all of them.
    """

    of_nothing: float
    of_sure: float = 0.0
    between_layers: float = 0.0

    def shared(self, noise: float) -> Shared:
        """Return what is shared where noise is such a share of the variance of scores and their mean squared."""
        return Shared(
            self.of_nothing * noise + self.of_sure * (1 - noise) + SHARED_CHOICE * math.sqrt(noise * (1 - noise)),
            (1 - noise) * LAYERS_IN_COMMON * self.between_layers,
        )

    @property
    def most(self) -> Shared:
        """No mean has more."""
        return Shared(max(self.of_nothing, self.of_sure) + SHARED_CHOICE / 2, LAYERS_IN_COMMON * self.between_layers)


def correlations_alike(n_folds: int, told_back: float, between_layers: float = 0.0) -> LearntAlike:
    """Return what correlations have in common, of folds that learn such a share of it both ways (`told_back`)."""
    alike = SHARED_BY_CHANCE + told_back / (n_folds - 1)
    return LearntAlike(alike * (n_folds - 1) / (1 - alike), between_layers=between_layers)
