from dataclasses import replace

import numpy as np
import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.demo.simulated_reading import ReadingDesign, simulate_reading


def words(n: int = 1200) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    length = rng.integers(1, 12, n)
    return rng.gamma(2, 3, n) + 0.8 * length, length


def test_correlations_are_those_expected() -> None:
    surprisal, length = words()
    draws = [simulate_reading(surprisal, length, ReadingDesign(), np.random.default_rng(s)) for s in range(40)]
    for truth, x in (("expected_r", surprisal), ("expected_r_length", length)):
        expected = np.array([getattr(draw, truth) for draw in draws])
        found = np.array([np.corrcoef(x, draw.mean_ms)[0, 1] for draw in draws])
        assert np.abs(found - expected).max() < 0.08
        assert abs(np.mean(found - expected)) < 0.01


def test_ceiling_is_the_correlation_with_the_signal() -> None:
    surprisal, length = words(50_000)
    design = replace(ReadingDesign(), surprisal_sd_ms=0, length_sd_ms=0, intercept_ms=450)
    draw = simulate_reading(surprisal, length, design, np.random.default_rng(0))
    signal = design.surprisal_ms * surprisal + design.length_ms * length
    assert np.corrcoef(signal, draw.mean_ms)[0, 1] == pytest.approx(draw.max_r, abs=0.01)
    assert draw.expected_r_length < draw.expected_r < draw.max_r < 1


def test_slopes_and_spread_come_back() -> None:
    surprisal, length = words(20_000)
    design = replace(ReadingDesign(), surprisal_sd_ms=0, length_sd_ms=0, intercept_sd_ms=0, intercept_ms=450)
    draw = simulate_reading(surprisal, length, design, np.random.default_rng(1))
    X = np.column_stack([np.ones(20_000), surprisal - surprisal.mean(), length - length.mean()])
    coefficients = np.linalg.lstsq(X, draw.mean_ms, rcond=None)[0]
    np.testing.assert_allclose(coefficients, [450, 1.5, 1.5], rtol=0.06)
    assert np.sqrt(np.mean(draw.sd_ms**2)) == pytest.approx(design.noise_sd_ms, rel=0.02)
    assert draw.n_readers == design.n_readers


def test_noise_has_no_memory() -> None:
    surprisal, length = words(5_000)
    draw = simulate_reading(surprisal, length, ReadingDesign(), np.random.default_rng(2))
    X = np.column_stack([np.ones(5_000), surprisal, length])
    rest = draw.mean_ms - X @ np.linalg.lstsq(X, draw.mean_ms, rcond=None)[0]
    assert abs(np.corrcoef(rest[1:], rest[:-1])[0, 1]) < 0.05


def test_same_seed_same_times() -> None:
    first, again, other = (
        simulate_reading(*words(), ReadingDesign(), np.random.default_rng(seed)).mean_ms for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1


def test_what_cannot_be_simulated_is_refused() -> None:
    surprisal, length = words()
    rng = np.random.default_rng(0)
    with pytest.raises(BrainlakeError, match="one value a word"):
        simulate_reading(surprisal[1:], length, ReadingDesign(), rng)
    with pytest.raises(BrainlakeError, match="finite"):
        simulate_reading(np.where(surprisal > 5, np.nan, surprisal), length, ReadingDesign(), rng)
    with pytest.raises(BrainlakeError, match="must vary"):
        simulate_reading(surprisal, np.ones_like(length), ReadingDesign(), rng)
    with pytest.raises(BrainlakeError, match="raise the intercept"):
        simulate_reading(surprisal, length, ReadingDesign(intercept_ms=50), rng)
    with pytest.raises(BrainlakeError, match="two readers"):
        ReadingDesign(n_readers=1)
