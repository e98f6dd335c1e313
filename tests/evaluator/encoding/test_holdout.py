"""Rows that are left out, predicted without a new fit, against new fits."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, Ridge

from brainlake.encoding.decomposition import spectrum_of_features
from brainlake.encoding.folds import by_stimulus, contiguous, grouped, shuffle_split
from brainlake.encoding.holdout import fold_operator

N = 40
FOLDS = [shuffle_split(N, 4), grouped(np.arange(N) // 3, 6), contiguous(N, 4, gap=3), by_stimulus(N, 8)]


def residual_maker(X):
    """I - H of least squares with an intercept."""
    design = np.column_stack([np.ones(N), X])
    return np.eye(N) - design @ np.linalg.pinv(design)


@pytest.mark.parametrize("folds", FOLDS, ids=lambda f: f"{f.name} {f.whole}")
@pytest.mark.parametrize("method", ["ols", "ridge"])
def test_every_fold_is_predicted_as_by_a_fit_of_its_own(method, folds):
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((N, 5)) + 2, rng.standard_normal((N, 3)) + 7
    G = residual_maker(X) if method == "ols" else spectrum_of_features(X).residual_maker(3.0)
    model = LinearRegression() if method == "ols" else Ridge(3.0)
    for k, (train, test) in enumerate(zip(folds.train, folds.test, strict=True)):
        S = fold_operator(G, folds, k)
        assert S.shape == (len(test), N)
        assert not S[:, folds.held_out[k]].any()
        np.testing.assert_allclose(S @ Y, model.fit(X[train], Y[train]).predict(X[test]), atol=1e-9)


def test_its_lines_sum_to_one_so_that_a_constant_is_predicted():
    X = np.random.default_rng(1).standard_normal((N, 4))
    S = fold_operator(spectrum_of_features(X).residual_maker(10.0), FOLDS[2], 1)
    np.testing.assert_allclose(S.sum(1), 1.0)
