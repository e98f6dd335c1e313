"""How often intervals hold what they should, and how often p values are small where there is nothing.

    python tests/benchmarks/bench_coverage.py FILE [SCENARIO ...] [--seeds 1000] [--permutations 99]

A seed is a line of FILE (CSV); seeds that are there already are not run again, so that a run that was killed goes on.
What FILE has is printed as a table.

Sentences: groups of sentences, .3 of the variance of features and of noise shared inside a group, strictly nested
choice of layers of 20 features and of penalties, protocol `grouped`. Series: AR(1) features and responses of 200 TRs in
8 segments. The interval is about the mean score over data sets: 0 where there is no signal, else the mean over seeds.
Level is the share of p values of at most .05. Pairs: two models as good as each other, that share nothing or most of
their features, and a better one; share of p of at most .05 and of intervals that hold the true difference.
"""

import argparse
import csv
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from threadpoolctl import threadpool_limits

from brainlake.alignment.candidates import Benchmark, Candidate
from brainlake.alignment.composite import composite_rows
from brainlake.alignment.design.features import Features, Identity, Layer, LayerFits
from brainlake.alignment.design.fitting import Scores, score
from brainlake.alignment.design.protocols import PROTOCOLS
from brainlake.alignment.design.score_row import BASELINE, ScoreRow
from brainlake.alignment.design.setting import Setting, TargetGroup
from brainlake.alignment.scorers.layer_choice import NestedChoice, NestedLedger
from brainlake.alignment.scorers.regression import Regression
from brainlake.alignment.scorers.unique_variance import Beyond
from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.fold_differences import Compared, differences
from brainlake.recordings.recording import Recording
from brainlake.recordings.volumes import Volumes

GROUPED = PROTOCOLS["grouped"]
WIDTH = 20
N_BOOT = 400
Draw = tuple[list[FloatArray], Recording]


class Line(NamedTuple):
    """What one data set gives; nan where there is none."""

    score: float
    low: float
    high: float
    p: float


