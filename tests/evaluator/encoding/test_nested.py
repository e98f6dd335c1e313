"""Errors of two folds left out together: the algebra of it, against refits."""

import numpy as np
from sklearn.linear_model import Ridge

from brainlake.encoding.decomposition import spectrum_of_features
from brainlake.encoding.folds import by_stimulus
from brainlake.encoding.gaps import Gaps
from brainlake.encoding.nested import errors_of_scattered, target_errors
from evaluator.encoding.reference import errors_of, language_model_like

N = 40
ALPHAS = np.logspace(-1, 1, 3)


def refits(X, y, present, folds, penalties):
    """Squared error [A, F] of every other fold, by fits to rows that are there and in neither fold."""
    errors = np.zeros((len(penalties), len(folds)))
    for outer in range(len(folds)):
        for inner in set(range(len(folds))) - {outer}:
            rest = np.intersect1d(folds.train[inner], folds.train[outer])
            test = np.setdiff1d(folds.test[inner], folds.held_out[outer])
            rest, test = rest[present[rest]], test[present[test]]
            for i, penalty in enumerate(penalties) if len(test) else ():
                predicted = Ridge(penalty, solver="svd").fit(X[rest], y[rest]).predict(X[test])
                errors[i, outer] += np.square(y[test] - predicted).sum()
    return errors


def test_errors_of_targets_with_gaps_are_those_of_fits_to_what_is_there():
    rng = np.random.default_rng(0)
    X, Y = language_model_like(N, 6), rng.standard_normal((N, 4))
    present = rng.random(Y.shape) > 0.2
    Y = np.where(present, Y, 0.0)
    folds, spectrum = by_stimulus(N, 6), spectrum_of_features(X)
    expected = np.stack([refits(X, Y[:, j], present[:, j], folds, ALPHAS * spectrum.scale) for j in range(4)], axis=2)
    gaps = Gaps.of(present)
    scattered = errors_of(errors_of_scattered(folds, Y[:, gaps.scattered], gaps), spectrum, ALPHAS)
    np.testing.assert_allclose(scattered, expected[:, :, gaps.scattered], rtol=1e-8)
    missing = [np.flatnonzero(~present[:, j]) for j in range(4)]
    single = [target_errors(spectrum, folds, Y[:, [j]], ALPHAS, "squared_error", missing[j])[:, :, 0] for j in range(4)]
    np.testing.assert_allclose(np.stack(single, axis=2), expected, rtol=1e-8)
