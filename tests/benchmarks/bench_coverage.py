"""How often intervals hold what they should, and how often p values are small where there is nothing.

    python tests/benchmarks/bench_coverage.py [SEEDS] [PERMUTATIONS] [SCENARIO ...]

Sentences: groups of sentences, .3 of the variance of features and of noise shared inside a group, strictly nested
choice of layers of 20 features and of penalties, protocol `grouped`. Series: AR(1) features and responses of 200 TRs in
8 segments. The interval is about the mean score over data sets: 0 where there is no signal, else the mean over seeds.
Level is the share of p values of at most .05. Pairs: two models as good as each other, that share nothing or most of
their features, and a better one; share of p of at most .05 and of intervals that hold the true difference.
"""

import sys
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import polars as pl
from threadpoolctl import threadpool_limits

from brainlake.alignment.design.features import Features, Identity, Layer, LayerFits
from brainlake.alignment.design.fitting import Scores, score
from brainlake.alignment.design.protocols import PROTOCOLS
from brainlake.alignment.design.score_row import ScoreRow
from brainlake.alignment.design.setting import Setting, TargetGroup
from brainlake.alignment.scorers.layer_choice import NestedLedger
from brainlake.alignment.scorers.regression import Regression
from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.paired import differences
from brainlake.recordings.recording import Recording
from brainlake.recordings.volumes import Volumes

GROUPED = PROTOCOLS["grouped"]
WIDTH = 20
Draw = tuple[list[FloatArray], Recording]


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
) -> Draw:
    member = np.repeat(np.arange(groups), size)

    def draw(columns: int) -> FloatArray:
        of_group, own = rng.standard_normal((groups, columns))[member], rng.standard_normal((len(member), columns))
        return np.sqrt(shared) * of_group + np.sqrt(1 - shared) * own

    X = [draw(WIDTH) for _ in range(layers)]
    # What the brain does is the same in every data set; the people are drawn anew.
    weights = np.repeat(np.random.default_rng(5).standard_normal((WIDTH, targets)), subjects, axis=1)
    if subjects > 1:
        weights = weights * (1 + 0.5 * np.tile(rng.standard_normal(subjects), targets))
    Y = signal * X[1] @ weights / np.sqrt(WIDTH) + draw(targets * subjects)
    Y[rng.random(Y.shape) < missing] = np.nan
    people = np.tile([f"s{i}" for i in range(subjects)], targets)
    return X, _recording(Y, people, np.array([f"g{i:02}" for i in member]), None)


