"""Comparisons over folds and people, on one benchmark and on the mean of several."""

import numpy as np
import polars as pl
import pytest

import brainlake
from banks import build_wide, put, put_model, put_recording
from brainlake import brain_alignment, open_bank
from brainlake.bank.manifest import rebuild_manifest


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    """Two benchmarks on the same sentences, one of two people and one of six, and their mean."""
    root = tmp_path_factory.mktemp("composite")
    _, Y = build_wide(root)
    rng = np.random.default_rng(2)
    put_model(root, "noise", "s", rng.standard_normal((2, 60, 20)))
    rows = [("s", f"s.{i}", None, None) for i in range(60)]
    people = {f"p{k}": Y[:, :3] * (0.4 + 0.2 * k) + rng.standard_normal((60, 3)) for k in range(6)}
    put_recording(root, "six", ["s"], rows, people)
    put(root, "benchmarks", "both", [{"benchmark": "both", "stimulus_sets": ["s"], "composite_of": ["wide", "six"]}])
    rebuild_manifest(root)
    return open_bank(root)


def pair(bank, benchmark):
    return brainlake.compare(bank, benchmark, baselines=()).row(0, named=True)


def test_people_are_drawn_where_there_are_five(bank):
    assert pair(bank, "wide")["ci_method"].startswith("t from a bootstrap of folds, ")
    assert pair(bank, "six")["ci_method"].startswith("t from a bootstrap of folds and subjects, ")


def test_a_difference_on_several_is_the_mean_of_theirs(bank):
    wide, six, both = (pair(bank, name) for name in ("wide", "six", "both"))
    assert both["difference"] == pytest.approx((wide["difference"] + six["difference"]) / 2)
    assert both["n_units"] == wide["n_units"] + six["n_units"] == 20
    widths = [one["ci_high"] - one["ci_low"] for one in (wide, six, both)]
    # Folds and people of one are independent of those of the other.
    assert widths[2] < np.hypot(*widths[:2]) / 2 * 1.2
    scores = brain_alignment(bank, "both", baselines=(), n_boot=0).filter(kind="headline", benchmark="both")
    of = dict(scores.select("model", "score").iter_rows())
    assert both["difference"] == pytest.approx(of[both["model_a"]] - of[both["model_b"]])


def test_baselines_that_every_part_has_are_compared_too(bank):
    found = brainlake.compare(bank, "both", baselines=("position", "length"))
    assert set(found["model_a"]) | set(found["model_b"]) == {"m", "noise", "baseline:position", "baseline:length"}
    assert found.filter(pl.col("p_value") > pl.col("p_adjusted") + 1e-12).is_empty()
