"""A bank of the first format gives the scores that the version which wrote it gave."""

from pathlib import Path

import polars as pl
import pytest

from brainlake import behavioral_alignment, brain_alignment, open_bank

DATA = Path(__file__).parents[2] / "data"
KEY = ("benchmark", "model", "protocol", "shuffled", "selection", "roi", "layer", "metric")


def by_key(scores):
    """Scores by what was scored; folds were named otherwise then."""
    rows = scores.with_columns(shuffled=pl.col("folds") == "shuffled").select(*KEY, "score").rows()
    assert len({row[:-1] for row in rows}) == len(rows)
    return {row[:-1]: row[-1] for row in rows}


def test_scores_are_those_of_the_version_that_wrote_it():
    bank = open_bank(DATA / "bank1")
    brain = brain_alignment(bank, "toy.brain", by=("roi",), n_boot=0)
    reading = behavioral_alignment(bank, "toy.reading", protocol="pearson", n_boot=0)
    expected = by_key(pl.read_csv(DATA / "bank1.scores.csv"))
    found = by_key(pl.concat([brain, reading]))
    assert found.keys() == expected.keys()
    # Responses are float32, and their sums are taken in another order since.
    assert found == pytest.approx(expected, abs=1e-7, nan_ok=True)
