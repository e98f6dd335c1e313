"""Inner errors of targets that share gaps, against fits of each target to the rows that it has."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from brainlake.encoding.decomposition import spectrum_of_features
from brainlake.encoding.folds import by_stimulus, contiguous
from brainlake.encoding.shared_gaps import errors_of_patterns
from evaluator.encoding.reference import errors_of, language_model_like
from evaluator.encoding.test_nested import refits

N = 40
ALPHAS = np.logspace(-1, 1, 3)
FOLDS = {"stimuli": by_stimulus(N, 6), "stretches": contiguous(N, 5, gap=2)}


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000), folds=st.sampled_from(sorted(FOLDS)), sizes=st.lists(st.integers(0, 18), max_size=3))
@example(seed=0, folds="stimuli", sizes=[0, 1, 30])
@example(seed=0, folds="stretches", sizes=[8, 9])
def test_they_are_those_of_fits_to_what_is_there(seed, folds, sizes):
    rng, folds = np.random.default_rng(seed), FOLDS[folds]
    X = language_model_like(N, 6)
    spectrum, patterns, expected = spectrum_of_features(X), [], 0.0
    for size in sizes:
        missing = np.sort(rng.choice(N, size, replace=False))
        L = rng.standard_normal((N, 2))
        L[missing] = 0.0
        present = ~np.isin(np.arange(N), missing)
        expected += sum(refits(X, y, present, folds, ALPHAS * spectrum.scale) for y in L.T)
        patterns.append((missing, L))
    found = errors_of(errors_of_patterns(folds, patterns), spectrum, ALPHAS)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("missing", [range(20), range(3)])
def test_two_whole_folds_may_be_missing(missing):
    folds, X = contiguous(N, 8), language_model_like(N, 6)
    missing = np.array(missing)
    y = np.random.default_rng(0).standard_normal(N)
    y[missing] = 0.0
    spectrum = spectrum_of_features(X)
    expected = refits(X, y, ~np.isin(np.arange(N), missing), folds, ALPHAS * spectrum.scale)
    found = errors_of(errors_of_patterns(folds, [(missing, y[:, None])]), spectrum, ALPHAS)
    np.testing.assert_allclose(found, expected, rtol=1e-10)
