"""Delta log-likelihood against a computation of its own: scikit-learn, a fit a text."""

import re

import numpy as np
import polars as pl
import pytest
from scipy.stats import norm
from sklearn.linear_model import LinearRegression

from brainlake import BrainlakeError, behavioral_alignment, open_bank, surprisal_shapes
from brainlake.encoding.small_samples import mean_interval
from readings import put_frequency, put_surprisal, simulated


def shifted(frame, name, ahead):
    lags = range(-1 if ahead else 0, 3)
    return [pl.col(name).shift(lag).over("document_id").alias(f"{name}.{lag}") for lag in lags]


def by_hand(root, model, ahead=True, subwords=False, complete_for=("good", "noise")):
    """The definition, read off the tables: covariates, complete words, one text left out at a time."""
    bank = open_bank(root)
    frame = bank.stimuli("s").with_columns(
        length=pl.col("text").str.len_chars().cast(float),
        mark=pl.col("text").str.contains(r"[.,]$").cast(float),
        place=pl.int_range(pl.len()).over("document_id").cast(float),
    )
    frame = frame.join(bank.table("stimulus_features").select("stimulus_id", f="value"), on="stimulus_id")
    frame = frame.join(bank.table("reading_times").select("stimulus_id", "value"), on="stimulus_id")
    for name in complete_for:
        found = bank.table("surprisal", model=name)
        frame = frame.join(found.select("stimulus_id", pl.col("surprisal").alias(name), n="n_tokens"), on="stimulus_id")
        frame = frame.rename({"n": f"n_{name}"})
    frame = frame.sort("position").with_columns(product=pl.col("length") * pl.col("f"))
    base = ["length", "f", "product", "mark", *([f"n_{model}"] if subwords else [])]
    lagged = {name: shifted(frame, name, ahead) for name in [*base, *complete_for]}
    wide = frame.with_columns(*(e for lags in lagged.values() for e in lags), square=pl.col("place") ** 2)
    columns = [e.meta.output_name() for name in base for e in lagged[name]] + ["place", "square"]
    own = [e.meta.output_name() for e in lagged[model]]
    needed = [e.meta.output_name() for name in complete_for for e in lagged[name]]
    wide = wide.drop_nulls([*columns, *needed])
    text, y = wide["document_id"].to_numpy(), wide["value"].to_numpy()

    def log_likelihood(names):
        X, found = wide.select(names).to_numpy().astype(float), np.empty(len(y))
        for out in np.unique(text):
            train = text != out
            fit = LinearRegression().fit(X[train], y[train])
            sd = np.sqrt(np.sum((y[train] - fit.predict(X[train])) ** 2) / (train.sum() - X.shape[1] - 1))
            found[~train] = norm.logpdf(y[~train], fit.predict(X[~train]), sd)
        return found

    gain = log_likelihood([*columns, *own]) - log_likelihood(columns)
    return gain.mean(), len(y)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    root = tmp_path_factory.mktemp("means")
    simulated(root)
    return root


def gains(root, protocol="delta_llh", **choice):
    return behavioral_alignment(root, "b", protocol=protocol, **choice).filter(kind="headline")


@pytest.mark.parametrize(("protocol", "ahead"), [("delta_llh", True), ("delta_llh+ahead=false", False)])
def test_equals_the_definition(corpus, protocol, ahead):
    for row in gains(corpus, protocol).to_dicts():
        expected, n = by_hand(corpus, row["model"], ahead)
        assert row["score"] == pytest.approx(expected, abs=1e-9)
        assert (row["n_stimuli"], row["n_folds"], row["metric"]) == (n, 8, "delta_llh")


def test_surprisal_adds_and_noise_does_not(corpus):
    good, noise = gains(corpus).sort("model").to_dicts()
    assert good["ci_low"] > 0.02 > noise["ci_high"]
    assert good["controls"].startswith("length, log frequency (made-up), their product")


def test_sub_words_need_counts_of_every_model_of_the_table(corpus):
    both = gains(corpus, "delta_llh+subwords=true")
    assert both["score"].to_list() == [None, None]
    assert both["ci_method"][0].startswith("none: noise has no sub-word counts, and a table needs those of all models")
    alone = gains(corpus, "delta_llh+subwords=true", models="good")
    assert alone["score"][0] == pytest.approx(by_hand(corpus, "good", True, True, ("good",))[0], abs=1e-9)