def sentences(
    rng: np.random.Generator,
    groups: int,
    size: int,
    signal: float,
    shared: float = 0.3,
    layers: int = 3,
    targets: int = 4,
    subjects: int = 1,
    missing: float = 0.0,
    people: np.random.Generator | None = None,
) -> Draw:
    member = np.repeat(np.arange(groups), size)

    def draw(columns: int) -> FloatArray:
        of_group, own = rng.standard_normal((groups, columns))[member], rng.standard_normal((len(member), columns))
        return np.sqrt(shared) * of_group + np.sqrt(1 - shared) * own

    X = [draw(WIDTH) for _ in range(layers)]
    # What the brain does is the same in every data set; the people are drawn anew.
    weights = np.repeat(np.random.default_rng(5).standard_normal((WIDTH, targets)), subjects, axis=1)
    if subjects > 1:
        weights = weights * (1 + 0.5 * np.tile((people or rng).standard_normal(subjects), targets))
    Y = signal * X[layers // 2] @ weights / np.sqrt(WIDTH) + draw(targets * subjects)
    Y[rng.random(Y.shape) < missing] = np.nan
    names = np.tile([f"s{i}" for i in range(subjects)], targets)
    return X, _recording(Y, names, np.array([f"g{i:02}" for i in member]), None)


def series(
    rng: np.random.Generator, features: float, responses: float, signal: float = 0.0, n: int = 200, segments: int = 8
) -> Draw:
    def draw(rho: float, columns: int) -> FloatArray:
        noise = rng.standard_normal((n + 400, columns))
        for i in range(1, len(noise)):
            noise[i] = rho * noise[i - 1] + np.sqrt(1 - rho**2) * noise[i]
        return noise[400:]

    times = 2.0 * np.arange(n)
    volumes = Volumes(times + 1, times, np.full(n, "1"), np.arange(n), 2.0)
    X = [draw(features, WIDTH) for _ in range(3)]
    weights = np.random.default_rng(5).standard_normal((WIDTH, 4))
    Y = signal * X[1] @ weights / np.sqrt(WIDTH) + draw(responses, 4)
    return X, _recording(Y, np.full(4, "s0"), (np.arange(n) * segments // n).astype(str), volumes)


def _recording(Y: FloatArray, people: np.ndarray, groups: np.ndarray, volumes: Volumes | None) -> Recording:
    v = Y.shape[1]
    ids = np.arange(v).astype(str)
    return Recording("bench", pl.DataFrame(), Y, people, np.full(v, ""), ids, "groups", groups, volumes=volumes)


def _fitted(
    X: list[FloatArray], recording: Recording, n_permutations: int = 0, name: str = "m"
) -> tuple[Regression, Features, NestedLedger]:
    everything = [TargetGroup(np.arange(recording.responses.shape[1]))]
    setting = Setting(recording, GROUPED, everything, N_BOOT, n_permutations, pl.DataFrame())
    assert GROUPED.folds is not None
    regression = Regression(setting, GROUPED.folds)
    numbered = not name.startswith(BASELINE)
    source = Features(Identity(name), tuple(range(len(X))), lambda k: Layer(X[k]), numbered)
    ledger = regression.ledger(source)
    assert isinstance(ledger, NestedLedger)
    for number in source.layers:
        ledger.offer(regression.measure(source, number, LayerFits(Layer(X[number]), recording)))
    return regression, source, ledger


def _headline(ledger: NestedLedger) -> ScoreRow:
    return next(row for row in ledger.rows() if row.kind == "headline")


def _line(row: ScoreRow) -> Line:
    ends = (None, None) if row.interval is None else (row.interval.low, row.interval.high)
    p = None if row.p is None else row.p.value
    return Line(row.score, *(np.nan if one is None else one for one in (*ends, p)))


def whole(draw: Callable[[np.random.Generator], Draw], rng: np.random.Generator, n_permutations: int) -> Line:
    """The headline row of a model."""
    return _line(_headline(_fitted(*draw(rng), n_permutations)[2]))


def beyond(signal: float, groups: int, rng: np.random.Generator, n_permutations: int) -> Line:
    """Variance explained beyond a baseline that has half of the features that matter."""
    X, recording = sentences(rng, groups, 120 // groups, signal)
    regression, source, ledger = _fitted(X, recording)
    _, baseline, known = _fitted([X[1][:, : WIDTH // 2]], recording, name=f"{BASELINE}half")
    assert isinstance(known.choice, NestedChoice)
    scorer = Beyond(regression, [(baseline, known.choice)])
    return _line(next(iter(scorer.rows(source, ledger.choice))))


def composite(signal: float, subjects: int, rng: np.random.Generator, n_permutations: int) -> Line:
    """The mean of two benchmarks, with other sentences; the same people where there are several."""
    rows, seed = [], int(rng.integers(2**32))
    for part in ("a", "b"):
        people = np.random.default_rng(seed)
        X, recording = sentences(rng, 8, 12, signal, subjects=subjects, people=people)
        rows.append(replace(_headline(_fitted(X, recording)[2]), benchmark=part))
    tree = Benchmark("both", (Benchmark("a"), Benchmark("b")))
    found = composite_rows(tree, [Candidate("m", "r", (("a", None), ("b", None)))], rows)  # type: ignore[arg-type]
    return _line(next(row for row in found if row.kind == "headline"))


def pair(
    signal: float,
    share: float,
    better: float,
    groups: int,
    targets: int,
    subjects: int,
    rng: np.random.Generator,
    n_permutations: int,
) -> Line:
    """Two models: the same signal reaches both through noise of their own, or one has half of it."""
    X, recording = sentences(rng, groups, 120 // groups, signal, targets=targets, subjects=subjects)
    noises = rng.standard_normal((2, len(X), *X[1].shape))
    noises[1] = share * noises[0] + np.sqrt(1 - share**2) * noises[1]
    two: list[Scores] = []
    of_chosen = []
    for size, noise in zip((1.0, better), noises, strict=True):
        regression, _, ledger = _fitted([noise[0], X[1] + size * noise[1], noise[2]], recording)
        assert ledger.choice.fit is not None
        two.append(score(ledger.choice.fit, regression.scheme))
        of_chosen.append(ledger.of_chosen()[:, 0])
    rows = two[0].tested.astype(float)
    medians = [float(np.median(s.targets)) for s in two]
    who = recording.subjects if subjects > 1 else None
    compared = Compared(medians, [rows * s.folds for s in two], rows, who, [s.told_back for s in two], of_chosen)
    found = differences([compared], [(0, 1)], n_boot=N_BOOT)
    return Line(found.values[0], found.low[0], found.high[0], found.p_values[0])


class Scenario(NamedTuple):
    run: Callable[[np.random.Generator, int], Line]
    null: bool


def _null(draw: Callable[[np.random.Generator], Draw]) -> Scenario:
    return Scenario(partial(whole, draw), True)


def _signal(draw: Callable[[np.random.Generator], Draw]) -> Scenario:
    return Scenario(lambda rng, _: whole(draw, rng, 0), False)


def _pair(
    signal: float, share: float, better: float = 1.0, groups: int = 12, targets: int = 4, subjects: int = 1
) -> Scenario:
    return Scenario(partial(pair, signal, share, better, groups, targets, subjects), better == 1)


SCENARIOS = {
    "12 groups of 10, no signal": _null(lambda g: sentences(g, 12, 10, 0.0)),
    "24 groups of 5, no signal": _null(lambda g: sentences(g, 24, 5, 0.0)),
    "12 groups of 10, no group effects, no signal": _null(lambda g: sentences(g, 12, 10, 0.0, shared=0.0)),
    "6 groups of 16, no signal": _null(lambda g: sentences(g, 6, 16, 0.0)),
    "8 groups of 12, no signal": _null(lambda g: sentences(g, 8, 12, 0.0)),
    "12 groups of 10, no signal, 1 layer": _null(lambda g: sentences(g, 12, 10, 0.0, layers=1)),
    "12 groups of 10, no signal, 1 target": _null(lambda g: sentences(g, 12, 10, 0.0, targets=1)),
    "12 groups of 10, no signal, 200 targets": _null(lambda g: sentences(g, 12, 10, 0.0, targets=200)),
    "12 groups of 10, no signal, 6 subjects": _null(lambda g: sentences(g, 12, 10, 0.0, subjects=6)),
    "12 groups of 5, no signal, 5 % missing": _null(lambda g: sentences(g, 12, 5, 0.0, missing=0.05)),
    "12 groups of 5, no signal, 33 layers": _null(lambda g: sentences(g, 12, 5, 0.0, layers=33)),
    "series, AR(1) .95 and .8": _null(lambda g: series(g, 0.95, 0.8)),
    "series, AR(1) .99 and .95": _null(lambda g: series(g, 0.99, 0.95)),
    "12 groups, very weak signal": _signal(lambda g: sentences(g, 12, 10, 0.4)),
    "8 groups, very weak signal": _signal(lambda g: sentences(g, 8, 12, 0.4)),
    "8 groups, very weak signal, 9 layers": _signal(lambda g: sentences(g, 8, 12, 0.4, layers=9)),
    "8 groups, weak signal, 1 layer": _signal(lambda g: sentences(g, 8, 12, 0.8, layers=1)),
    "12 groups, weak signal": _signal(lambda g: sentences(g, 12, 10, 0.8)),
    "24 groups, weak signal": _signal(lambda g: sentences(g, 24, 5, 0.8)),
    "8 groups, weak signal": _signal(lambda g: sentences(g, 8, 12, 0.8)),
    "6 groups, weak signal": _signal(lambda g: sentences(g, 6, 16, 0.8)),
    "12 groups, strong signal": _signal(lambda g: sentences(g, 12, 10, 3.0)),
    "24 groups, strong signal": _signal(lambda g: sentences(g, 24, 5, 3.0)),
    "8 groups, strong signal": _signal(lambda g: sentences(g, 8, 12, 3.0)),
    "6 groups, strong signal": _signal(lambda g: sentences(g, 6, 16, 3.0)),
    "12 groups, strong signal, no group effects": _signal(lambda g: sentences(g, 12, 10, 3.0, shared=0.0)),
    "12 groups, weak signal, 1 target": _signal(lambda g: sentences(g, 12, 10, 0.8, targets=1)),
    "12 groups, weak signal, 200 targets": _signal(lambda g: sentences(g, 12, 10, 0.8, targets=200)),
    "12 groups, weak signal, 6 subjects drawn anew": _signal(lambda g: sentences(g, 12, 10, 0.8, subjects=6)),
    "12 groups of 5, weak signal, 33 layers": _signal(lambda g: sentences(g, 12, 5, 0.8, layers=33)),
    "12 groups of 5, weak signal, 5 % missing": _signal(lambda g: sentences(g, 12, 5, 0.8, missing=0.05)),
    "series, AR(1) .95 and .8, signal": _signal(lambda g: series(g, 0.95, 0.8, 1.0)),
    "beyond a baseline, nothing": Scenario(partial(beyond, 0.0, 12), False),
    "beyond a baseline, half of a weak signal": Scenario(partial(beyond, 0.8, 12), False),
    "beyond a baseline, half of the signal": Scenario(partial(beyond, 1.5, 12), False),
    "beyond a baseline, half of the signal, 8 groups": Scenario(partial(beyond, 1.5, 8), False),
    "composite, no signal": Scenario(partial(composite, 0.0, 1), True),
    "composite, weak signal": Scenario(partial(composite, 0.8, 1), False),
    "composite, weak signal, the same 6 subjects": Scenario(partial(composite, 0.8, 6), False),
    "pair, nothing in both": _pair(0.0, 0.0),
    "pair, equal": _pair(1.5, 0.0),
    "pair, equal, weak signal": _pair(0.8, 0.0),
    "pair, equal, weak signal, 6 groups": _pair(0.8, 0.0, groups=6),
    "pair, equal, most features shared": _pair(1.5, 0.9),
    "pair, equal, most features shared, 24 groups": _pair(1.5, 0.9, groups=24),
    "pair, equal, most features shared, 6 groups": _pair(1.5, 0.9, groups=6),
    "pair, equal, most features shared, 20 targets": _pair(1.5, 0.9, targets=20),
    "pair, equal, 6 subjects": _pair(1.5, 0.0, subjects=6),
    "pair, a true difference": _pair(1.5, 0.0, better=2.0),
    "pair, a true difference, weak signal": _pair(0.8, 0.0, better=2.0),
}


def run(file: Path, names: list[str], seeds: int, n_permutations: int) -> None:
    """Append what is lacking, a few seeds of every scenario at a time."""
    done = {(row["scenario"], int(row["seed"])) for row in csv.DictReader(file.open())} if file.exists() else set()
    with file.open("a", newline="") as out:
        lines = csv.writer(out)
        if not done:
            lines.writerow(["scenario", "seed", *Line._fields])
        for first in range(0, seeds, 50):
            for name in names:
                for seed in range(first, min(first + 50, seeds)):
                    if (name, seed) not in done:
                        found = SCENARIOS[name].run(np.random.default_rng([seed, 11]), n_permutations)
                        lines.writerow([name, seed, *found])
                out.flush()


def table(file: Path) -> str:
    """Coverage and level of every scenario, as Markdown."""
    rows = ["| | seeds | mean | covers | p of at most .05 |", "|---|---|---|---|---|"]
    found = pl.read_csv(file, schema_overrides=dict.fromkeys(Line._fields, pl.Float64))
    for name in [one for one in SCENARIOS if one in set(found["scenario"])]:
        some = found.filter(scenario=name)
        score, low, high, p = (some[field].to_numpy() for field in Line._fields)
        truth, there, tested = 0.0 if SCENARIOS[name].null else score.mean(), ~np.isnan(low), ~np.isnan(p)
        covers = f"{np.mean((low <= truth) & (truth <= high), where=there):.3f}" if there.any() else ""
        if there.any() and not there.all():
            covers += f" of the {there.mean():.2f} that have one"
        level = f"{np.mean(p <= 0.05 + 1e-9, where=tested):.3f}" if tested.any() else ""
        rows.append(f"| {name} | {len(some)} | {score.mean():.3f} | {covers} | {level} |")
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("scenarios", nargs="*", help=f"default: all of {'; '.join(SCENARIOS)}".replace("%", "%%"))
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--permutations", type=int, default=99)
    options = parser.parse_args()
    with threadpool_limits(1):
        run(options.file, options.scenarios or list(SCENARIOS), options.seeds, options.permutations)
    sys.stdout.write(table(options.file) + "\n")


if __name__ == "__main__":
    main()
