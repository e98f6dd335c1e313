"""Quadratic forms give the inner errors of responses that are exchanged."""

import numpy as np
import pytest

from brainlake.encoding.error_forms import error_forms, exchanged, forms_of_nothing
from brainlake.encoding.folds import contiguous, grouped
from brainlake.encoding.nested import target_errors
from brainlake.encoding.spectrum import spectrum_of_features


@pytest.mark.parametrize("folds", [grouped(np.arange(40) // 5), contiguous(40, 5, gap=2)])
@pytest.mark.parametrize("nuisance", [None, np.random.default_rng(9).standard_normal((40, 2))])
def test_errors_of_exchanged_responses_are_those_of_the_responses_exchanged(folds, nuisance):
    rng = np.random.default_rng(0)
    spectrum = spectrum_of_features(rng.standard_normal((40, 60)), nuisance=nuisance)
    Y = rng.standard_normal((40, 3))
    orders = np.array([rng.permutation(40) for _ in range(4)])
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
    lower = exchanged(S[0], np.arange(40)[None])
    gained = (error_forms(spectrum, folds, 1e6) - nothing) @ lower.T
    np.testing.assert_allclose(error_forms(spectrum, folds, 1e6, np.float32, nothing) @ lower.T, gained, rtol=1e-5)
    assert np.abs(gained).max() < 1e-4 * np.abs(nothing @ lower.T).max()
