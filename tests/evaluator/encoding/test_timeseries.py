import numpy as np
import pytest

from brainlake.encoding.timeseries import (
    delayed_features,
    delayed_kernel,
    standardised_by_run,
    trimmed,
)
from brainlake.errors import BrainlakeError

RUNS = np.repeat([2, 1, 3], [9, 14, 7])


def test_delays_in_the_kernel_are_delays_of_the_features() -> None:
    X = np.random.default_rng(0).standard_normal((30, 50)).astype(np.float64)
    X -= X.mean(0)
    for delays, runs in (((1, 2, 3, 4), RUNS), ((0, 5, 8), RUNS), ((1, 3), None), ((0,), None)):
        wide = delayed_features(X, delays, runs)
        assert wide.shape == (30, 50 * len(delays))
        np.testing.assert_allclose(delayed_kernel(X @ X.T, delays, runs), wide @ wide.T, atol=1e-12)
    np.testing.assert_array_equal(delayed_features(X, [0]), X)


def test_delayed_rows_are_those_before_in_the_same_run() -> None:
    X = np.arange(1.0, 31)[:, None]
    wide = delayed_features(X, [1, 3], RUNS)
    for i in range(30):
        for column, delay in enumerate([1, 3]):
            same = i - delay >= 0 and RUNS[i - delay] == RUNS[i]
            assert wide[i, column] == (X[i - delay, 0] if same else 0)


def test_runs_are_trimmed_and_standardised_each_by_itself() -> None:
    kept = trimmed(RUNS, 2, 3)
    np.testing.assert_array_equal(kept, [*range(2, 6), *range(11, 20), *range(25, 27)])
    with pytest.raises(BrainlakeError, match="nothing is left"):
        trimmed(RUNS, 4, 3)
    X = np.random.default_rng(0).standard_normal((30, 3)) + RUNS[:, None]
    X[RUNS == 1, 2] = 0.1
    Z = standardised_by_run(X, RUNS)
    for run in (1, 2, 3):
        np.testing.assert_allclose(Z[run == RUNS].mean(0), 0, atol=1e-12)
        np.testing.assert_allclose(Z[run == RUNS].std(0), [1, 1, run != 1])


def test_times_and_delays_that_make_no_sense_are_refused() -> None:
    for delays in ([-1], [0.5], []):
        with pytest.raises(BrainlakeError, match="whole numbers"):
            delayed_kernel(np.eye(5), delays)
    with pytest.raises(BrainlakeError, match="run labels"):
        delayed_kernel(np.eye(5), [1], [1, 2])
