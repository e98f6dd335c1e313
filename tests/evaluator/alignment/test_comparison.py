"""Comparisons of models and baselines on one benchmark."""

import numpy as np
import polars as pl
import pytest

import brainlake
from banks import build_wide, put_model
from brainlake import BrainlakeError, brain_alignment, open_bank
from brainlake.contract.schema import COMPARISONS


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    """A model that explains the responses, its twin, and noise."""
    root = tmp_path_factory.mktemp("compared")
    X, _ = build_wide(root)
    put_model(root, "noise", "s", np.random.default_rng(5).standard_normal((2, 60, 20)))
    put_model(root, "twin", "s", X)
    return root


@pytest.fixture(scope="module")
def pairs(bank):
    return brainlake.compare(open_bank(bank), "wide", baselines="position")


def test_every_two_are_compared_the_better_one_first(bank, pairs):
    assert pairs.columns == COMPARISONS.names
    assert len(pairs) == 6
    assert (pairs["difference"] >= 0).all()
    scores = brain_alignment(open_bank(bank), "wide", baselines="position", n_boot=0).filter(kind="headline")
    of = dict(scores.select("model", "score").iter_rows())
    for row in pairs.to_dicts():
        assert row["difference"] == pytest.approx(of[row["model_a"]] - of[row["model_b"]], abs=1e-12)
        assert row["ci_low"] <= row["difference"] <= row["ci_high"]
        assert row["p_adjusted"] >= 1 / 1001
    assert set(pairs["n_units"]) == {10}


def test_twins_are_not_told_apart_and_noise_is(pairs):
    twins = pairs.filter(pl.concat_list("model_a", "model_b").list.sort() == pl.lit(["m", "twin"]))
    assert twins["difference"].item() == 0
    assert twins["p_adjusted"].item() == 1
    noise = pairs.filter(pl.col("model_a").is_in(["m", "twin"]), model_b="noise")
    assert (noise["p_value"] < 0.05).all()
    assert (noise["p_value"] < noise["p_adjusted"]).all()
    assert any({"m document", "twin document"} <= set(group) for group in brainlake.indistinguishable(pairs))


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"protocol": "aw2024"}, "its layers are chosen on the test folds"),
        ({"models": "m", "baselines": ()}, "nothing to compare"),
        ({"models": "stranger"}, "stranger"),
    ],
)
def test_what_cannot_be_compared_is_refused(bank, options, match):
    with pytest.raises(BrainlakeError, match=match):
        brainlake.compare(open_bank(bank), "wide", **options)
