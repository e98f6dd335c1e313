"""Draws of folds and of people, and targets without noise of their own."""

import numpy as np
import pytest

from brainlake.encoding.fold_draws import Drawn, draw_folds, draw_subjects, of_subjects, shrinkage, true_share
from brainlake.errors import BrainlakeError

RNG = np.random.default_rng(0)


def test_scores_of_a_draw_are_those_of_the_folds_in_it():
    whole = RNG.integers(0, 9, (6, 4)).astype(float)
    parts = whole * RNG.standard_normal((6, 4))
    found = draw_folds(parts, whole, 50, seed=3)
    weights = np.random.default_rng(3).multinomial(6, np.full(6, 1 / 6), size=50)
    expected = [
        [sum(w * p for w, p in zip(draw, parts[:, j], strict=True)) / (draw @ whole[:, j]) for j in range(4)]
        for draw in weights
    ]
    np.testing.assert_allclose(found.draws, expected)
    np.testing.assert_allclose(found.scores, parts.sum(0) / whole.sum(0))


def test_a_draw_without_a_row_of_any_target_is_passed_over():
    whole = np.zeros((4, 2))
    whole[0, 0] = whole[1, 0] = whole[1, 1] = 1.0
    found = draw_folds(whole, whole, 200, seed=0)
    assert 0 < len(found.draws) < 200
    assert np.isnan(found.draws[:, 1]).any()
    assert not np.isnan(found.draws).all(1).any()


@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_targets_come_as_near_each_other_as_they_are_without_noise(spread):
    true = spread * RNG.standard_normal(300)
    folds = true + RNG.standard_normal((10, 1)) + RNG.standard_normal((10, 300))
    drawn = draw_folds(folds, np.ones(folds.shape), 400, seed=0)
    shrunk = drawn.scores + shrinkage(drawn, 10)
    # Their own noise has a variance of .1; what all have in common moves none.
    assert drawn.scores.var() == pytest.approx(true.var() + 0.1, rel=0.2)
    assert shrunk.var() == pytest.approx(true.var(), rel=0.1, abs=0.02)
    assert shrunk.mean() == pytest.approx(drawn.scores.mean())


def test_one_target_and_equal_ones_stay_where_they_are():
    for v in (1, 3):
        drawn = Drawn(np.full(v, 0.3), 0.3 + RNG.standard_normal((50, 1)) * np.ones(v))
        np.testing.assert_array_equal(shrinkage(drawn, 5), np.zeros(v))


def test_people_are_drawn_with_all_their_targets():
    scores = np.repeat(np.arange(5.0), 3)[None] * np.array([[1.0], [2.0]])
    labels = np.repeat(list("abcde"), 3)
    found = draw_subjects(scores, labels, 40, seed=0)
    assert found.shape == (2, 40)
    assert set(found[0]) <= set(range(5))
    np.testing.assert_array_equal(found[1], 2 * found[0])
    with pytest.raises(BrainlakeError, match=r"2 subject\(s\)"):
        draw_subjects(scores, np.repeat(["a", "b"], [9, 6]), 40, seed=0)


@pytest.mark.parametrize("differing", [0.0, 0.3])
def test_subjects_whose_targets_vary_on_their_own_are_apart_by_noise(differing):
    rng = np.random.default_rng(8)
    labels = np.repeat(np.arange(40), 2)
    effects = differing * rng.standard_normal(40)[labels]
    folds = 0.4 + effects + 0.1 * rng.standard_normal((12, 80))
    found = true_share(of_subjects(draw_folds(folds, np.ones(folds.shape), 400, seed=0), labels), 12)
    # A mean of two targets and twelve folds has a variance of .1² / 24 of its own.
    assert found == pytest.approx(differing**2 / (differing**2 + 0.01 / 24), abs=0.35 if not differing else 0.01)


def test_means_of_subjects_stand_in_the_place_of_targets():
    drawn = Drawn(np.array([1.0, 2.0, 6.0]), np.array([[1.0, 3.0, 5.0], [0.0, 4.0, 2.0]]))
    found = of_subjects(drawn, np.array(["b", "a", "a"]))
    np.testing.assert_array_equal(found.scores, [4.0, 1.0])
    np.testing.assert_array_equal(found.draws, [[4.0, 1.0], [3.0, 0.0]])
