import numpy as np
import pytest
from scipy.stats import pearsonr

from brainlake.encoding.correlation import fold_pearson, pearson
from brainlake.encoding.folds import grouped, shuffle_split
from brainlake.encoding.predict import target_scores
from brainlake.encoding.statistics import bootstrap_correlation, bootstrap_interval
from brainlake.errors import BrainlakeError

N = 60
GROUPS = np.repeat(np.arange(15), 4)
FOLDS = grouped(GROUPS, 5)


def predictions_and_responses(v: int = 6, noise: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    Y = rng.standard_normal((N, v)) * rng.uniform(1, 5, v) + 2
    return (Y + noise * rng.standard_normal((N, v)))[FOLDS.rows], Y


def naive_replicate(P: np.ndarray, Y: np.ndarray, weights: np.ndarray) -> np.ndarray:
    p, y = np.empty_like(P), np.empty_like(P)
    for s, t in zip(FOLDS.slices, FOLDS.test, strict=True):
        p[s] = (P[s] - P[s].mean(0)) / P[s].std(0)
        y[s] = (Y[t] - Y[t].mean(0)) / Y[t].std(0)
    w = weights[GROUPS[FOLDS.rows]][:, None]
    return (w * p * y).sum(0) / np.sqrt((w * p * p).sum(0) * (w * y * y).sum(0))


@pytest.mark.parametrize("aggregate", ["median", "mean"])
def test_replicates_are_those_of_the_definition(aggregate: str) -> None:
    P, Y = predictions_and_responses()
    interval = bootstrap_interval(P, Y, FOLDS, GROUPS, aggregate=aggregate, n_boot=130, seed=7)
    rng = np.random.default_rng(7)
    draws = [rng.multinomial(15, np.full(15, 1 / 15), size=k) for k in (100, 30)]
    expected = [getattr(np, aggregate)(naive_replicate(P, Y, w)) for w in np.concatenate(draws)]
    np.testing.assert_allclose(interval.replicates, expected)
    low, high = np.quantile(expected, [0.025, 0.975])
    assert (interval.low, interval.high) == pytest.approx((low, high))
    np.testing.assert_allclose(naive_replicate(P, Y, np.ones(15)), target_scores(fold_pearson(P, Y, FOLDS), FOLDS))


def test_subjects_are_drawn_with_all_their_targets() -> None:
    P, Y = predictions_and_responses(v=24)
    P[:, :4] = np.random.default_rng(0).standard_normal((N, 4))
    subjects = np.repeat([f"subject {i}" for i in range(6)], 4)
    fixed = bootstrap_interval(P, Y, FOLDS, GROUPS, aggregate="mean", n_boot=300)
    drawn = bootstrap_interval(P, Y, FOLDS, GROUPS, aggregate="mean", subjects=subjects, n_boot=300)
    assert drawn.high - drawn.low > 1.5 * (fixed.high - fixed.low)
    assert drawn.replicates.mean() == pytest.approx(fixed.replicates.mean(), abs=0.02)
    with pytest.raises(BrainlakeError, match=r"4 subject\(s\)"):
        bootstrap_interval(P[:, 8:], Y[:, 8:], FOLDS, GROUPS, subjects=subjects[8:])


def test_equal_seeds_pair_the_replicates() -> None:
    P, Y = predictions_and_responses()
    a = bootstrap_interval(P, Y, FOLDS, GROUPS, n_boot=50)
    b = bootstrap_interval(2 * P + 1, Y, FOLDS, GROUPS, n_boot=50)
    np.testing.assert_allclose(a.replicates, b.replicates)


def test_undefined_targets_are_left_out() -> None:
    P, Y = predictions_and_responses()
    expected = bootstrap_interval(P[:, 1:], Y[:, 1:], FOLDS, GROUPS, n_boot=50)
    Y[:, 0] = 1.0
    found = bootstrap_interval(P, Y, FOLDS, GROUPS, n_boot=50)
    np.testing.assert_allclose(found.replicates, expected.replicates)
    assert np.isnan(bootstrap_interval(P[:, :1], Y[:, :1], FOLDS, GROUPS, n_boot=50).low)


def test_constant_predictions_score_0_and_count() -> None:
    P, Y = predictions_and_responses()
    P[:, 0] = 1.0
    assert bootstrap_interval(P[:, :1], Y[:, :1], FOLDS, GROUPS, n_boot=50).replicates.tolist() == [0.0] * 50
    P, Y = predictions_and_responses()
    P[FOLDS.slices[0], 0] = 1.0
    rows = bootstrap_interval(P[:, :1], Y[:, :1], FOLDS, n_boot=2000).replicates
    r = fold_pearson(P[:, :1], Y[:, :1], FOLDS)[1:]
    assert rows.mean() == pytest.approx(target_scores(np.vstack([[0.0], r]), FOLDS)[0], abs=0.02)


def test_intervals_of_groups_are_wider_when_groups_share_noise() -> None:
    rng = np.random.default_rng(0)
    shared = np.repeat(rng.standard_normal((2, 40)), 10, axis=1)
    x, y = shared + 0.1 * rng.standard_normal((2, 400))
    groups = np.repeat(np.arange(40), 10)
    single, whole = bootstrap_correlation(x, y), bootstrap_correlation(x, y, groups)
    assert whole.high - whole.low > 2 * (single.high - single.low)


def test_correlation_replicates_are_weighted_correlations() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal(30) + 100
    y = x + rng.standard_normal(30)
    groups = np.repeat([4, 9, 2, 7, 1], 6)
    interval = bootstrap_correlation(x, y, groups, n_boot=20, seed=5)
    draws = np.random.default_rng(5).multinomial(5, np.full(5, 0.2), size=20)
    member = np.unique(groups, return_inverse=True)[1]
    for w, r in zip(draws, interval.replicates, strict=True):
        rows = np.repeat(np.arange(30), w[member])
        assert r == pytest.approx(pearsonr(x[rows], y[rows]).statistic)


def test_the_interval_covers_at_about_its_level() -> None:
    rng = np.random.default_rng(1)
    rho, covered = 0.5, 0
    for seed in range(200):
        x = rng.standard_normal(80)
        y = rho * x + np.sqrt(1 - rho**2) * rng.standard_normal(80)
        interval = bootstrap_correlation(x, y, n_boot=300, seed=seed)
        covered += interval.low < rho < interval.high
    assert 0.88 < covered / 200 < 0.99


def test_what_has_no_interval_is_refused() -> None:
    P, Y = predictions_and_responses()
    shuffled = shuffle_split(N)
    with pytest.raises(BrainlakeError, match="no interval"):
        bootstrap_interval(Y[shuffled.rows], Y, shuffled)
    with pytest.raises(BrainlakeError, match=r"2 group\(s\)"):
        bootstrap_interval(P, Y, FOLDS, GROUPS > 7)
    with pytest.raises(BrainlakeError, match="group labels"):
        bootstrap_interval(P, Y, FOLDS, GROUPS[1:])
    with pytest.raises(BrainlakeError, match="columns of predictions"):
        bootstrap_interval(P[:, 1:], Y, FOLDS)
    with pytest.raises(BrainlakeError, match="level"):
        bootstrap_interval(P, Y, FOLDS, level=95)


def test_pearson_is_that_of_scipy_and_nan_if_constant() -> None:
    rng = np.random.default_rng(0)
    A, B = rng.standard_normal((2, 12, 5)) + 1e6
    B[:, 3] = 0.1
    expected = [pearsonr(A[:, j], B[:, j]).statistic for j in range(5) if j != 3]
    np.testing.assert_allclose(np.delete(pearson(A, B), 3), expected, atol=1e-9)
    assert np.isnan(pearson(A, B)[3])
