"""Scores against a property of models, with the line and the correlation of the study."""

import polars as pl
import pytest

from brainlake import property_correlations
from brainlake.errors import BrainlakeError
from brainlake.figures.properties import against_property, property_names, property_rows, said
from drawn import data_of
from studies import family, models, properties, scores


def test_properties_hold_scores_values_and_their_line():
    scored, who, known = family([2, 1, 1])
    rows = data_of(against_property(scored, who, known, "mmlu"))
    of = dict(known.select("model", "value").iter_rows())
    assert {(r["model"], r["value"]) for r in rows if "model" in r} == set(of.items())
    x, y, fit = zip(*{(r["value"], r["score"], r["fit"]) for r in rows if "fit" in r}, strict=True)
    residual = [b - c for b, c in zip(y, fit, strict=True)]
    assert sum(residual) == pytest.approx(0, abs=1e-12)
    assert sum(a * r for a, r in zip(x, residual, strict=True)) == pytest.approx(0, abs=1e-12)


def test_properties_say_the_correlation_of_the_study():
    scored, who, known = family([2, 2, 1, 2, 2, 2])
    found = property_rows(scored, who, known)
    study = property_correlations(scored, known, who).filter(
        pl.col("left_out").is_null(), pl.col("given").is_null(), property="log10_params", models="all", method="pearson"
    )
    assert found["r"].unique().to_list() == study["r"].to_list()
    assert found["r_low"].unique().to_list() == study["ci_low"].to_list()


def test_the_correlation_is_said_with_its_interval_where_there_is_one():
    row = {"r": 0.5, "r_low": -0.25, "r_high": 0.75, "n_models": 7, "n_bases": 5}
    assert said(row) == "r = .500 [-.250, .750], 7 models of 5 bases"
    assert said(row | {"r_low": None}) == "r = .500, 7 models of 5 bases"
    assert said(row | {"r": None}) == "7 models"


def test_properties_of_one_source_have_figures_after_the_size():
    known = properties(("m", "p", 1.0, "me"), ("m", "q", 1.0, "me"), ("n", "q", 1.0, "you"))
    assert property_names(known) == ["log10_params", "p"]


def test_a_property_of_two_sources_is_refused():
    scored, who, _ = family([1, 1])
    known = properties(("base0", "p", 1.0, "me"), ("base1", "p", 1.0, "you"))
    with pytest.raises(BrainlakeError, match="p has 2 sources"):
        against_property(scored, who, known, "p")


def test_too_few_models_and_unknown_properties_are_refused():
    scored, who, known = family([1, 1])
    with pytest.raises(BrainlakeError, match="fewer than 4 models"):
        against_property(scores([("m", "b", 0.1)]), models(("m", None)))
    with pytest.raises(BrainlakeError, match="property"):
        against_property(scored, who, known, "mmlu2")
