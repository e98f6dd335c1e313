"""Three sentences, each computed from the scores."""

import polars as pl

from brainlake.page.findings import findings
from drawn import profile, reading


def test_best_beyond_and_folds():
    best, beyond, folds = findings(profile())
    assert best == (
        "On b (grouped) m2 scores highest of 3 models .233 [.193, .273], beside .080 of the strongest baseline, length."
    )
    assert beyond.startswith("On b (grouped) the interval of what a model adds to the baselines lies above 0 in 0 of 3")
    assert folds == (
        "Under shuffled folds scores on b (grouped) are .180 higher on average, and those of length change most, "
        "to .380 from .080."
    )


def test_folds_that_lower_scores_are_said_to():
    lower = pl.when(pl.col("kind") == "other_folds").then(pl.col("score") - 0.5).otherwise(pl.col("score"))
    folds = findings(profile().with_columns(score=lower))[2]
    assert "are .320 lower on average, and those of m0 change most, to -.300 from .100." in folds


def test_reading_is_beyond_length_and_frequency():
    best, beyond, folds = findings(reading(("rt",)))
    assert best.startswith("On r (rt, delta_llh) m2 scores highest of 3 models .0300 [.0180, .0420]")
    assert beyond == (
        "On r (rt, delta_llh) the interval of what a model adds to word length and frequency lies above 0 in 2 of 3: "
        "m2, m1."
    )
    assert folds == "What other folds would do to the scores, they do not say."


def test_of_many_questions_four_are_told():
    table = pl.concat([profile(benchmark=f"b{i}") for i in range(6)])
    assert all(sentence.endswith("; 2 more stand in the table below.") for sentence in findings(table))


def test_nothing_is_said_of_nothing():
    assert findings(profile().clear()) == [
        "No model has a score here.",
        "Whether models explain more than baselines, these scores do not say.",
        "What other folds would do to the scores, they do not say.",
    ]
