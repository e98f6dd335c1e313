"""Targets that lack some of the rows, against a fit of each to the rows that it has."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge

from brainlake.encoding.decomposition import spectrum_of_features
from brainlake.encoding.folds import by_stimulus
from brainlake.encoding.gaps import Gaps, scattered_errors, without_rows
from brainlake.errors import BrainlakeError

N = 30


def present_of(seed, v, share=0.2):
    return np.random.default_rng(seed).random((N, v)) > share


def test_nothing_missing_is_no_gap():
    assert Gaps.of(np.ones((N, 3), bool)) is None


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000), v=st.integers(1, 12), many=st.booleans())
def test_patterns_hold_every_target_with_a_row_once_and_its_rows(seed, v, many):
    present = present_of(seed, v)
    present[:, 0] = False
    if many:
        present = np.repeat(present, 200, axis=1)
    gaps = Gaps.of(present)
    columns = np.concatenate([c for _, c in gaps.patterns] or [np.array([], int)])
    np.testing.assert_array_equal(np.sort(columns), np.flatnonzero(present.any(0)))
    for rows, some in gaps.patterns:
        np.testing.assert_array_equal(present[:, some], np.isin(np.arange(N), rows)[:, None].repeat(len(some), 1))
    if many:
        assert not len(gaps.scattered)


@given(seed=st.integers(0, 1000), v=st.integers(1, 12))
def test_blocks_say_what_each_scattered_target_misses(seed, v):
    present = present_of(seed, v)
    present[0, 0] = False
    gaps = Gaps.of(present)
    seen = []
    for s, rows in gaps.blocks:
        for place, missing in zip(range(s.start, s.stop), rows.T, strict=True):
            seen.append(place)
            np.testing.assert_array_equal(missing, np.flatnonzero(~present[:, gaps.scattered[place]]))
    assert seen == list(range(len(gaps.scattered)))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), d=st.sampled_from([3, 40]), m=st.integers(0, 9))
def test_without_rows_is_the_residual_maker_of_the_others(seed, d, m):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((N, d))
    out = rng.choice(N, m, replace=False)
    rest = np.setdiff1d(np.arange(N), out)
    found = without_rows(spectrum_of_features(X).residual_maker(2.0), out)
    np.testing.assert_allclose(found[np.ix_(rest, rest)], spectrum_of_features(X[rest]).residual_maker(2.0), atol=1e-8)
    np.testing.assert_array_equal(found[np.ix_(out, np.arange(N))], np.eye(N)[out])


def test_errors_of_rows_left_out_are_those_of_a_fit_to_what_each_target_has():
    rng = np.random.default_rng(0)
    X, Y, present = rng.standard_normal((N, 4)), rng.standard_normal((N, 6)), present_of(3, 6)
    folds, gaps = by_stimulus(N, 5), Gaps.of(present)
    Y = np.where(present, Y, 0.0)
    G = spectrum_of_features(X).residual_maker(1.5)
    seen = 0
    for i, s, E in scattered_errors(G, folds.test, Y[:, gaps.scattered], gaps):
        for column, errors in zip(gaps.scattered[s], E, strict=True):
            rows = folds.train[i][present[folds.train[i], column]]
            predicted = Ridge(1.5).fit(X[rows], Y[rows, column]).predict(X[folds.test[i]])
            np.testing.assert_allclose(errors, Y[folds.test[i], column] - predicted, atol=1e-9)
            seen += 1
    assert seen == 5 * len(gaps.scattered)


def test_rows_that_do_not_determine_a_fit_are_refused():
    run = np.zeros((N, 1))
    run[:6] = 1
    present = np.ones((N, 1), bool)
    present[:3] = False
    G = spectrum_of_features(np.random.default_rng(0).standard_normal((N, 4)), nuisance=run).residual_maker(1.0)
    with pytest.raises(BrainlakeError, match="do not determine its fit when folds are left out"):
        list(scattered_errors(G, [np.arange(3, 6)], np.ones((N, 1)), Gaps.of(present)))
