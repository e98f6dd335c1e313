"""What models add: the same complete words for all, against the fits that the definition names."""

from dataclasses import replace

import numpy as np
import pytest

from banks import put_stimuli
from brainlake import BrainlakeError, behavioral_alignment, compare, open_bank, surprisal_shapes
from brainlake.alignment.reading.covariates import covariates, log_frequency
from brainlake.alignment.reading.gains import gains, regressors
from brainlake.alignment.reading.measures import readings
from brainlake.alignment.reading.predictors import word_models
from brainlake.alignment.reading.protocols import reading_protocol
from brainlake.encoding.left_out import left_out_log_likelihood
from readings import put_frequency, put_surprisal, put_times, simulated

PLAIN = reading_protocol("delta_llh")
SUBWORDS = reading_protocol("delta_llh+subwords=true")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A reading, its frequencies, and its models by name: good, holes, noise."""
    root = tmp_path_factory.mktemp("corpus")
    surprisal, _, ids = simulated(root)
    holes = surprisal.copy()
    holes[5] = np.nan
    put_surprisal(root, "holes", "s", holes, n_tokens=[1] * len(ids))
    bank = open_bank(root)
    (reading,) = readings(bank, "b")
    models = {m.identity.model: m for m in word_models(bank, reading, None, None)}
    return reading, log_frequency(bank, reading), models


def test_a_word_is_complete_where_all_of_its_window_is_for_every_model(corpus):
    reading, frequency, models = corpus
    alone = regressors(reading, [models["good"]], frequency, PLAIN).complete
    both = regressors(reading, [models["good"], models["holes"]], frequency, PLAIN).complete
    # A text of 40 words has no word before its first two, and none ahead of its last.
    place = np.arange(len(reading.stimuli)) % 40
    np.testing.assert_array_equal(alone, (place >= 2) & (place < 39))
    assert np.flatnonzero(alone & ~both).tolist() == [4, 5, 6, 7]


@pytest.mark.parametrize("protocol", [PLAIN, SUBWORDS], ids=["plain", "subwords"])
def test_gains_are_the_difference_of_two_fits(corpus, protocol):
    reading, frequency, models = corpus
    chosen = [models["good"], models["holes"]]
    lined_up = regressors(reading, chosen, frequency, protocol)
    here = np.flatnonzero(lined_up.complete)
    np.testing.assert_array_equal(lined_up.shared, covariates(reading, frequency, protocol))
    for (held, added), found in zip(lined_up.own, gains(reading, lined_up), strict=True):
        X = np.column_stack([lined_up.shared, held])[here]
        y, text = reading.value[here], reading.texts[here]
        full = left_out_log_likelihood(np.column_stack([X, added[here]]), y, text)
        np.testing.assert_allclose(found.gain, full - left_out_log_likelihood(X, y, text), atol=1e-9)
        np.testing.assert_array_equal(found.word, here)
        np.testing.assert_array_equal(found.text, text)
        assert found.mean == found.gain.mean()


def test_a_model_gains_the_same_whoever_stands_beside_it(corpus):
    reading, frequency, models = corpus
    (alone,) = gains(reading, regressors(reading, [models["noise"]], frequency, PLAIN))
    beside = list(gains(reading, regressors(reading, [models["good"], models["noise"]], frequency, PLAIN)))
    np.testing.assert_allclose(beside[1].gain, alone.gain, atol=1e-12)
    assert beside[0].mean > 0.02 > beside[1].mean


@pytest.mark.parametrize(
    ("model", "protocol", "match"),
    [
        ("noise", "delta_llh+subwords=true", "noise has no sub-word counts"),
        ("noise", "delta_llh+predictor=entropy", "noise lacks entropy of a word"),
        ("noise", "delta_llh+predictor=both", "noise lacks surprisal and entropy of a word"),
    ],
)
def test_a_model_that_lacks_what_is_asked_for_is_refused(corpus, model, protocol, match):
    reading, frequency, models = corpus
    with pytest.raises(BrainlakeError, match=match):
        regressors(reading, [models["good"], models[model]], frequency, reading_protocol(protocol))


def test_no_complete_word_is_refused(corpus):
    reading, frequency, models = corpus
    first = reading.keep(reading.word % 40 == 0)
    with pytest.raises(BrainlakeError, match=r"no word that was read has all covariates: .* \(made-up\)"):
        regressors(first, [models["good"]], frequency, PLAIN)
    halves = [
        replace(models["good"], surprisal=np.where((np.arange(len(reading.stimuli)) < 160) == first, 3.0, np.nan))
        for first in (True, False)
    ]
    with pytest.raises(BrainlakeError, match=r"no word has the values of all models, .* that have the same words"):
        regressors(reading, halves, frequency, PLAIN)


def test_one_text_cannot_be_left_out(corpus):
    reading, frequency, models = corpus
    one = reading.keep(reading.texts[reading.word] == 0)
    with pytest.raises(BrainlakeError, match="at least two texts"):
        list(gains(one, regressors(one, [models["good"]], frequency, PLAIN)))


@pytest.mark.parametrize("text", ["w", "ww"], ids=["without marks", "of one length"])
def test_words_that_are_alike_in_something_can_still_be_fitted(tmp_path, text):
    """Covariates that are constant, or follow from others, say nothing: under a mixed model as under least squares."""
    rng = np.random.default_rng(0)
    rows = [{"text": text, "document_id": f"t{k // 20}", "group_id": f"t{k // 20}"} for k in range(120)]
    ids = put_stimuli(tmp_path, "s", rows)
    surprisal = rng.gamma(2, 2, 120)
    put_surprisal(tmp_path, "m", "s", surprisal)
    put_frequency(tmp_path, "s", rng.normal(size=120))
    times = [
        {"stimulus_id": i, "subject": f"p{p}", "value": float(5 * x + 30 * p + rng.normal(0, 10))}
        for p in range(4)
        for i, x in zip(ids, surprisal, strict=True)
    ]
    put_times(tmp_path, "b", times)
    scores = behavioral_alignment(tmp_path, "b", protocol=["delta_llh", "mixed"]).filter(kind="headline")
    assert (scores["score"] > 0.05).all()
    assert len(surprisal_shapes(tmp_path, "b")) == 10


def heads(root, *protocols):
    """Headline rows of corpus ``b`` by model and protocol."""
    scores = behavioral_alignment(root, "b", protocol=protocols, n_boot=0).filter(kind="headline")
    return {(row["model"], row["protocol"]): row for row in scores.to_dicts()}


def put_odd_models(root, surprisal):
    """One that varies in a single text, and one that does nowhere."""
    put_surprisal(root, "one-text", "s", np.where(np.arange(len(surprisal)) < 40, surprisal, 3.0))
    put_surprisal(root, "flat", "s", np.full(len(surprisal), 3.0))


def test_a_model_that_cannot_be_fitted_takes_nothing_from_the_others(tmp_path):
    surprisal, _, _ = simulated(tmp_path, n_texts=4)
    alone = heads(tmp_path, "delta_llh")
    put_odd_models(tmp_path, surprisal)
    beside = heads(tmp_path, "delta_llh")
    for key, row in alone.items():
        assert beside[key]["score"] == pytest.approx(row["score"], abs=1e-12)
    row = beside["one-text", "delta_llh"]
    assert (row["score"], row["n_stimuli"]) == (None, 0)
    assert row["ci_method"].startswith("none: a predictor varies in one group alone")
    with pytest.raises(BrainlakeError, match="one-text cannot be compared: a predictor varies in one group alone"):
        compare(tmp_path, "b", protocol="delta_llh")


def test_nor_does_it_where_people_read(tmp_path):
    surprisal, _, _ = simulated(tmp_path, n_people=2, n_texts=4)
    alone = heads(tmp_path, "delta_llh", "mixed")
    put_odd_models(tmp_path, surprisal)
    beside = heads(tmp_path, "delta_llh", "mixed")
    for key, row in alone.items():
        assert beside[key]["score"] == pytest.approx(row["score"], abs=1e-12)
    for protocol, reason in (("delta_llh", "varies in one group alone"), ("mixed", "depend on one another")):
        row = beside["one-text", protocol]
        assert (row["score"], row["n_stimuli"], row["n_subjects"]) == (None, 0, None)
        assert reason in row["ci_method"]
        assert beside["flat", protocol]["score"] == pytest.approx(0, abs=1e-12)


def test_who_read_too_little_does_not_outweigh_the_others(tmp_path):
    _, times, ids = simulated(tmp_path, n_people=4)
    rows = [
        {"stimulus_id": i, "subject": f"p{p}", "value": float(times[p, k])}
        for p in range(4)
        for k, i in enumerate(ids)
        if p < 3 or (k % 40 < 30 and k < 80)
    ]
    put_times(tmp_path, "b", rows)
    found = heads(tmp_path, "delta_llh")["good", "delta_llh"]
    put_times(tmp_path, "b", [row for row in rows if row["subject"] != "p3"])
    three = heads(tmp_path, "delta_llh")["good", "delta_llh"]
    assert found["score"] == pytest.approx(three["score"], abs=1e-12)
    assert found["n_subjects"] == three["n_subjects"] == 3
    assert found["aggregation"] == f"{three['aggregation']}; 1 could not be fitted alone"
