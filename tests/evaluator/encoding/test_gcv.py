"""Generalised cross-validation against the hat matrix of each fold's training rows."""

import numpy as np
import pytest

from brainlake.encoding.decomposition import spectrum_of_features
from brainlake.encoding.folds import by_stimulus, contiguous
from brainlake.encoding.gcv import generalised_errors, predict_by_gcv
from evaluator.encoding.reference import language_model_like

N = 40
ALPHAS = np.logspace(-2, 2, 5)


@pytest.fixture(params=[(by_stimulus(N, 5), 0), (contiguous(N, 4, gap=2), 2)], ids=["plain", "nuisance and gap"])
def case(request):
    folds, q = request.param
    rng = np.random.default_rng(0)
    X, Z = language_model_like(N, 12), rng.standard_normal((N, q))
    # Targets from mere noise to mere signal want different penalties.
    Y = X @ rng.standard_normal((12, 6)) * np.logspace(-3, 0, 6) + rng.standard_normal((N, 6))
    return X, Z, Y, folds, spectrum_of_features(X, nuisance=Z if q else None)


def fits(X, Z, Y, train, penalty):
    """Residuals of the training rows, what H leaves, and predictions of all rows, by solving for every weight."""
    free = np.column_stack([np.ones(N), Z])
    design = np.column_stack([free, X])
    punished = penalty * np.diag(np.r_[np.zeros(free.shape[1]), np.ones(X.shape[1])])
    solved = np.linalg.solve(design[train].T @ design[train] + punished, design[train].T)
    H = design[train] @ solved
    return Y[train] - H @ Y[train], len(train) - np.trace(H), design @ solved @ Y[train]


def test_errors_and_predictions_are_those_of_the_hat_matrix(case):
    X, Z, Y, folds, spectrum = case
    # The spectrum is that of features without nuisance; inside a fold they are fitted anew, which is the same.
    errors = generalised_errors(spectrum, folds, Y - Y.mean(0), ALPHAS)
    best, least, predictions = predict_by_gcv(spectrum, folds, Y - Y.mean(0), ALPHAS)
    assert len(np.unique(best)) > 1
    for k, (train, test, s) in enumerate(zip(folds.train, folds.test, folds.slices, strict=True)):
        found = [fits(X, Z, Y - Y.mean(0), train, penalty) for penalty in ALPHAS * spectrum.scale]
        expected = np.array([np.square(residuals).sum(0) / free**2 for residuals, free, _ in found])
        np.testing.assert_allclose(errors[:, k], expected, rtol=1e-7)
        np.testing.assert_array_equal(best[k], expected.argmin(0))
        np.testing.assert_allclose(least[k], expected.min(0), rtol=1e-7)
        for j in range(Y.shape[1]):
            np.testing.assert_allclose(predictions[s, j], found[best[k, j]][2][test, j], atol=1e-7)
