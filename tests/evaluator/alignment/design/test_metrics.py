"""Every metric that a score may have is described."""

import polars as pl

from brainlake import behavioral_alignment, brain_alignment
from brainlake.alignment.design.metrics import METRICS


def test_every_metric_of_scores_is_described(toy_bank):
    found = [brain_alignment(toy_bank, "toy.brain", protocol=name, n_boot=0) for name in ("grouped", "rsa", "cka")]
    found.append(behavioral_alignment(toy_bank, "toy.reading", n_boot=0))
    metrics = set(pl.concat([one.select("metric") for one in found])["metric"])
    assert {"pearson", "unique_r2", "linear_cka", "delta_llh"} <= metrics
    assert metrics <= set(METRICS)
