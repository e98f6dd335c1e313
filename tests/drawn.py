"""Scores made up row by row for figures, and the data that a chart holds."""

import math

import polars as pl

from brainlake.contract.schema import SCORES, SHAPES, TARGETS
from studies import table

_ROW = {
    "kind": "headline",
    "benchmark": "b",
    "protocol": "grouped",
    "recipe": "document",
    "folds": "disjoint",
    "kept_whole": "groups",
    "n_folds": 10,
    "selection": "nested",
    "metric": "pearson",
    "aggregation": "mean_then_median",
    "ci_method": "t from a bootstrap of folds",
    "n_stimuli": 240,
    "n_targets": 200,
    "engine_version": "0",
}
EDGES = {
    "plain": {},
    "one model": {"n": 1},
    "33 models": {"n": 33, "layers": 5},
    "missing layers": {"skip": (1, 2, 5)},
    "no ceiling": {"ceiling": None},
    "no interval": {"half": None},
    "negative": {"start": -0.4},
    "long names": {"name": "owner--" + "a-very-long-name-" * 12 + "{}"},
    "hostile": {"name": "</script><img src=x onerror=alert(1)>\x1b[2J\"'&{{{{7*7}}}}{}"},
    "alike": {"name": "o{}--same"},
}
"""Arguments of ``profile`` for what figures meet."""


def row(**facts):
    return _ROW | facts


def around(score, half):
    return {} if half is None else {"ci_low": score - half, "ci_high": score + half}


def profile(n=3, layers=7, skip=(), ceiling=0.5, half=0.04, start=0.1, name="lab--m{}", benchmark="b"):
    """Scores of models with layers, other folds, regions, targets and two baselines."""
    rows = []
    for i in range(n):
        score = start + 0.2 * i / max(n, 2)
        facts = {"model": name.format(i), "benchmark": benchmark, "ceiling": ceiling}
        rows.append(row(**facts, score=score, **around(score, half)))
        rows.append(row(**facts, kind="other_folds", folds="shuffled", kept_whole=None, score=score + 0.1))
        rows.append(row(**facts, kind="beyond", metric="unique_r2", score=score / 9, **around(score / 9, half)))
        for layer in set(range(layers)) - set(skip):
            at = score * math.sin(math.pi * (layer + 1) / (layers + 1))
            rows.append(row(**facts, kind="layer", selection="none", layer=layer, score=at, **around(at, half)))
        for place in ("left", "right"):
            at = score + 0.02 * len(place)
            rows.append(row(**facts, roi=place, score=at, **around(at, half)))
            rows.append(row(**facts, roi=place, subject="s1", target_id=f"e-{place}", score=at - 0.1, n_targets=1))
    for base, score in (("length", 0.08), ("position", 0.02)):
        facts = {"model": f"baseline:{base}", "benchmark": benchmark, "recipe": None, "selection": "none"}
        rows.append(row(**facts, score=score, ceiling=ceiling, **around(score, half)))
        rows.append(row(**facts, kind="other_folds", folds="shuffled", kept_whole=None, score=score + 0.3))
    return table(rows, SCORES)


def reading(measures=("first_pass", "go_past"), n=3):
    """Gains of models on measures of reading."""
    facts = {"benchmark": "r", "metric": "delta_llh", "protocol": "delta_llh", "aggregation": None}
    rows = [
        row(
            **facts,
            model=f"m{i}",
            measure=measure,
            score=0.01 * (i + 1) + 0.001 * place,
            **around(0.01 * (i + 1), 0.012),
        )
        for i in range(n)
        for place, measure in enumerate(measures)
    ]
    return table(rows, SCORES)


def deciles_of(n=2):
    """Shapes of models on one measure."""
    rows = [
        {
            "benchmark": "r",
            "measure": "first_pass",
            "model": f"m{i}",
            "recipe": "document",
            "protocol": "delta_llh",
            "bin": k,
            "n_bins": 10,
            "predictor_low": 2.0 * k,
            "predictor_high": 2.0 * k + 2,
            "predictor_mean": 2.0 * k + 1,
            "value": 3.0 * k - 10 + i,
            "ci_low": 3.0 * k - 12,
            "ci_high": 3.0 * k - 8,
            "n_stimuli": 50,
            "engine_version": "0",
        }
        for i in range(n)
        for k in range(10)
    ]
    return table(rows, SHAPES)


def placed():
    """Targets with coordinates."""
    rows = [
        {
            "benchmark": "b",
            "subject": "s1",
            "index": k,
            "target_id": f"e-{name}",
            "space": "MNI",
            "x": x,
            "y": 3.0,
            "z": 9.0,
        }
        for k, (name, x) in enumerate((("left", -40.0), ("right", 41.0)))
    ]
    return table(rows, TARGETS)


WHOLE = [pl.col(name).is_null() for name in ("subject", "roi", "target_id")]


def whole(scores, kind):
    """Rows of a kind that are about all targets."""
    return scores.filter(*WHOLE, kind=kind)


def data_of(chart):
    """All rows that the plots of a chart hold."""
    whole = chart.to_dict()
    found = {}

    def walk(part):
        data = part.get("data", {})
        if "name" in data:
            found[data["name"]] = whole["datasets"][data["name"]]
        elif "values" in data:
            found[id(data)] = data["values"]
        for name in ("layer", "concat", "hconcat"):
            for inner in part.get(name, ()):
                walk(inner)

    walk(whole)
    return [row for rows in found.values() for row in rows]


def numbers(rows, *names):
    """Some columns of rows that have them all, as a set."""
    return {tuple(one[name] for name in names) for one in rows if all(name in one for name in names)}