def test_the_same_complete_words_for_all_models(corpus, tmp_path):
    surprisal, _, ids = simulated(tmp_path)
    surprisal[: len(ids) // 4] = np.nan
    put_surprisal(tmp_path, "partial", "s", surprisal)
    found = gains(tmp_path)
    assert found["n_stimuli"].n_unique() == 1
    assert found["n_stimuli"][0] < gains(corpus)["n_stimuli"][0]


def test_without_frequencies_there_is_no_score_but_a_reason(toy_bank):
    row = behavioral_alignment(toy_bank, "toy.reading", protocol="delta_llh").row(0, named=True)
    assert row["score"] is None
    assert re.search("no log_frequency .* features frequency", row["ci_method"])


def test_of_two_sources_of_frequency_one_is_named(tmp_path):
    simulated(tmp_path)
    put_frequency(tmp_path, "s", np.random.default_rng(9).normal(size=320), "another")
    with pytest.raises(Exception, match="another, made-up"):
        gains(tmp_path)
    assert "(another)" in gains(tmp_path, frequency="another")["controls"][0]


def test_entropy_is_an_option(corpus):
    scores = gains(corpus, "delta_llh+predictor=entropy", models="good")
    assert scores["score"][0] < 0.02
    assert gains(corpus, "delta_llh+predictor=both", models="good")["score"][0] > 0.05
    refused = gains(corpus, "delta_llh+predictor=entropy")
    assert refused["ci_method"][0].startswith("none: noise lacks entropy of a word and its neighbours everywhere")


def test_people_have_two_stages(tmp_path):
    simulated(tmp_path, n_people=6)
    scores = gains(tmp_path, by="subject").filter(model="good")
    head = scores.filter(pl.col("subject").is_null()).row(0, named=True)
    alone = scores.filter(pl.col("subject").is_not_null())["score"]
    assert head["score"] == pytest.approx(alone.mean(), abs=1e-12)
    assert (head["n_subjects"], head["ci_method"]) == (6, "t over 6 people")
    assert head["ci_low"] > 0


def test_every_left_out_text_is_kept_on_request(corpus, tmp_path):
    scores = behavioral_alignment(corpus, "b", protocol="delta_llh", models="good", by="text")
    head, kept = scores.filter(kind="headline").row(0, named=True), scores.filter(kind="left_out")
    assert kept["target_id"].to_list() == [f"t{k}" for k in range(8)]
    assert kept["n_stimuli"].sum() == head["n_stimuli"]
    assert np.average(kept["score"], weights=kept["n_stimuli"]) == pytest.approx(head["score"], abs=1e-12)
    low, high = mean_interval(np.repeat(kept["score"], kept["n_stimuli"]), np.repeat(np.arange(8), kept["n_stimuli"]))
    assert (head["ci_low"], head["ci_high"]) == pytest.approx((low, high), abs=1e-12)
    simulated(tmp_path, n_people=3)
    people = behavioral_alignment(tmp_path, "b", protocol=["delta_llh", "mixed"], models="good", by="text")
    kept = people.filter(kind="left_out")
    assert kept.group_by("protocol", "subject").len().sort("protocol", "subject").rows() == [
        *(("delta_llh", f"p{k}", 8) for k in range(3)),
        ("mixed", None, 8),
    ]
    means = kept.filter(protocol="delta_llh").group_by("subject").agg(pl.col("score").dot("n_stimuli"))
    heads = people.filter(kind="headline", protocol="delta_llh")
    assert means["score"].mean() / heads["n_stimuli"][0] == pytest.approx(heads["score"][0], abs=1e-12)


def test_a_model_that_says_the_same_of_every_word_takes_nothing_from_the_others(corpus, tmp_path):
    _, _, ids = simulated(tmp_path)
    put_surprisal(tmp_path, "flat", "s", np.full(len(ids), 3.0))
    scores = behavioral_alignment(tmp_path, "b", protocol="delta_llh")
    of = dict(scores.filter(kind="headline").select("model", "score").iter_rows())
    assert of["good"] == pytest.approx(dict(gains(corpus).select("model", "score").iter_rows())["good"], abs=1e-12)
    assert of["flat"] == pytest.approx(0, abs=1e-12)
    curved = scores.filter(kind="curvature", model="flat")
    assert curved["score"].to_list() == [None, None]
    assert set(curved["ci_method"]) == {"none: too few different values for a spline: of its 5 knots 1 would differ"}
    assert scores.filter(kind="curvature", model="good")["score"].null_count() == 0
    with pytest.raises(BrainlakeError, match=r"^b, rt, flat: too few different values"):
        surprisal_shapes(tmp_path, "b")


def test_mixed_models_of_people_and_words(tmp_path):
    simulated(tmp_path, n_people=6)
    good, noise = gains(tmp_path, "mixed").sort("model").to_dicts()
    assert good["ci_low"] > 0.01 > noise["ci_high"]
    assert (good["n_subjects"], good["n_folds"]) == (6, 8)


def test_mixed_models_need_people(corpus):
    assert (
        gains(corpus, "mixed")["ci_method"][0]
        == "none: a mixed model needs rows of people, and these are means over them"
    )


def test_a_straight_line_has_no_curvature_and_rising_deciles(corpus):
    scores = behavioral_alignment(corpus, "b", protocol="delta_llh", models="good")
    curved = scores.filter(kind="curvature")
    assert curved["metric"].to_list() == ["delta_llh_quadratic", "delta_llh_spline"]
    assert curved["ci_low"].max() < 0.005
    shape = surprisal_shapes(corpus, "b", models="good")
    assert shape["bin"].to_list() == list(range(10))
    slope = np.polyfit(shape["predictor_mean"], shape["value"], 1)[0]
    assert slope == pytest.approx(4, abs=1)
    assert (shape["ci_low"] < shape["value"]).all()
