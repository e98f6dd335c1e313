"""Comparisons of models on reading times: the same words, paired over stories or people."""

import numpy as np
import pytest
from scipy import stats

import brainlake
from brainlake import BrainlakeError, behavioral_alignment
from readings import put_surprisal, put_texts, put_times, simulated

TEXT = np.arange(320) // 40


@pytest.fixture(scope="module")
def means(tmp_path_factory):
    """Eight texts, a good model, noise, and a model that misses two words."""
    root = tmp_path_factory.mktemp("means")
    surprisal, _, _ = simulated(root)
    holes = np.random.default_rng(4).gamma(2, 2, len(surprisal))
    holes[[5, 100]] = np.nan
    put_surprisal(root, "holes", "s", holes)
    return root


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    root = tmp_path_factory.mktemp("people")
    return root, *simulated(root, n_people=9)[:2]


def test_gains_are_compared_over_texts(means):
    pairs = brainlake.compare(means, "b")
    scores = behavioral_alignment(means, "b", protocol="delta_llh", n_boot=0).filter(kind="headline")
    of = dict(scores.select("model", "score").iter_rows())
    assert len(pairs) == 3
    for row in pairs.to_dicts():
        assert row["difference"] == pytest.approx(of[row["model_a"]] - of[row["model_b"]], abs=1e-12)
        assert (row["metric"], row["folds"], row["measure"], row["n_units"]) == ("delta_llh", "disjoint", "rt", 8)
        assert row["n_stimuli"] == scores["n_stimuli"][0]
        assert row["ci_method"] == "t over 8 texts, drawn together"
    best = pairs.filter(model_a="good", model_b="noise").row(0, named=True)
    assert best["p_value"] < best["p_adjusted"] < 0.05


def test_correlations_are_compared_on_the_words_of_all(means):
    pairs = brainlake.compare(means, "b", models=["good", "holes"], protocol="pearson", baselines="word_length")
    assert pairs["n_stimuli"].unique().to_list() == [318]
    assert {*pairs["model_a"], *pairs["model_b"]} == {"good", "holes", "baseline:word_length"}
    alone = behavioral_alignment(means, "b", protocol="pearson", n_boot=0)
    whole = dict(alone.select("model", "score").iter_rows())
    row = pairs.filter(model_a="good", model_b="holes").row(0, named=True)
    # "good" has a value of the two words that are left out, so that its r is another here.
    assert row["difference"] == pytest.approx(whole["good"] - whole["holes"], abs=0.02)
    assert row["difference"] != pytest.approx(whole["good"] - whole["holes"], abs=1e-9)


def test_people_are_what_is_drawn_where_rows_are_theirs(people):
    root, surprisal, times = people
    row = brainlake.compare(root, "b", protocol="pearson", models=["good", "noise"], baselines=()).row(0, named=True)
    r = np.array([np.corrcoef(surprisal, own)[0, 1] for own in times])
    noise = behavioral_alignment(root, "b", protocol="pearson", models="noise", by="subject", n_boot=0)
    other = noise.filter(model="noise").drop_nulls("subject")["score"].to_numpy()
    expected = stats.ttest_rel(r, other)
    assert row["difference"] == pytest.approx((r - other).mean(), abs=1e-12)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(tuple(expected.confidence_interval()), abs=0.01)
    assert row["ci_method"] == "t over 9 people, drawn together"
    gained = brainlake.compare(root, "b").row(0, named=True)
    headline = behavioral_alignment(root, "b", protocol="delta_llh", n_boot=0).filter(kind="headline")["score"]
    assert gained["difference"] == pytest.approx(headline.max() - headline.min(), abs=1e-12)
    assert gained["n_units"] == 9


def test_mixed_models_are_compared_over_texts(people):
    root, *_ = people
    row = brainlake.compare(root, "b", protocol="mixed").row(0, named=True)
    scores = behavioral_alignment(root, "b", protocol="mixed", n_boot=0)["score"]
    assert row["difference"] == pytest.approx(scores.max() - scores.min(), abs=1e-9)
    assert (row["protocol"], row["n_units"]) == ("mixed", 8)


def test_five_texts_have_a_difference_and_no_interval(tmp_path):
    simulated(tmp_path, n_texts=5)
    row = brainlake.compare(tmp_path, "b").row(0, named=True)
    assert row["difference"] > 0
    assert row["ci_method"] == row["p_method"] == "none: 5 texts, fewer than 6"
    assert row["ci_low"] is row["p_value"] is row["p_adjusted"] is None
    assert brainlake.indistinguishable(brainlake.compare(tmp_path, "b")) == [["good document", "noise document"]]


def two_sets(root):
    rng, rows = np.random.default_rng(0), []
    for name in ("s", "t"):
        ids = put_texts(root, name)
        for model in ("one", "two"):
            put_surprisal(root, model, name, rng.gamma(2, 2, len(ids)))
        rows += [{"stimulus_id": i, "stimulus_set": name, "value": rng.normal()} for i in ids]
    put_times(root, "b", rows, sets=("s", "t"))


def test_of_several_sets_one_is_named_or_all(tmp_path):
    two_sets(tmp_path)
    ask = {"protocol": "pearson", "baselines": ()}
    with pytest.raises(BrainlakeError, match=r"several stimulus sets \(s, t\)"):
        brainlake.compare(tmp_path, "b", **ask)
    apart = behavioral_alignment(tmp_path, "b", protocol="pearson", n_boot=0)
    pooled = behavioral_alignment(tmp_path, "b", protocol="pearson", pooled=True, n_boot=0)
    for chosen, scores in (("s", apart.filter(stimulus_set="s")), (["s", "t"], pooled)):
        of = dict(scores.select("model", "score").iter_rows())
        row = brainlake.compare(tmp_path, "b", stimuli=chosen, **ask).row(0, named=True)
        assert row["difference"] == pytest.approx(abs(of["one"] - of["two"]), abs=1e-12)


def test_a_model_that_says_the_same_of_every_word_has_no_score(means, tmp_path):
    ids = put_texts(tmp_path, "s")
    rng = np.random.default_rng(0)
    put_surprisal(tmp_path, "m", "s", rng.gamma(2, 2, len(ids)))
    put_surprisal(tmp_path, "flat", "s", np.full(len(ids), 3.0))
    put_times(tmp_path, "b", [{"stimulus_id": i, "value": rng.normal()} for i in ids])
    with pytest.raises(BrainlakeError, match="b, rt: no score of flat: its predictor, or the measure, is constant"):
        brainlake.compare(tmp_path, "b", protocol="pearson")


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"models": "good"}, "nothing to compare"),
        ({"baselines": "word_length"}, "protocol delta_llh has no baselines"),
        ({"protocol": "pearson", "baselines": "nope"}, "unknown baseline 'nope'"),
        ({"protocol": "aw2024"}, r"it scores \|r\|"),
        ({"protocol": "mixed"}, "a mixed model needs rows of people"),
        ({"measures": "nope"}, "unknown measure 'nope'"),
        ({"stimuli": "nope"}, "unknown stimulus set 'nope'"),
        ({"layers": 3}, "it has no layers"),
        ({"frequency": "nope"}, "source of log_frequency"),
    ],
)
def test_what_cannot_be_compared_is_refused(means, options, match):
    with pytest.raises(BrainlakeError, match=match):
        brainlake.compare(means, "b", **options)
