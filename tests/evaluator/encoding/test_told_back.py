import numpy as np
import pytest

from brainlake.encoding.folds import grouped
from brainlake.encoding.targets import prepare
from brainlake.encoding.told_back import told_back

RNG = np.random.default_rng(3)
GROUPS = np.repeat(np.arange(8), 6)
FOLDS = grouped(GROUPS)
PASSAGES = RNG.standard_normal((8, 20))[GROUPS]


def drawn(of_passages):
    """Columns, of which so much of the variance is shared in a passage."""
    return np.sqrt(of_passages) * PASSAGES + np.sqrt(1 - of_passages) * RNG.standard_normal(PASSAGES.shape)


def share(P, Y, **options):
    targets = prepare(Y, FOLDS, **options)
    return told_back(None, (P - P.mean(0))[FOLDS.rows] + targets.mean + targets.expected(), targets)


def test_without_passages_all_but_the_means_is_told_back():
    found = np.mean([share(drawn(0), RNG.standard_normal((48, 20))) for _ in range(6)])
    assert found == pytest.approx(5 / 6, abs=0.05)


def test_where_folds_differ_as_wholes_they_tell_means_that_are_not_scored():
    both, one = share(drawn(0.9), drawn(0.9)), share(drawn(0.9), RNG.standard_normal((48, 20)))
    assert both < 0.01 < one < 0.2


def test_it_is_the_ratio_of_the_variances_of_the_products():
    P, Y = drawn(0.3)[:, :1], drawn(0.3)[:, :1]
    sides = []
    means = {k: np.delete(Y, test, axis=0).mean() for k, test in enumerate(FOLDS.test)}
    for values, expected in ((P - P.mean(), dict.fromkeys(means, 0.0)), (Y, means)):
        folds = [values[test, 0] - expected[k] for k, test in enumerate(FOLDS.test)]
        sides.append((sum(len(f) * f.mean() ** 2 for f in folds) / 8, sum(f.var() * len(f) for f in folds) / (8 * 5)))
    between, within = (np.prod([side[i] for side in sides]) for i in (0, 1))
    assert share(P, Y) == pytest.approx(5 * within / (5 * within + between))


def test_operators_say_what_their_predictions_say():
    Y, targets = drawn(0.3), prepare(drawn(0.3), FOLDS)
    S = RNG.standard_normal((48, 48))
    predictions = S @ targets.responses + targets.mean
    assert told_back(S, None, targets) == pytest.approx(told_back(None, predictions, targets))
    assert told_back(None, predictions + 5 - 5, targets) != pytest.approx(told_back(None, Y, targets))


def test_what_is_missing_does_not_count_and_targets_that_are_not_scored_neither():
    P, Y = drawn(0.3), drawn(0.3)
    gaps = Y.copy()
    gaps[RNG.random(Y.shape) < 0.2] = np.nan
    targets = prepare(gaps, FOLDS)
    stacked = P[FOLDS.rows] + targets.mean
    wild = np.where(np.isnan(gaps[FOLDS.rows]), 1e3, stacked)
    assert told_back(None, stacked, targets) == told_back(None, wild, targets)
    with_constant = np.c_[Y, np.ones(48)]
    assert share(np.c_[P, P[:, 0]], with_constant) == pytest.approx(share(P, Y))


def test_what_nuisance_regressors_predict_is_no_mean_of_a_fold():
    trend = np.linspace(-1, 1, 48)[:, None]
    Y = RNG.standard_normal((48, 20))
    plain, with_trend = (share(drawn(0), values, nuisance=trend) for values in (Y, Y + 50 * trend))
    assert with_trend == pytest.approx(plain, abs=0.15)
    assert share(drawn(0), Y + 50 * trend) < 0.2
