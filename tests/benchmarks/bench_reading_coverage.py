"""How often the 95 % intervals of reading times cover the truth: ``python tests/benchmarks/bench_reading_coverage.py``.

Ten groups (stories, or people) of 300 words, clustered in four ways; the truth is the mean of the score over all seeds.
A second model, whose surprisal is that of the first and noise, is there to be compared with.
The old interval, percentiles of a bootstrap of groups, stands beside. Between .93 and .97 is right.
"""

import argparse

import numpy as np

from brainlake.encoding.correlation import pearson
from brainlake.encoding.left_out import left_out_log_likelihood
from brainlake.encoding.shape import curvature_gains, partial_residuals
from brainlake.encoding.small_samples import CURVE_INFLATION, correlation_interval, deviation_interval, mean_interval
from brainlake.encoding.unit_differences import correlation_differences, mean_differences

GROUPS, WORDS, N_BOOT = 10, 300, 400
KINDS = {"none": (0.0, 0.0, 0.0), "levels": (1.0, 0.0, 0.0), "slopes": (0.0, 0.1, 0.0), "all": (1.0, 0.1, 0.5)}
"""How far groups differ in level, in slope and in surprisal (standard deviations)."""
GROUP = np.repeat(np.arange(GROUPS), WORDS)
NO_COVARIATE = np.zeros((WORDS, 1))


def stories(kind, rng):
    """Surprisal, a covariate that correlates with it, and reading times of ten stories."""
    level, slope, surprisal = (sd * rng.standard_normal(GROUPS)[GROUP] for sd in KINDS[kind])
    x = rng.gamma(2, 1, len(GROUP)) + surprisal
    z = 0.5 * x + rng.standard_normal(len(GROUP))
    return x, z, (0.5 + slope) * x + z + level + 2 * rng.standard_normal(len(GROUP))


def people(kind, rng):
    """Ten people's correlations and gains on the same words of three stories, of which only the people are drawn."""
    x = np.random.default_rng(1).gamma(2, 1, WORDS)
    level, slope, noise = KINDS[kind]
    y = (0.5 + slope * rng.standard_normal((GROUPS, 1))) * x + level * rng.standard_normal((GROUPS, 1))
    y = y + (2 + noise * rng.uniform(-1, 1, (GROUPS, 1))) * rng.standard_normal((GROUPS, WORDS))
    story = np.arange(WORDS) // 100
    gains = [left_out_log_likelihood(x, one, story) - left_out_log_likelihood(NO_COVARIATE, one, story) for one in y]
    return np.array([pearson(x, one)[0] for one in y]), np.mean(gains, axis=1)


def percentiles(x, y):
    """Percentiles of r when whole stories are drawn: what does not cover."""
    member = np.unique(GROUP, return_inverse=True)[1]
    values = np.stack([np.ones(len(x)), x, y, x * x, y * y, x * y], axis=1)
    sums = np.zeros((member.max() + 1, 6))
    np.add.at(sums, member, values)
    drawn = np.random.default_rng(0).multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=N_BOOT) @ sums
    n, a, b, aa, bb, ab = drawn.T
    return np.quantile((ab - a * b / n) / np.sqrt((aa - a * a / n) * (bb - b * b / n)), [0.025, 0.975])


def of_decile(partial, inside):
    """Mean partial residual of a decile and the ends of its interval."""
    return (partial[inside].mean() - partial.mean(), *deviation_interval(partial, inside, GROUP, n_boot=N_BOOT))


def one_seed(kind, seed):
    """Score and ends of every interval."""
    rng = np.random.default_rng(seed)
    x, z, y = stories(kind, rng)
    other = x + rng.standard_normal(len(x))
    without = left_out_log_likelihood(z, y, GROUP)
    gain, less = (left_out_log_likelihood(np.c_[z, one], y, GROUP) - without for one in (x, other))
    curve = curvature_gains(z[:, None], x, y - 0.1 * (x - 2) ** 2, GROUP)["quadratic"]
    partial, decile = partial_residuals(z[:, None], x, y, GROUP), np.argsort(np.argsort(x)) * 10 // len(x)
    own_r, own_gain = people(kind, rng)
    r = pearson(x, y)[0]
    by_gain = mean_differences(np.c_[gain, less], GROUP, [(0, 1)], n_boot=N_BOOT)
    by_r = correlation_differences(np.c_[x, other], y, GROUP, [(0, 1)], n_boot=N_BOOT)
    return {
        "r, over stories": (r, *correlation_interval(x, y, GROUP, n_boot=N_BOOT)),
        "delta log-likelihood, over stories": (gain.mean(), *mean_interval(gain, GROUP, n_boot=N_BOOT)),
        "first decile, over stories": of_decile(partial, decile == 0),
        "eighth decile, over stories": of_decile(partial, decile == 7),
        "what a quadratic adds, over stories": (
            curve.mean(),
            *mean_interval(curve, GROUP, inflation=CURVE_INFLATION, n_boot=N_BOOT),
        ),
        "mean r, over people": (own_r.mean(), *mean_interval(own_r, scale="fisher_z", least=5, n_boot=N_BOOT)),
        "mean delta log-likelihood, over people": (own_gain.mean(), *mean_interval(own_gain, least=5, n_boot=N_BOOT)),
        "r less that of another, over stories": (by_r.values[0], by_r.low[0], by_r.high[0]),
        "gain less that of another, over stories": (by_gain.values[0], by_gain.low[0], by_gain.high[0]),
        "(r, percentiles)": (r, *percentiles(x, y)),
    }


def main():
    """Print a line an interval."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5000)
    seeds = parser.parse_args().seeds
    covered = {}
    for kind in KINDS:
        found = [one_seed(kind, seed) for seed in range(seeds)]
        for name in found[0]:
            score, low, high = np.array([one[name] for one in found]).T
            covered[name, kind] = np.mean((low <= score.mean()) & (score.mean() <= high))
    print(f"{seeds} seeds, standard error {np.sqrt(0.05 * 0.95 / seeds):.4f}\n")
    print(f"| groups differ in | {' | '.join(KINDS)} |")
    for name in dict.fromkeys(name for name, _ in covered):
        print(f"| {name} | {' | '.join(f'{covered[name, kind]:.3f}' for kind in KINDS)} |")


if __name__ == "__main__":
    main()