def series(rng: np.random.Generator, features: float, responses: float, n: int = 200, segments: int = 8) -> Draw:
    def draw(rho: float, columns: int) -> FloatArray:
        noise = rng.standard_normal((n + 400, columns))
        for i in range(1, len(noise)):
            noise[i] = rho * noise[i - 1] + np.sqrt(1 - rho**2) * noise[i]
        return noise[400:]

    times = 2.0 * np.arange(n)
    volumes = Volumes(times + 1, times, np.full(n, "1"), np.arange(n), 2.0)
    X, Y = [draw(features, WIDTH) for _ in range(3)], draw(responses, 4)
    return X, _recording(Y, np.full(4, "s0"), (np.arange(n) * segments // n).astype(str), volumes)


def _recording(Y: FloatArray, people: np.ndarray, groups: np.ndarray, volumes: Volumes | None) -> Recording:
    v = Y.shape[1]
    ids = np.arange(v).astype(str)
    return Recording("bench", pl.DataFrame(), Y, people, np.full(v, ""), ids, "groups", groups, volumes=volumes)


class Scenario(NamedTuple):
    draw: Callable[[np.random.Generator], Draw]
    signal: bool


SCENARIOS = {
    "12 groups of 10, no signal": Scenario(lambda g: sentences(g, 12, 10, 0.0), False),
    "24 groups of 5, no signal": Scenario(lambda g: sentences(g, 24, 5, 0.0), False),
    "6 groups of 16, no signal": Scenario(lambda g: sentences(g, 6, 16, 0.0), False),
    "12 groups, no signal, 33 layers": Scenario(lambda g: sentences(g, 12, 10, 0.0, layers=33), False),
    "12 groups, weak signal": Scenario(lambda g: sentences(g, 12, 10, 0.8), True),
    "12 groups, strong signal": Scenario(lambda g: sentences(g, 12, 10, 3.0), True),
    "24 groups, strong signal": Scenario(lambda g: sentences(g, 24, 5, 3.0), True),
    "8 groups, strong signal": Scenario(lambda g: sentences(g, 8, 12, 3.0), True),
    "12 groups, strong signal, no group effects": Scenario(lambda g: sentences(g, 12, 10, 3.0, shared=0.0), True),
    "12 groups, weak signal, 200 targets": Scenario(lambda g: sentences(g, 12, 10, 0.8, targets=200), True),
    "12 groups, weak signal, 6 subjects": Scenario(lambda g: sentences(g, 12, 10, 0.8, subjects=6), True),
    "12 groups, weak signal, 5 % missing": Scenario(lambda g: sentences(g, 12, 10, 0.8, missing=0.05), True),
    "series, AR(1) .95 and .8": Scenario(lambda g: series(g, 0.95, 0.8), False),
    "series, AR(1) .99 and .95": Scenario(lambda g: series(g, 0.99, 0.95), False),
}


def scored(X: list[FloatArray], recording: Recording, n_boot: int, n_permutations: int) -> tuple[ScoreRow, Scores]:
    """The headline row of a model and the scores behind it."""
    everything = [TargetGroup(np.arange(recording.responses.shape[1]))]
    setting = Setting(recording, GROUPED, everything, n_boot, n_permutations, pl.DataFrame())
    assert GROUPED.folds is not None
    regression = Regression(setting, GROUPED.folds)
    source = Features(Identity("m"), tuple(range(len(X))), lambda k: Layer(X[k]))
    ledger = regression.ledger(source)
    assert isinstance(ledger, NestedLedger)
    for number in source.layers:
        ledger.offer(regression.measure(source, number, LayerFits(Layer(X[number]), recording)))
    rows = list(ledger.rows())
    assert ledger.choice.fit is not None
    headline = next(row for row in rows if row.kind == "headline")
    return headline, score(ledger.choice.fit, regression.scheme)


def intervals(name: str, seeds: int, n_permutations: int) -> str:
    scenario = SCENARIOS[name]
    rows = []
    for seed in range(seeds):
        rows.append(scored(*scenario.draw(np.random.default_rng([seed, 11])), 1000, n_permutations)[0])
    scores = np.array([row.score for row in rows])
    truth = scores.mean() if scenario.signal else 0.0
    limits = [
        (row.interval.low, row.interval.high)
        for row in rows
        if row.interval is not None and row.interval.low is not None and row.interval.high is not None
    ]
    covered = np.mean([low <= truth <= high for low, high in limits]) if limits else np.nan
    width = np.mean([high - low for low, high in limits]) if limits else np.nan
    p = np.array([row.p.value for row in rows if row.p is not None and row.p.value is not None])
    level = f"{np.mean(p <= 0.05):.3f} of {len(p)}" if len(p) else "-"
    return (
        f"{name:45s} mean {scores.mean():+.3f}  sd {scores.std():.3f}  "
        f"covers {covered:.3f} of {len(limits)} (width {width:.3f})  p <= .05: {level}"
    )


def pairs(name: str, seeds: int) -> str:
    """Two models: the same signal reaches both through noise of their own, or one has half of it."""
    found, held, small = [], [], []
    for seed in range(seeds):
        rng = np.random.default_rng([seed, 13])
        X, recording = sentences(rng, 12, 10, 1.5)
        noises = rng.standard_normal((2, *X[1].shape))
        if name == "share features":
            noises[1] = 0.9 * noises[0] + np.sqrt(1 - 0.81) * noises[1]
        sides = (1.0, 1.0 if name != "a true difference" else 2.0)
        two = [scored([X[1] + size * noise], recording, 0, 0)[1] for size, noise in zip(sides, noises, strict=True)]
        whole = two[0].tested.astype(float)
        result = differences([np.median(s.targets) for s in two], [whole * s.folds for s in two], whole, [(0, 1)])
        found.append(result.values[0])
        held.append((result.low[0], result.high[0]))
        small.append(result.p_values[0] <= 0.05)
    truth = np.mean(found) if name == "a true difference" else 0.0
    covered = np.mean([low <= truth <= high for low, high in held])
    return (
        f"pairs, {name:38s} mean {np.mean(found):+.3f}  sd {np.std(found):.3f}  covers {covered:.3f} of {seeds}"
        f"  p <= .05: {np.mean(small):.3f}"
    )


def main(seeds: int, n_permutations: int, names: list[str]) -> None:
    for name in names or [*SCENARIOS, "equal", "share features", "a true difference"]:
        print(intervals(name, seeds, n_permutations) if name in SCENARIOS else pairs(name, seeds), flush=True)


if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[1:3]]
    with threadpool_limits(1):
        main(*(numbers + [1000, 199][len(numbers) :]), sys.argv[3:])
