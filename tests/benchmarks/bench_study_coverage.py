"""How often intervals of a study hold what they should, and how often p values are small where there is nothing.

    python tests/benchmarks/bench_study_coverage.py [SEEDS] [gains|ratios|correlations ...]

Gains: tuned models of bases, in the paper's numbers (1, 2, 2, 5, 2, 2, 2, 1) and more. What a base's models share is a
part of the variance of gains (shared): normal, of Student's t with 3 degrees of freedom, or skewed (exponential).
Ratios: scores of bases and of tuned models have an error each, so that the pairs of a base share its error.
Correlations: of scores with a property whose variance lies between bases wholly (as that of size does) or in part;
Fisher is the interval for independent models, level the share of p of at most .05. Partial correlations are given a
size, and both variables have half of what is left between bases.

The formulas of `encoding.clustered` and `encoding.clustered_correlation` are computed for all seeds at once; the first
seeds of every line are held against those functions themselves.
"""

import sys
from collections.abc import Callable
from itertools import product

import numpy as np
from scipy import stats

from brainlake.encoding.arrays import FloatArray, IntArray
from brainlake.encoding.clustered import DRAWN, EXACT_UP_TO, Clusters, bootstrap, robust, sign_flip
from brainlake.encoding.clustered_correlation import clustered_correlation

PAPER = (1, 2, 2, 5, 2, 2, 2, 1)
SIZES = {"3 bases": (1, 1, 1), "5 bases": (2,) * 5, "paper": PAPER, "paper x 2": PAPER * 2, "paper x 4": PAPER * 4}
SHAPES: dict[str, Callable[[np.random.Generator, tuple[int, ...]], FloatArray]] = {
    "normal": lambda rng, shape: rng.standard_normal(shape),
    "t3": lambda rng, shape: rng.standard_t(3, shape) / np.sqrt(3),
    "skewed": lambda rng, shape: rng.exponential(size=shape) - 1,
}
CHECKED, N_BOOT = 3, 999
Ends = tuple[FloatArray, FloatArray]


def groups_of(sizes: tuple[int, ...]) -> IntArray:
    return np.repeat(np.arange(len(sizes)), sizes)


def holds(ends: Ends, true: float) -> FloatArray:
    """Whether intervals hold the true value; nan where there is none."""
    return np.where(np.isnan(ends[0]), np.nan, (ends[0] <= true) & (true <= ends[1]))


def small(p: FloatArray) -> FloatArray:
    return np.where(np.isnan(p), np.nan, p <= 0.05)


def show(name: str, *columns: FloatArray | None) -> None:
    cells = ("-" if found is None else f"{np.nanmean(found):.3f}".removeprefix("0") for found in columns)
    print(f"| {name} | {' | '.join(cells)} |", flush=True)


def head(*columns: str) -> None:
    print(f"\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}", flush=True)


def many_robust(y: FloatArray, w: FloatArray) -> tuple[Ends, FloatArray]:
    """Ends and p of CR2 for sums of values and of weights [seeds, G]."""
    total = w.sum(1, keepdims=True)
    estimate, scale = y.sum(1, keepdims=True) / total, 1 / (1 - w / total)
    error = np.sqrt(((y - estimate * w) ** 2 * scale).sum(1)) / total[:, 0]
    working = np.einsum("sg,gh->sgh", w, np.eye(w.shape[1])) - w[:, :, None] * w[:, None, :] / total[:, :, None]
    working *= np.sqrt(scale[:, :, None] * scale[:, None, :])
    df = np.trace(working, axis1=1, axis2=2) ** 2 / (working**2).sum((1, 2))
    half = stats.t.ppf(0.975, df) * error
    return (estimate[:, 0] - half, estimate[:, 0] + half), 2 * stats.t.sf(np.abs(estimate[:, 0]) / error, df)


def many_sign_flips(y: FloatArray, w: FloatArray) -> tuple[Ends | None, FloatArray]:
    """Ends, where so many clusters have any, and p of the sign-flip test."""
    g = y.shape[1]
    if g <= EXACT_UP_TO:
        flips = np.array([(False, *way) for way in product((False, True), repeat=g - 1)][1:])
    else:
        drawn = np.random.default_rng(0).random((DRAWN, g)) < 0.5
        flips = drawn[drawn.any(1) & ~drawn.all(1)]
    n, f = len(flips) + 1, flips.T.astype(float)
    allowed = int(np.floor(0.05 * n + 1e-9))
    low, high, p = [], [], []
    for a, b in zip(np.array_split(y, 20), np.array_split(w, 20), strict=True):  # bounds the memory
        flipped, kept = a @ f / (b @ f), a @ (1 - f) / (b @ (1 - f))
        extreme = np.abs(a @ (1 - 2 * f)) >= np.abs(a.sum(1, keepdims=True)) * (1 - 1e-9)
        p.append((1 + extreme.sum(1)) / n)
        if allowed:
            low.append(np.sort(np.minimum(flipped, kept))[:, allowed - 1])
            high.append(np.sort(np.maximum(flipped, kept))[:, -allowed])
    return (np.concatenate(low), np.concatenate(high)) if allowed else None, np.concatenate(p)


