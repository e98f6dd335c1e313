"""Untrained twins that differ in their seed alone are one line of a summary."""

import polars as pl
import pytest

from brainlake import brain_alignment, open_bank, summary
from brainlake.report.twins import twins_together


@pytest.fixture(scope="module")
def scores(toy_bank):
    """Scores of a model, twice more under the names of untrained twins, the second of them less."""
    found = brain_alignment(open_bank(toy_bank), "toy.brain", n_boot=50)
    models = found.filter(~pl.col("model").str.starts_with("baseline:"))
    name = models["model"][0]
    one = models.filter(model=name)
    twins = [
        one.with_columns(model=pl.lit(f"{name}+untrained-s{seed}"), score=pl.col("score") - 0.1 * seed)
        for seed in (0, 2)
    ]
    return name, pl.concat([found, *twins])


def test_twins_have_a_mean_and_a_range(scores):
    name, frame = scores
    shown = summary(frame)
    alone = frame.filter(kind="headline", model=name)["score"].item()
    line = shown.table.filter(model=f"{name}+untrained, seeds 0 2")["score"].item()
    numbers = [float(text.strip("[], ")) for text in line.replace("[", " ").split()]
    assert numbers == pytest.approx([alone - 0.1, alone - 0.2, alone], abs=1e-3)
    assert "+untrained-s" not in repr(shown)
    assert "in [ ] the range over the seeds of the weights" in " ".join(repr(shown).split())
    # The same under other folds stands beside them, as beside every model.
    assert shown.table.filter(model=f"{name}+untrained, seeds 0 2")["shuffled"].item() is not None


def test_one_twin_stays_as_it_is(scores):
    name, frame = scores
    one = frame.filter(pl.col("model") != f"{name}+untrained-s2")
    assert twins_together(one.to_dicts()) == one.to_dicts()


def test_a_twin_without_a_score_leaves_none(scores):
    name, frame = scores
    undefined = frame.with_columns(
        score=pl.when(pl.col("model") == f"{name}+untrained-s2").then(None).otherwise("score")
    )
    rows = [row for row in twins_together(undefined.to_dicts()) if row["model"] == f"{name}+untrained, seeds 0 2"]
    assert rows
    assert all(row["score"] is row["ci_low"] is None for row in rows)
