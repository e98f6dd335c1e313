"""The text table of `brainlake brain` says what the long table says, side by side."""

import polars as pl
import pytest

from brainlake import brain_alignment, open_bank
from brainlake.report.summary import digest


@pytest.fixture(scope="module")
def grouped(toy_bank):
    return brain_alignment(open_bank(toy_bank), "toy.brain", n_boot=50)


def test_what_belongs_to_a_score_stands_beside_it(grouped):
    lines = digest(grouped, every_layer=False)
    assert len(lines) == len(lines.unique(["model", "roi"]))
    whole = grouped.filter(pl.col("roi").is_null(), model="m")
    line = lines.filter(pl.col("roi").is_null(), model="m").row(0, named=True)
    honest = whole.filter(folds="grouped", metric="pearson")
    nested, best = (honest.filter(selection=s).row(0, named=True) for s in ("nested", "test"))
    assert [line[name] for name in ("score", "ci_low", "ci_high", "folds")] == [
        nested[name] for name in ("score", "ci_low", "ci_high", "folds")
    ]
    assert line["shuffled"] == whole.filter(folds="shuffled", selection="nested", metric="pearson")["score"].item()
    assert line["best_on_test"] == best["score"] == honest.filter(selection="none")["score"].max()
    assert line["optimism"] == best["score"] - nested["score"]
    unique = whole.filter(metric="unique_r2").row(0, named=True)
    assert (line["beyond"], line["beyond_low"]) == (unique["score"], unique["ci_low"])
    assert best["ci_method"] == "none: the layer was chosen on the test folds"
    assert best["ci_low"] is None
    baseline = lines.filter(pl.col("roi").is_null(), model="baseline:length").row(0, named=True)
    assert baseline["best_on_test"] is baseline["beyond"] is None


def test_every_layer_has_a_line_if_asked_for(grouped):
    lines = digest(grouped, every_layer=True).filter(pl.col("roi").is_null(), model="m")
    assert lines["layer"].to_list() == [0, 1, 2, None]
    assert lines["shuffled"].null_count() == 0


def test_the_papers_folds_come_first_under_its_protocol(toy_bank):
    scores = brain_alignment(open_bank(toy_bank), "toy.brain", protocol="aw2024", n_boot=0)
    line = digest(scores, every_layer=False).filter(pl.col("roi").is_null(), model="m").row(0, named=True)
    found = scores.filter(pl.col("roi").is_null(), model="m", selection="test")
    assert line["score"] == found.filter(folds="shuffled")["score"].item()
    assert line["disjoint"] == found.filter(folds="grouped")["score"].item()
    assert line["shuffled"] is line["best_on_test"] is None


def test_similarities_have_no_folds(toy_bank):
    scores = brain_alignment(open_bank(toy_bank), "toy.brain", protocol="rsa", n_boot=0, by=())
    lines = digest(scores, every_layer=False)
    assert lines["score"].to_list() == scores.filter(pl.col("layer").is_null())["score"].to_list()
