"""From words to scans, against features averaged and delayed one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brainlake.encoding.packing import gram_of_features
from brainlake.recordings.volumes import DELAYS, Volumes

TRS = 20
RUNS = np.array(["1"] * 12 + ["2"] * 8)


def volumes(seed=0, n=50):
    onsets = np.sort(np.random.default_rng(seed).uniform(-3, 43, n))
    kept = np.setdiff1d(np.arange(TRS), [0, 13])
    return Volumes(onsets, 2.0 * np.arange(TRS), RUNS, kept, 2.0)


def delayed(X):
    """Rows some TRs before in the same run side by side; zeros where there is none."""
    out = []
    for delay in DELAYS:
        moved = np.zeros_like(X)
        for k in range(delay, len(X)):
            if RUNS[k] == RUNS[k - delay]:
                moved[k] = X[k - delay]
        out.append(moved)
    return np.hstack(out)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000), d=st.sampled_from([1, 3, 80]))
def test_the_kernel_is_that_of_averaged_and_delayed_features(seed, d):
    scans = volumes(seed)
    X = np.random.default_rng(seed).standard_normal((50, d)) + 3
    Xc = X - X.mean(0)
    averaged = np.zeros((TRS, d))
    for k, start in enumerate(scans.times):
        here = (scans.onsets > start) & (scans.onsets <= start + 2)
        averaged[k] = Xc[here].mean(0) if here.any() else 0
    wide = delayed(averaged)[scans.kept]
    np.testing.assert_allclose(scans.kernel(X), wide @ wide.T, atol=1e-8 * d)
    np.testing.assert_allclose(scans.kernel(gram_of_features(X)), wide @ wide.T, atol=1e-8 * d)


def test_features_of_scans_are_delayed_alone():
    X = np.random.default_rng(0).standard_normal((TRS, 3))
    scans = volumes()
    wide = delayed(X - X.mean(0))[scans.kept]
    np.testing.assert_allclose(scans.kernel_of_trs(X), wide @ wide.T, atol=1e-10)


def test_a_word_on_a_border_belongs_to_the_earlier_scan_and_one_outside_to_none():
    times = 2.0 * np.arange(3)
    scans = Volumes(np.array([-1.0, 0.0, 2.0, 2.1, 6.0, 6.1]), times, np.full(3, "1"), np.arange(3), 2.0)
    assert scans.trs.tolist() == [-1, -1, 0, 1, 2, -1]


def test_words_a_second_count_every_word_inside_once():
    scans = volumes()
    assert scans.word_rate.shape == (TRS, 1)
    assert (scans.word_rate * 2).sum() == pytest.approx(((scans.onsets > 0) & (scans.onsets <= 40)).sum())