def many_bootstraps(y: FloatArray, w: FloatArray) -> Ends:
    g = y.shape[1]
    draws = np.random.default_rng(0).multinomial(g, np.full(g, 1 / g), size=N_BOOT).T
    low, high = np.quantile((y @ draws) / (w @ draws), [0.025, 0.975], axis=1)
    return low, high


def clustered(y: FloatArray, w: FloatArray, groups: IntArray) -> tuple[Ends, FloatArray, Ends | None, FloatArray, Ends]:
    """Intervals and p values for values and weights [seeds, n]."""
    member = np.eye(groups.max() + 1)[groups]
    sums, weights = y @ member, w @ member
    (ends, p), (flipped, p_flip) = many_robust(sums, weights), many_sign_flips(sums, weights)
    drawn = many_bootstraps(sums, weights)
    for i in range(CHECKED):
        one = Clusters.of(y[i], w[i], groups)
        by_library, flip = robust(one), sign_flip(one)
        np.testing.assert_allclose((ends[0][i], ends[1][i], p[i]), (by_library.low, by_library.high, by_library.p))
        np.testing.assert_allclose(p_flip[i], flip.p)
        if flipped is not None:
            np.testing.assert_allclose((flipped[0][i], flipped[1][i]), (flip.low, flip.high))
        np.testing.assert_allclose((drawn[0][i], drawn[1][i]), bootstrap(one, N_BOOT))
    return ends, p, flipped, p_flip, drawn


def gains(seeds: int) -> None:
    columns = ("CR2", "sign flips", "bootstrap", "level: sign flips", "paired t", "Wilcoxon")
    head("bases, shared, shape", *columns)
    for name, sizes in SIZES.items():
        groups = groups_of(sizes)
        for shared in (0.0, 0.5, 0.9):
            for shape, draw in SHAPES.items():
                rng = np.random.default_rng(1)
                of_base, own = draw(rng, (seeds, len(sizes)))[:, groups], draw(rng, (seeds, len(groups)))
                values = np.sqrt(shared) * of_base + np.sqrt(1 - shared) * own
                ends, _, flipped, p_flip, drawn = clustered(values, np.ones_like(values), groups)
                t = small(stats.ttest_1samp(values, 0, axis=1).pvalue)
                wilcoxon = small(stats.wilcoxon(values, axis=1, method="exact").pvalue)
                covered = (holds(ends, 0), None if flipped is None else holds(flipped, 0), holds(drawn, 0))
                show(f"{name}, {shared:.1f}, {shape}", *covered, small(p_flip), t, wilcoxon)


def ratios(seeds: int) -> None:
    head("bases, error of a score, statistic", "CR2", "sign flips", "bootstrap")
    for name in ("3 bases", "paper", "paper x 4"):
        groups = groups_of(SIZES[name])
        for error in (0.0, 0.005, 0.02):
            base, tuned = pairs(np.random.default_rng(2), seeds, groups, error)
            many = pairs(np.random.default_rng(3), 1, np.arange(400_000), error)
            for statistic, formula in STATISTICS.items():
                y, w = formula(*many)
                true = float(y.sum() / w.sum())  # an error of bases makes ratios larger
                ends, _, flipped, _, drawn = clustered(*formula(base, tuned), groups)
                covered = (holds(ends, true), None if flipped is None else holds(flipped, true), holds(drawn, true))
                show(f"{name}, {error}, {statistic}", *covered)


STATISTICS: dict[str, Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]] = {
    "difference": lambda base, tuned: (tuned - base, np.ones_like(base)),
    "mean of ratios": lambda base, tuned: (tuned / base - 1, np.ones_like(base)),
    "ratio of means": lambda base, tuned: (tuned - base, base),
}


def pairs(rng: np.random.Generator, seeds: int, groups: IntArray, error: float) -> tuple[FloatArray, FloatArray]:
    """Scores of bases and of tuned models, whose gain of 6 % differs from base to base and from model to model."""
    bases, models = (seeds, groups.max() + 1), (seeds, len(groups))
    base = rng.uniform(0.13, 0.25, bases)
    gain = 0.06 + 0.04 * rng.standard_normal(bases)[:, groups] + 0.04 * rng.standard_normal(models)
    tuned = base[:, groups] * (1 + gain) + error * rng.standard_normal(models)
    return (base + error * rng.standard_normal(bases))[:, groups], tuned


