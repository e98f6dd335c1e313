"""Differences between scores of the same targets on the same folds, or between their means over benchmarks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.fold_draws import Drawn, draw_folds, draw_subjects, of_subjects, shrinkage, true_share
from brainlake.encoding.fold_spread import Spread, between_layers, spread_of
from brainlake.encoding.learnt_alike import Shared, correlations_alike
from brainlake.encoding.paired import Differences, Pair, step_down
from brainlake.encoding.student import normal_upper_quantile, student_quantile, student_tail


@dataclass(frozen=True, eq=False)
class Compared:
    """Scores of the same targets on the same folds.

    Attributes
    ----------
    scores : sequence of M floats
    parts : sequence of M arrays [F, v]
    whole : array [F, v]
        As in `fold_interval`.
    subjects : array of v labels, or None
        Drawn with all their targets: of at least 5.
    told_back : sequence of M floats, or None
    of_chosen : sequence of M arrays [F], or None
        As in `fold_interval`; without them, all that folds learn from each other, and one layer.
    """

    scores: Sequence[float]
    parts: Sequence[FloatArray]
    whole: FloatArray
    subjects: NDArray[Any] | None = None
    told_back: Sequence[float] | None = None
    of_chosen: Sequence[FloatArray] | None = None


def differences(
    benchmarks: Sequence[Compared], pairs: Sequence[Pair], *, n_boot: int = 1000, level: float = 0.95, seed: int = 0
) -> Differences:
    """Compare scores, or their means over benchmarks.

    The draws of folds, and of subjects, are the same for all scores, and differences vary over them as `fold_interval`
    says; folds of different benchmarks are independent, and the same subjects are drawn together. What of the variance
    is noise of single targets, each with folds of its own, has as many more degrees of freedom (Welch and
    Satterthwaite). P values of many pairs are adjusted step by step, each against the largest of the statistics that
    are left (Westfall & Young, 1993; Romano & Wolf, 2005).

    Parameters
    ----------
    benchmarks : sequence of Compared
    pairs : sequence of (a, b)
        Which score is taken from which.
    n_boot, level, seed
        As in `fold_interval`.
    """
    alone = [
        [spread_of(draw_folds(parts, one.whole, n_boot, seed + number), len(one.whole)) for parts in one.parts]
        for number, one in enumerate(benchmarks)
    ]
    spreads = [_spread(benchmarks, alone, pair, n_boot, seed) for pair in pairs]
    values = np.array([np.mean([one.scores[a] - one.scores[b] for one in benchmarks]) for a, b in pairs])
    error = np.sqrt([one.variance for one in spreads])
    freedom = np.array([one.freedom for one in spreads])
    # Two that predict the same have no difference: nothing speaks against it.
    t = np.divide(np.abs(values), error, out=np.zeros(len(values)), where=error > 0)
    p = 2 * student_tail(t, freedom)
    half = student_quantile((1 + level) / 2, freedom) * error
    # On one scale, whatever the degrees of freedom of each.
    adjusted = step_down(normal_upper_quantile(p / 2), np.stack([np.abs(one.standard) for one in spreads]))
    return Differences(values, values - half, values + half, p, np.maximum(adjusted, p))


class _Term(NamedTuple):
    """A part of a variance, and its degrees of freedom."""

    variance: float
    freedom: float


class _Spread(NamedTuple):
    """How a difference varies: its variance, with degrees of freedom, and draws of mean 0 and variance 1."""

    variance: float
    freedom: float
    standard: FloatArray


def _spread(
    benchmarks: Sequence[Compared], alone: Sequence[Sequence[Spread]], pair: Pair, n_boot: int, seed: int
) -> _Spread:
    """Combine what varies independently; of several benchmarks, the spread of the mean.

    ``alone`` is how each score of each benchmark varies by itself.
    """
    terms: list[_Term] = []
    draws = np.zeros(n_boot)
    people: dict[tuple[Any, ...], FloatArray] = {}
    for number, (one, of_scores) in enumerate(zip(benchmarks, alone, strict=True)):
        first, second = (draw_folds(one.parts[i], one.whole, n_boot, seed + number) for i in pair)
        medians, found = _over_folds(first, second, len(one.whole), _shared(one, of_scores, pair))
        # Draws without a score are passed over: those that are left are taken in turn.
        draws += np.resize(medians - medians.mean(), n_boot)
        terms += found
        if one.subjects is not None:
            who = tuple(np.unique(one.subjects))
            people[who] = people.get(who, 0.0) + _over_people(first, second, len(one.whole), one.subjects, n_boot, seed)
    for who, of_draws in people.items():
        draws += of_draws
        terms.append(_Term(float(of_draws.var()) * len(who) / (len(who) - 1), len(who) - 1))
    variance, deviation = sum(term.variance for term in terms), draws.std()
    if not variance or not deviation:
        return _Spread(0.0, 1.0, np.zeros(n_boot))
    freedom = variance**2 / sum(term.variance**2 / term.freedom for term in terms)
    return _Spread(variance / len(benchmarks) ** 2, freedom, draws / deviation)


def _over_folds(first: Drawn, second: Drawn, n: int, shared: Shared) -> tuple[FloatArray, list[_Term]]:
    """Differences of medians in draws of n folds, and the variance that comes of folds."""
    middle = shrinkage(Drawn((first.scores + second.scores) / 2, (first.draws + second.draws) / 2), n)
    apart = shrinkage(Drawn(first.scores - second.scores, first.draws - second.draws), n)
    medians = [
        np.nanmedian(drawn.draws + shift, axis=1)
        for drawn, shift in ((first, middle + apart / 2), (second, middle - apart / 2))
    ]
    of_draws = np.asarray(medians[0] - medians[1])
    of_mean = float(np.nanmean(first.draws - second.draws, axis=1).var()) * n / (n - 1)
    own = max(float(of_draws.var()) * n / (n - 1) - of_mean, 0.0)
    corrected = of_mean * (1 + shared.correction * n / (n - 1)) + shared.between_layers
    return of_draws, [_Term(corrected, n - 1), _Term(own, (n - 1) * max(len(first.scores) - 1, 1))]


def _over_people(
    first: Drawn, second: Drawn, n_folds: int, subjects: NDArray[Any], n_boot: int, seed: int
) -> FloatArray:
    """Differences of medians in draws of subjects, around 0, which differ by as much as is no noise of their folds."""
    apart = Drawn(first.scores - second.scores, first.draws - second.draws)
    of_draws = np.subtract(*draw_subjects(np.stack([first.scores, second.scores]), subjects, n_boot, seed))
    return np.asarray(np.sqrt(true_share(of_subjects(apart, subjects), n_folds)) * (of_draws - of_draws.mean()))


def _shared(one: Compared, alone: Sequence[Spread], pair: Pair) -> Shared:
    """What folds share of a difference, which is what they would if both scores had the same mean."""
    n, (a, b) = len(one.whole), pair
    told_back = 1.0 if one.told_back is None else (one.told_back[a] + one.told_back[b]) / 2
    between = 0.0 if one.of_chosen is None else between_layers(one.of_chosen[a] - one.of_chosen[b])
    alike = correlations_alike(n, told_back, between)
    typical = Spread(n, (alone[a].own + alone[b].own) / 2, (alone[a].mean + alone[b].mean) / 2)
    return alike.shared(typical.noise((one.scores[a] + one.scores[b]) / 2, alike))
