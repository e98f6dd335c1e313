"""Correlations column by column, against SciPy, with and without missing rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import pearsonr

from brainlake.encoding.correlation import fold_pearson, fold_standardised, pearson, standardised, standardised_where
from brainlake.encoding.folds import by_stimulus, shuffle_split
from brainlake.errors import BrainlakeError
from evaluator.encoding.reference import scipy_fold_scores


def arrays(n=30, v=4, seed=0):
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((n, v))
    return A, A + rng.standard_normal((n, v)) + 100


@given(seed=st.integers(0, 1000), scale=st.floats(1e-3, 1e3), shift=st.floats(-1e3, 1e3))
def test_it_knows_no_scale_and_no_shift_but_a_sign(seed, scale, shift):
    A, B = arrays(seed=seed)
    expected = [pearsonr(a, b).statistic for a, b in zip(A.T, B.T, strict=True)]
    np.testing.assert_allclose(pearson(A * scale + shift, B), expected, atol=1e-8)
    np.testing.assert_allclose(pearson(B, -A), -pearson(A, B), atol=1e-12)


def test_a_column_that_is_constant_up_to_rounding_has_no_correlation():
    A, B = arrays()
    A[:, 1] = 0.1
    B[:, 2] = 1e6 + np.tile([0.0, 1e-11], 15)
    np.testing.assert_array_equal(np.isnan(pearson(A, B)), [False, True, True, False])


@pytest.mark.parametrize("folds", [by_stimulus(30, 5), shuffle_split(30, 4)], ids=lambda f: f.name)
def test_each_fold_is_correlated_by_itself(folds):
    A, Y = arrays()
    P = A[folds.rows] + np.repeat(np.arange(len(folds)), [len(t) for t in folds.test])[:, None]
    np.testing.assert_allclose(fold_pearson(P, Y, folds), scipy_fold_scores(P, Y, folds), atol=1e-12)


def test_the_mean_product_of_standardised_columns_is_the_score():
    folds = by_stimulus(30, 5)
    A, Y = arrays()
    p, y = fold_standardised(A[folds.rows], Y, folds)
    weights = [len(t) for t in folds.test]
    expected = np.average(fold_pearson(A[folds.rows], Y, folds), axis=0, weights=weights)
    np.testing.assert_allclose((p * y).mean(0), expected, atol=1e-12)


@given(seed=st.integers(0, 1000))
def test_standardised_where_is_standardised_of_what_is_there(seed):
    A, _ = arrays(seed=seed)
    present = np.random.default_rng(seed + 1).random(A.shape) > 0.4
    found = standardised_where(A, present)
    for j in range(A.shape[1]):
        if present[:, j].sum() > 1:
            np.testing.assert_allclose(found[present[:, j], j], standardised(A[present[:, j], j : j + 1])[:, 0])
        assert not found[~present[:, j], j].any()


def test_arrays_that_do_not_belong_together_are_refused():
    A, Y = arrays()
    folds = by_stimulus(30, 5)
    with pytest.raises(BrainlakeError, match=r"shapes \(30, 4\) and \(30, 3\)"):
        pearson(A, Y[:, :3])
    with pytest.raises(BrainlakeError, match="predictions: 29 rows where 30"):
        fold_pearson(A[:29], Y, folds)
    with pytest.raises(BrainlakeError, match="responses: 29 rows where 30"):
        fold_pearson(A, Y[:29], folds)
    with pytest.raises(BrainlakeError, match="3 columns of predictions for 4 targets"):
        fold_pearson(A[:, :3], Y, folds)