def correlations(seeds: int) -> None:
    columns = ("Pearson", "Spearman", "partial", "Fisher", "level: Pearson", "Spearman", "partial", "independent")
    head("models, between bases (property, score), r", *columns)
    sizes_of = {name: sizes for name, sizes in SIZES.items() if len(sizes) >= 5}
    sizes_of["paper, 25"] = tuple(size + 1 for size in PAPER)
    for name, sizes in sizes_of.items():
        groups = groups_of(sizes)
        for between in ((1.0, 0.5), (1.0, 0.9), (0.5, 0.5), (0.0, 0.0)):
            for rho in (0.0, 0.5, 0.9):
                show(f"{name}, {between[0]}, {between[1]}, {rho}", *one_line(seeds, groups, between, rho))


def one_line(seeds: int, groups: IntArray, between: tuple[float, float], rho: float) -> tuple[FloatArray | None, ...]:
    rng = np.random.default_rng(4)
    x, y = two_variables(rng, seeds, groups, between, rho)
    true = rho * (np.sqrt(between[0] * between[1]) + np.sqrt((1 - between[0]) * (1 - between[1])))
    plain, p_plain, r = jackknife(x, y, groups)
    ranks, p_ranks, _ = jackknife(x, y, groups, ranks=True)
    half = 1.96 / np.sqrt(len(groups) - 3)
    fisher = holds((np.arctanh(r) - half, np.arctanh(r) + half), np.arctanh(true))
    df = len(groups) - 2
    independent = small(2 * stats.t.sf(np.abs(r) * np.sqrt(df / (1 - r * r)), df))
    partial = p_partial = None
    if between == (0.5, 0.5):
        size = rng.standard_normal((seeds, groups.max() + 1))[:, groups]
        ends, p, _ = jackknife(x + size, y + size, groups, size)
        partial, p_partial = holds(ends, true), small(p)
    covered = (holds(plain, true), holds(ranks, 6 / np.pi * np.arcsin(true / 2)), partial, fisher)
    return (*covered, small(p_plain), small(p_ranks), p_partial, independent) if rho == 0 else (*covered, *(4 * [None]))


def two_variables(
    rng: np.random.Generator, seeds: int, groups: IntArray, between: tuple[float, float], rho: float
) -> tuple[FloatArray, FloatArray]:
    """Two variables [seeds, n], correlated by rho inside and between bases, with such shares of variance between."""
    of_bases = rng.standard_normal((2, seeds, groups.max() + 1))[:, :, groups]
    own = rng.standard_normal((2, seeds, len(groups)))
    parts = [np.stack([a, rho * a + np.sqrt(1 - rho * rho) * b]) for a, b in (of_bases, own)]
    share = np.array(between)[:, None, None]
    x, y = np.sqrt(share) * parts[0] + np.sqrt(1 - share) * parts[1]
    return x, y


def jackknife(
    x: FloatArray, y: FloatArray, groups: IntArray, given: FloatArray | None = None, ranks: bool = False
) -> tuple[Ends, FloatArray, FloatArray]:
    """Ends, p and correlations of variables [seeds, n] by the jackknife over bases."""
    columns = [x, y] if given is None else [x, y, given]
    r = correlate(columns, ranks)
    n_bases = groups.max() + 1
    without = np.array([correlate([one[:, groups != g] for one in columns], ranks) for g in range(n_bases)])
    z = np.arctanh(np.where((np.abs(without) < 1 - 1e-9).all(0), without, np.nan))
    error, centre = np.sqrt((n_bases - 1) * z.var(0)), np.arctanh(r)
    error[error == 0] = np.nan
    half = stats.t.ppf(0.975, n_bases - 1) * error
    ends, p = (np.tanh(centre - half), np.tanh(centre + half)), 2 * stats.t.sf(np.abs(centre) / error, n_bases - 1)
    for i in range(CHECKED):
        one = clustered_correlation(x[i], y[i], groups, None if given is None else given[i], ranks=ranks)
        np.testing.assert_allclose((r[i], ends[0][i], ends[1][i], p[i]), (one.r, one.low, one.high, one.p), rtol=1e-6)
    return ends, p, r


def correlate(columns: list[FloatArray], ranks: bool) -> FloatArray:
    values = [stats.rankdata(one, axis=1) if ranks else one for one in columns]
    centred = [one - one.mean(1, keepdims=True) for one in values]
    unit = [one / np.linalg.norm(one, axis=1, keepdims=True) for one in centred]
    xy = (unit[0] * unit[1]).sum(1)
    if len(unit) == 2:
        return np.asarray(xy)
    xz, yz = (unit[0] * unit[2]).sum(1), (unit[1] * unit[2]).sum(1)
    return np.asarray((xy - xz * yz) / np.sqrt((1 - xz**2) * (1 - yz**2)))


if __name__ == "__main__":
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
    parts = {"gains": gains, "ratios": ratios, "correlations": correlations}
    for part in sys.argv[2:] or parts:
        parts[part](n)
