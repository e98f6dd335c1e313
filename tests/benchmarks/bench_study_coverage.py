"""How often intervals of a study hold what they should, and how often p values are small where there is nothing.

    python tests/benchmarks/bench_study_coverage.py [SEEDS] [gains|correlations]

Gains: tuned models of bases, in the paper's numbers (1, 2, 2, 5, 2, 2, 2, 1) and more, by the functions that
`tuning_effect` uses. What a base's models share is a part of the variance of gains (shared): normal, of Student's t
with 3 degrees of freedom, or skewed (exponential). Ratios: scores of bases and of tuned models have an error each, so
that the pairs of a base share its error. Correlations: of scores with a property whose variance lies between bases
wholly (as that of size does) or in part; Fisher is the interval for independent models, level the share of p of at
most .05. Partial correlations are given a size, and both variables have half of what is left between bases.
"""

import sys
from collections.abc import Callable, Iterator

import numpy as np
from scipy import stats

from brainlake.encoding.arrays import FloatArray, IntArray
from brainlake.encoding.clustered import Clusters, bootstrap, robust, sign_flip
from brainlake.encoding.clustered_correlation import clustered_correlation

PAPER = (1, 2, 2, 5, 2, 2, 2, 1)
SIZES = {"3 bases": (1, 1, 1), "5 bases": (2,) * 5, "paper": PAPER, "paper x 2": PAPER * 2, "paper x 4": PAPER * 4}
SHAPES: dict[str, Callable[[np.random.Generator, tuple[int, ...]], FloatArray]] = {
    "normal": lambda rng, shape: rng.standard_normal(shape),
    "t3": lambda rng, shape: rng.standard_t(3, shape) / np.sqrt(3),
    "skewed": lambda rng, shape: rng.exponential(size=shape) - 1,
}


def groups_of(sizes: tuple[int, ...]) -> IntArray:
    return np.repeat(np.arange(len(sizes)), sizes)


def holds(low: float, high: float, true: float) -> bool:
    return low <= true <= high


def show(name: str, counts: dict[str, list[float]]) -> None:
    cells = (f"{np.mean(found):.3f}".removeprefix("0") if found else "-" for found in counts.values())
    print(f"| {name} | {' | '.join(cells)} |", flush=True)


def head(*columns: str) -> None:
    print(f"\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}", flush=True)


def gains(seeds: int) -> None:
    columns = ("CR2", "sign flips", "bootstrap", "level: CR2", "sign flips", "paired t", "Wilcoxon")
    head("bases, shared, shape", *columns)
    for name, sizes in SIZES.items():
        groups = groups_of(sizes)
        for shared in (0.0, 0.5, 0.9):
            for shape, draw in SHAPES.items():
                counts: dict[str, list[float]] = {str(i): [] for i in range(7)}
                for seed in range(seeds):
                    rng = np.random.default_rng(seed)
                    own, of_base = draw(rng, (len(groups),)), draw(rng, (len(sizes),))[groups]
                    values = np.sqrt(shared) * of_base + np.sqrt(1 - shared) * own
                    count(counts, values, np.ones(len(groups)), groups, 0.0)
                show(f"{name}, {shared:.1f}, {shape}", counts)


def count(
    counts: dict[str, list[float]], values: FloatArray, weights: FloatArray, groups: IntArray, true: float
) -> None:
    clusters = Clusters.of(values, weights, groups)
    interval, flipped, drawn = robust(clusters), sign_flip(clusters), bootstrap(clusters, 499)
    counts["0"].append(holds(interval.low, interval.high, true))
    if np.isfinite(flipped.low):
        counts["1"].append(holds(flipped.low, flipped.high, true))
    counts["2"].append(holds(*drawn, true))
    counts["3"].append(interval.p <= 0.05)
    counts["4"].append(flipped.p <= 0.05)
    counts["5"].append(stats.ttest_1samp(values, 0).pvalue <= 0.05)
    counts["6"].append(stats.wilcoxon(values).pvalue <= 0.05)


def ratios(seeds: int) -> None:
    head("bases, error of a score, statistic", "CR2", "sign flips", "bootstrap")
    for name in ("3 bases", "paper", "paper x 4"):
        groups = groups_of(SIZES[name])
        for error in (0.0, 0.005, 0.02):
            draws = [list(sums(pairs(np.random.default_rng(seed), groups, error))) for seed in range(seeds)]
            for place, statistic in enumerate(("difference", "mean of ratios", "ratio of means")):
                true = expected(place, error)
                counts: dict[str, list[float]] = {str(i): [] for i in range(7)}
                for drawn in draws:
                    count(counts, *drawn[place], groups, true)
                show(f"{name}, {error}, {statistic}", {key: counts[key] for key in "012"})


