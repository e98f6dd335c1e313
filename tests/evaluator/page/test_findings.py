"""Three sentences, each computed from the scores."""

import polars as pl

from brainlake.page.findings import findings
from drawn import profile, reading

BASELINES = pl.col("model").str.starts_with("baseline:")


def test_best_beyond_and_folds():
    best, beyond, folds = findings(profile())
    assert best == (
        "On b (grouped) m2 scores highest of 3 models .233 [.193, .273], beside .080 of the strongest baseline, length."
    )
    assert beyond.startswith("On b (grouped) the interval of what a model adds to the baselines lies above 0 in 0 of 3")
    assert folds == (
        "Under shuffled folds of b (grouped) models score .100 higher on average, m1 most to .267 from .167, and "
        "baselines score .300 higher on average, length most to .380 from .080."
    )


def test_folds_that_lower_scores_are_said_to():
    lower = pl.when(pl.col("kind") == "other_folds").then(pl.col("score") - 0.5).otherwise(pl.col("score"))
    folds = findings(profile().with_columns(score=lower))[2]
    assert "models score .400 lower on average, m0 most to -.300 from .100, and" in folds


def test_reading_is_beyond_length_and_frequency():
    best, beyond, folds = findings(reading(("rt",)))
    assert best.startswith("On r (rt, delta_llh) m2 scores highest of 3 models .0300 [.0180, .0420]")
    assert beyond == (
        "On r (rt, delta_llh) the interval of what a model adds to word length and frequency lies above 0 in 2 of 3 "
        "models: m2, m1."
    )
    assert folds == "What other folds would do to the scores, they do not say."


def test_folds_are_those_of_the_same_model_where_not_every_one_has_both():
    named = [profile(n=1, layers=0, name=f"{owner}--x").filter(~BASELINES) for owner in "ab"]
    table = pl.concat([named[0], named[1].filter(pl.col("kind") != "other_folds").with_columns(score=pl.lit(0.9))])
    assert findings(table)[2] == "Under shuffled folds of b (grouped) models score .100 higher, a--x to .200 from .100."


def test_models_are_counted_once_whatever_their_recipes_and_twins_apart():
    chat = profile(n=2, layers=0).filter(~BASELINES).with_columns(pl.col("score") + 0.1, recipe=pl.lit("chat"))
    twins = [profile(n=1, layers=0, name=f"lab--m0+untrained-s{k}").filter(~BASELINES) for k in range(2)]
    best, beyond, _ = findings(pl.concat([profile(n=2, layers=0), chat, *twins]))
    assert "m1 chat scores highest of 5 scores of 2 models and 1 untrained twin .300" in best
    assert "lies above 0 in 0 of 4 scores of 2 models" in beyond  # the range over seeds is no interval


def test_scores_that_do_not_compare_have_no_best_and_no_end_is_infinite():
    other = pl.when(pl.col("model") == "lab--m0").then(pl.lit("a")).otherwise(pl.lit("b"))
    best = findings(profile(layers=0).with_columns(stimuli_sha256=other))[0]
    assert best.startswith("On b (grouped) no model is the highest: scores of lab--m0 and lab--m1 on b under protocol")
    assert "inf" not in findings(profile(n=1, layers=0).with_columns(ci_low=pl.lit(float("-inf"))))[0]


def test_of_many_questions_four_are_told():
    table = pl.concat([profile(benchmark=f"b{i}") for i in range(6)])
    assert all(sentence.endswith("; 2 more stand in the table below.") for sentence in findings(table))
    assert findings(table.filter(pl.col("benchmark") != "b5"))[0].endswith("; 1 more stands in the table below.")


def test_nothing_is_said_of_nothing():
    assert findings(profile().clear()) == [
        "No model has a score here.",
        "Whether models explain more than baselines, these scores do not say.",
        "What other folds would do to the scores, they do not say.",
    ]
