"""Quadratic forms give the inner errors of responses that are exchanged."""

import numpy as np
import pytest

from brainlake.encoding.decomposition import spectrum_of_features
from brainlake.encoding.error_forms import error_forms, exchanged, forms_of_nothing
from brainlake.encoding.folds import contiguous, grouped
from brainlake.encoding.nested import target_errors


# 40 rows are less than a stripe, 150 are two and a rest.
@pytest.mark.parametrize("folds", [grouped(np.arange(40) // 5), contiguous(40, 5, gap=2), contiguous(150, 4)])
@pytest.mark.parametrize("with_nuisance", [False, True])
def test_errors_of_exchanged_responses_are_those_of_the_responses_exchanged(folds, with_nuisance):
    rng = np.random.default_rng(0)
    nuisance = np.random.default_rng(9).standard_normal((folds.n, 2)) if with_nuisance else None
    spectrum = spectrum_of_features(rng.standard_normal((folds.n, 60)), nuisance=nuisance)
    Y = rng.standard_normal((folds.n, 3))
    orders = np.array([rng.permutation(folds.n) for _ in range(4)])
    for alpha in (0.01, 1.0, 100.0):
        found = exchanged(Y @ Y.T, orders) @ error_forms(spectrum, folds, alpha).T
        expected = [
            target_errors(spectrum, folds, Y[order], np.array([alpha]), "squared_error")[0].sum(1) for order in orders
        ]
        np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_what_is_gained_keeps_its_digits_in_single_precision():
    rng = np.random.default_rng(1)
    spectrum, folds = spectrum_of_features(rng.standard_normal((40, 60))), grouped(np.arange(40) // 5)
    nothing = forms_of_nothing(spectrum, folds)
    S = np.outer(*2 * [rng.standard_normal(40)])[None]
    stripes = exchanged(S[0], np.arange(40)[None])
    gained = (error_forms(spectrum, folds, 1e6) - nothing) @ stripes.T
    np.testing.assert_allclose(error_forms(spectrum, folds, 1e6, np.float32, nothing) @ stripes.T, gained, rtol=1e-5)
    assert np.abs(gained).max() < 1e-4 * np.abs(nothing @ stripes.T).max()
