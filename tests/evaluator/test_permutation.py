from itertools import permutations

import numpy as np
import pytest
from scipy.stats import false_discovery_control, norm

from brainlake.encoding.correlation import fold_standardised
from brainlake.encoding.folds import contiguous, grouped, shuffle_split
from brainlake.errors import BrainlakeError
from brainlake.permutation import (
    best_of,
    block_moments,
    block_permutation,
    circular_shift_p,
    contiguous_blocks,
    fdr,
)


def noise(n: int, v: int, folds, signal: float = 0.0, seed: int = 0):
    rng = np.random.default_rng(seed)
    Y = rng.standard_normal((n, v)) + 3
    return (signal * Y + rng.standard_normal((n, v)))[folds.rows], Y


def all_exchanges(P, Y, folds, blocks) -> np.ndarray:
    """The null distribution in full, block order by block order."""
    order = np.argsort(folds.rows)
    p, y = (a[order] for a in fold_standardised(P, Y, folds))
    labels = blocks[folds.rows[order]]
    members = [np.flatnonzero(labels == b) for b in np.unique(labels)]
    null = []
    for permuted in permutations(range(len(members))):
        if any(len(members[i]) != len(members[j]) for i, j in enumerate(permuted)):
            continue
        moved = np.empty(len(p), dtype=int)
        for i, j in enumerate(permuted):
            moved[members[i]] = members[j]
        null.append((p * y[moved]).mean(0))
    return np.array(null)


@pytest.mark.parametrize(
    "blocks",
    [np.repeat(np.arange(6), 4), np.repeat(np.arange(6), [4, 3, 4, 3, 4, 6]), np.repeat(np.arange(4), 6)],
    ids=["short", "of unequal length", "long"],
)
def test_moments_are_those_of_every_exchange(blocks: np.ndarray) -> None:
    folds = contiguous(24, 3)
    P, Y = noise(24, 5, folds, 0.3)
    null = all_exchanges(P, Y, folds, blocks)
    z, p = block_moments(P, Y, folds, blocks)
    scores = block_permutation(P, Y, folds, blocks, n_permutations=1).scores
    np.testing.assert_allclose(z, (scores - null.mean(0)) / null.std(0), rtol=1e-9)
    np.testing.assert_allclose(p, norm.sf(z))


def test_random_exchanges_follow_the_full_distribution() -> None:
    folds = contiguous(24, 3)
    blocks = np.repeat(np.arange(6), 4)
    P, Y = noise(24, 5, folds, 0.3)
    null = all_exchanges(P, Y, folds, blocks)
    test = block_permutation(P, Y, folds, blocks, n_permutations=20_000)
    expected = (null >= test.scores - 1e-9).mean(0)
    np.testing.assert_allclose(test.p_values, expected, atol=0.015)
    assert test.p_value == pytest.approx((np.median(null, 1) >= test.score).mean(), abs=0.015)
    np.testing.assert_allclose(test.replicates.mean(), np.median(null, 1).mean(), atol=0.01)
    np.testing.assert_allclose(test.largest.mean(), null.max(1).mean(), atol=0.01)


def test_signal_is_found_and_undefined_targets_are_left_out() -> None:
    groups = np.repeat(np.arange(30), 4)
    folds = grouped(groups, 5)
    P, Y = noise(120, 8, folds, 0.7)
    Y[:, 3] = 1.0
    test = block_permutation(P, Y, folds, groups)
    assert np.isnan(test.p_values[3])
    assert np.isnan(test.scores[3])
    assert test.p_value == pytest.approx(1 / 1001)
    assert (np.delete(test.p_values, 3) < 0.01).all()
    assert np.isnan(block_moments(P, Y, folds, groups)[1][3])
    P[folds.slices[2], 0] = 4.0
    weaker = block_permutation(P, Y, folds, groups)
    assert 0 < weaker.scores[0] < test.scores[0]
    Y[:] = 1.0
    assert np.isnan(block_permutation(P, Y, folds, groups, n_permutations=5).p_value)


def test_the_best_of_many_is_tested_as_the_best_of_many() -> None:
    groups = np.repeat(np.arange(30), 4)
    folds = grouped(groups, 5)
    Y = np.random.default_rng(0).standard_normal((120, 1))
    tests = []
    for seed in range(40):
        P = np.random.default_rng(seed + 1).standard_normal((120, 1))
        tests.append(block_permutation(P, Y, folds, groups, n_permutations=400))
    assert min(t.p_value for t in tests) < 0.05
    assert best_of(tests) > 0.2
    with pytest.raises(BrainlakeError, match="at least one"):
        best_of([])


def test_blocks_as_long_as_the_memory_of_the_noise_hold_the_level() -> None:
    rng = np.random.default_rng(0)
    n, v = 600, 400
    series = rng.standard_normal((2, n, v))
    for i in range(1, n):
        series[:, i] += 0.8 * series[:, i - 1]
    folds = contiguous(n, 4)
    P, Y = series[0][folds.rows], series[1]
    rows = block_moments(P, Y, folds, np.arange(n))[1]
    blocks = block_moments(P, Y, folds, contiguous_blocks(n, 30))[1]
    assert (rows < 0.05).mean() > 0.15
    assert 0.02 < (blocks < 0.05).mean() < 0.09


def test_contiguous_blocks_do_not_cross_runs() -> None:
    blocks = contiguous_blocks(11, 3, [5] * 7 + [2] * 4)
    assert len(np.unique(blocks)) == 5
    np.testing.assert_array_equal(np.diff(blocks) != 0, [0, 0, 1, 0, 0, 1, 1, 0, 0, 1])
    np.testing.assert_array_equal(contiguous_blocks(5, 2), [0, 0, 1, 1, 2])


def test_circular_shifts_are_those_of_a_loop() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((2, 50, 3))
    y[:, 1] = x[:, 1] + 0.1 * y[:, 1]
    found = circular_shift_p(x, y, shortest=5)
    for j in range(3):
        null = [np.corrcoef(x[:, j], np.roll(y[:, j], s))[0, 1] for s in range(5, 46)]
        observed = np.corrcoef(x[:, j], y[:, j])[0, 1]
        assert found[j] == pytest.approx((1 + np.sum(null >= observed)) / (1 + len(null)))
    assert np.isnan(circular_shift_p(np.ones(20), x[:20, 0])[0])
    with pytest.raises(BrainlakeError, match="no circular shifts"):
        circular_shift_p(x, y, shortest=26)


def test_fdr_is_that_of_scipy_and_keeps_nan() -> None:
    p = np.array([0.01, np.nan, 0.04, 0.02, 0.9])
    adjusted = fdr(p)
    assert np.isnan(adjusted[1])
    np.testing.assert_allclose(np.delete(adjusted, 1), false_discovery_control(np.delete(p, 1)))
    assert np.isnan(fdr([np.nan])).all()


def test_what_has_no_p_value_is_refused() -> None:
    folds = contiguous(24, 3)
    P, Y = noise(24, 2, folds)
    with pytest.raises(BrainlakeError, match="nothing to exchange"):
        block_permutation(P, Y, folds, np.repeat([0, 1, 2], [7, 8, 9]))
    with pytest.raises(BrainlakeError, match="block labels"):
        block_permutation(P, Y, folds, np.arange(23))
    with pytest.raises(BrainlakeError, match="blocks of 0 rows"):
        contiguous_blocks(24, 0)
    shuffled = shuffle_split(24)
    with pytest.raises(BrainlakeError, match="no p value"):
        block_permutation(Y[shuffled.rows], Y, shuffled, np.arange(24))
