"""How often the 95 % intervals of reading times cover the truth: ``python tests/benchmarks/bench_reading_coverage.py``.

Ten groups (stories, or people) of 300 words, clustered in four ways; the truth is the mean of the score over all seeds.
The old interval, percentiles of a bootstrap of groups, stands beside. Between .93 and .97 is right.
"""

import argparse

import numpy as np

from brainlake.encoding.correlation import pearson
from brainlake.encoding.left_out import left_out_log_likelihood
from brainlake.encoding.shape import bins, partial_residuals
from brainlake.encoding.small_samples import correlation_interval, mean_interval

GROUPS, WORDS, N_BOOT = 10, 300, 400
KINDS = {"none": (0.0, 0.0, 0.0), "levels": (1.0, 0.0, 0.0), "slopes": (0.0, 0.1, 0.0), "all": (1.0, 0.1, 0.5)}
"""How far groups differ in level, in slope and in surprisal (standard deviations)."""
GROUP = np.repeat(np.arange(GROUPS), WORDS)


def stories(kind, rng):
    """Surprisal, a covariate that correlates with it, and reading times of ten stories."""
    level, slope, surprisal = (sd * rng.standard_normal(GROUPS)[GROUP] for sd in KINDS[kind])
    x = rng.gamma(2, 1, len(GROUP)) + surprisal
    z = 0.5 * x + rng.standard_normal(len(GROUP))
    return x, z, (0.5 + slope) * x + z + level + 2 * rng.standard_normal(len(GROUP))


def people(kind, rng):
    """Ten people's correlations and gains on the same words, of which only the people are drawn."""
    x = np.random.default_rng(1).gamma(2, 1, WORDS)
    level, slope, noise = KINDS[kind]
    y = (0.5 + slope * rng.standard_normal((GROUPS, 1))) * x + level * rng.standard_normal((GROUPS, 1))
    y = y + (2 + noise * rng.uniform(-1, 1, (GROUPS, 1))) * rng.standard_normal((GROUPS, WORDS))
    return np.array([pearson(x, one)[0] for one in y])


def percentiles(x, y):
    """Percentiles of r when whole stories are drawn: what does not cover."""
    member = np.unique(GROUP, return_inverse=True)[1]
    values = np.stack([np.ones(len(x)), x, y, x * x, y * y, x * y], axis=1)
    sums = np.zeros((member.max() + 1, 6))
    np.add.at(sums, member, values)
    drawn = np.random.default_rng(0).multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=N_BOOT) @ sums
    n, a, b, aa, bb, ab = drawn.T
    return np.quantile((ab - a * b / n) / np.sqrt((aa - a * a / n) * (bb - b * b / n)), [0.025, 0.975])


def one_seed(kind, seed):
    """Score and ends of every interval."""
    rng = np.random.default_rng(seed)
    x, z, y = stories(kind, rng)
    gain = left_out_log_likelihood(np.c_[z, x], y, GROUP) - left_out_log_likelihood(z, y, GROUP)
    partial = partial_residuals(z[:, None], x, y, GROUP)
    decile = bins(x, partial, GROUP, n_boot=N_BOOT)[7]
    own = people(kind, rng)
    r = pearson(x, y)[0]
    return {
        "r, over stories": (r, *correlation_interval(x, y, GROUP, n_boot=N_BOOT)),
        "delta log-likelihood, over stories": (gain.mean(), *mean_interval(gain, GROUP, n_boot=N_BOOT)),
        "eighth decile, over stories": (decile.value, decile.ci_low, decile.ci_high),
        "mean r, over people": (own.mean(), *mean_interval(own, scale="fisher_z", least=5, n_boot=N_BOOT)),
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
