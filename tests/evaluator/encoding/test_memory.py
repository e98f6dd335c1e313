import numpy as np
import pytest

from brainlake.encoding.memory import memory


def series(rho, n, v, seed=0):
    noise = np.random.default_rng(seed).standard_normal((n, v))
    for i in range(1, n):
        noise[i] = rho * noise[i - 1] + np.sqrt(1 - rho**2) * noise[i]
    return noise


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.8, 0.9])
def test_an_autoregressive_series_remembers_as_long_as_theory_says(rho):
    expected = (1 + rho**2) / (1 - rho**2)
    assert memory(series(rho, 20_000, 5), np.zeros(20_000)) == pytest.approx(expected, rel=0.1)


def test_rows_of_other_runs_and_missing_rows_are_no_neighbours():
    Y = series(0.8, 4000, 3)
    whole = memory(Y, np.zeros(4000))
    runs = np.arange(4000) // 1000
    assert memory(Y, runs) == pytest.approx(whole, rel=0.05)
    # The runs in another order: what follows a run is no neighbour.
    order = np.argsort(-runs, kind="stable")
    assert memory(Y[order], runs[order]) == pytest.approx(memory(Y, runs), rel=1e-9)
    gaps = Y.copy()
    gaps[np.random.default_rng(1).random(Y.shape) < 0.1] = np.nan
    assert memory(gaps, runs) == pytest.approx(whole, rel=0.1)


def test_one_that_does_not_vary_remembers_nothing():
    assert memory(np.zeros((50, 2)), np.zeros(50)) == 1.0
