"""Single rows left out beside a fold, against as many fits."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from brainlake.encoding.decomposition import spectrum_of_features
from brainlake.encoding.folds import contiguous, grouped
from brainlake.encoding.leave_one_out import leave_one_out_errors
from evaluator.encoding.reference import language_model_like

N = 20
ALPHAS = np.logspace(-1, 1, 3)


@pytest.mark.parametrize("folds", [grouped(np.arange(N) // 3, 4), contiguous(N, 4, gap=2)], ids=lambda f: f.whole)
@pytest.mark.parametrize("d", [4, 30])
def test_errors_are_those_of_a_fit_without_each_row(d, folds):
    X, Y = language_model_like(N, d), np.random.default_rng(0).standard_normal((N, 3)) + 5
    spectrum = spectrum_of_features(X)
    found = leave_one_out_errors(spectrum, folds, Y - Y.mean(0), ALPHAS)
    for k, train in enumerate(folds.train):
        for i, penalty in enumerate(ALPHAS * spectrum.scale):
            expected = 0.0
            for row in train:
                rest = train[train != row]
                predicted = Ridge(penalty, solver="svd").fit(X[rest], Y[rest]).predict(X[[row]])[0]
                expected += np.square(Y[row] - predicted)
            np.testing.assert_allclose(found[i, k], expected, rtol=1e-8)