def pairs(rng: np.random.Generator, groups: IntArray, error: float) -> tuple[FloatArray, FloatArray]:
    """Scores of bases and of tuned models, whose gain of 6 % differs from base to base and from model to model."""
    n_bases = groups.max() + 1
    base = rng.uniform(0.13, 0.25, n_bases)
    gain = 0.06 + 0.04 * rng.standard_normal(n_bases)[groups] + 0.04 * rng.standard_normal(len(groups))
    tuned = base[groups] * (1 + gain) + error * rng.standard_normal(len(groups))
    return (base + error * rng.standard_normal(n_bases))[groups], tuned


def sums(drawn: tuple[FloatArray, FloatArray]) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Values and weights of the three statistics."""
    base, tuned = drawn
    ones = np.ones(len(base))
    yield tuned - base, ones
    yield tuned / base - 1, ones
    yield tuned - base, base


def expected(place: int, error: float) -> float:
    """What a statistic is over very many bases: an error of bases makes ratios larger."""
    values, weights = list(sums(pairs(np.random.default_rng(99), np.arange(400_000), error)))[place]
    return float(values.sum() / weights.sum())


def correlations(seeds: int) -> None:
    columns = ("Pearson", "Spearman", "partial", "Fisher", "level: Pearson", "Spearman", "partial", "independent")
    head("models, between bases (property, score), r", *columns)
    sizes_of = {name: sizes for name, sizes in SIZES.items() if len(sizes) >= 5}
    sizes_of["paper, 25"] = tuple(size + 1 for size in PAPER)
    for name, sizes in sizes_of.items():
        groups = groups_of(sizes)
        for between in ((1.0, 0.5), (1.0, 0.9), (0.5, 0.5), (0.0, 0.0)):
            for rho in (0.0, 0.5, 0.9):
                counts: dict[str, list[float]] = {str(i): [] for i in range(8)}
                for seed in range(seeds):
                    one_correlation(counts, np.random.default_rng(seed), groups, between, rho)
                if rho:
                    counts |= {str(i): [] for i in range(4, 8)}
                show(f"{name}, {between[0]}, {between[1]}, {rho}", counts)


def drawn_pair(
    rng: np.random.Generator, groups: IntArray, between: tuple[float, float], rho: float
) -> tuple[FloatArray, FloatArray]:
    """Two variables, correlated by rho inside and between bases, with such shares of their variance between."""
    n_bases = groups.max() + 1
    of_bases, own = rng.standard_normal((2, n_bases))[:, groups], rng.standard_normal((2, len(groups)))
    parts = [np.stack([a, rho * a + np.sqrt(1 - rho * rho) * b]) for a, b in (of_bases, own)]
    share = np.array(between)[:, None]
    x, y = np.sqrt(share) * parts[0] + np.sqrt(1 - share) * parts[1]
    return x, y


def one_correlation(
    counts: dict[str, list[float]],
    rng: np.random.Generator,
    groups: IntArray,
    between: tuple[float, float],
    rho: float,
) -> None:
    x, y = drawn_pair(rng, groups, between, rho)
    true = rho * (np.sqrt(between[0] * between[1]) + np.sqrt((1 - between[0]) * (1 - between[1])))
    plain, ranks = clustered_correlation(x, y, groups), clustered_correlation(x, y, groups, ranks=True)
    counts["0"].append(holds(plain.low, plain.high, true))
    counts["1"].append(holds(ranks.low, ranks.high, 6 / np.pi * np.arcsin(true / 2)))
    counts["3"].append(abs(np.arctanh(plain.r) - np.arctanh(true)) <= 1.96 / np.sqrt(len(groups) - 3))
    for place, p in ((4, plain.p), (5, ranks.p), (7, plain.p_independent)):
        counts[str(place)].append(p <= 0.05)
    if between == (0.5, 0.5):
        size = rng.standard_normal(groups.max() + 1)[groups]
        partial = clustered_correlation(x + size, y + size, groups, size)
        counts["2"].append(holds(partial.low, partial.high, true))
        counts["6"].append(partial.p <= 0.05)


if __name__ == "__main__":
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    asked = sys.argv[2:] or ["gains", "correlations"]
    if "gains" in asked:
        gains(n)
        ratios(n)
    if "correlations" in asked:
        correlations(n)
