"""What models say of words: in the order that they are read, a value a word, and models that cannot be told apart."""

import numpy as np
import pytest

from brainlake import BrainlakeError, UnknownNameError, behavioral_alignment, open_bank
from brainlake.alignment.reading.measures import readings
from brainlake.alignment.reading.predictors import word_models
from readings import put_surprisal, put_texts, put_times


@pytest.fixture
def corpus(tmp_path):
    """Two stimulus sets with times, and surprisal of one model on both."""
    rng = np.random.default_rng(0)
    surprisal = {}
    rows = []
    for name in ("s", "other"):
        ids = put_texts(tmp_path, name, n_texts=2, n_words=5)
        rows += [{"stimulus_id": i, "stimulus_set": name, "value": 300.0} for i in ids]
        surprisal[name] = rng.gamma(2, 2, len(ids))
        put_surprisal(tmp_path, "m", name, surprisal[name], n_tokens=[2] * len(ids), entropy=surprisal[name] / 2)
    put_times(tmp_path, "b", rows, sets=("s", "other"))
    return tmp_path, surprisal


def models(root, which=None, recipes=None, pooled=False):
    bank = open_bank(root)
    (reading, *_) = readings(bank, "b", pooled=pooled)
    return word_models(bank, reading, which, recipes), reading


def test_values_stand_beside_their_words(corpus):
    root, surprisal = corpus
    (model,), reading = models(root)
    expected = surprisal[reading.stimulus_set]
    np.testing.assert_allclose(model.surprisal, expected)
    np.testing.assert_allclose(model.entropy, expected / 2)
    np.testing.assert_array_equal(model.n_tokens, 2)
    assert model.counted
    assert model.identity.model == "m"
    assert model.identity.stimuli_sha256 is not None


def test_sets_are_pooled_in_the_order_of_the_words(corpus):
    root, surprisal = corpus
    (model,), reading = models(root, pooled=True)
    order = reading.stimuli["stimulus_set"].unique(maintain_order=True)
    np.testing.assert_allclose(model.surprisal, np.concatenate([surprisal[name] for name in order]))
    assert model.identity.stimuli_sha256 is None


def test_what_a_model_does_not_know_is_nan(corpus):
    root, surprisal = corpus
    put_surprisal(root, "partial", "s", np.where(np.arange(10) == 3, np.nan, surprisal["s"]))
    bank = open_bank(root)
    (reading,) = (r for r in readings(bank, "b") if r.stimulus_set == "s")
    (model,) = word_models(bank, reading, ["partial"], None)
    assert np.flatnonzero(np.isnan(model.surprisal)).tolist() == [3]
    assert np.isnan(model.entropy).all()
    assert not model.counted


def test_names_are_those_of_the_bank(corpus):
    root, _ = corpus
    with pytest.raises(UnknownNameError, match=r"unknown model 'nope'.*m"):
        models(root, ["nope"])
    with pytest.raises(UnknownNameError, match="nope"):
        models(root, recipes=["nope"])
    assert len(models(root, ["m"], ["document"])[0]) == 1


def test_a_model_that_misses_a_pooled_set_is_refused(corpus):
    root, surprisal = corpus
    put_surprisal(root, "half", "s", surprisal["s"])
    with pytest.raises(BrainlakeError, match="half by document has no surprisal of other"):
        models(root, pooled=True)
    assert len(models(root, ["m"], pooled=True)[0]) == 1


def test_surprisal_of_other_words_is_refused(corpus):
    root, _ = corpus
    put_texts(root, "s", n_texts=2, n_words=5, seed=9)
    put_texts(root, "other", n_texts=2, n_words=5, seed=9)
    with pytest.raises(BrainlakeError, match="other stimuli"):
        models(root)


def test_a_model_of_one_set_is_scored_there(corpus):
    root, surprisal = corpus
    put_surprisal(root, "half", "s", surprisal["s"])
    put_times(
        root,
        "b",
        [
            {"stimulus_id": f"{name}.{i}", "stimulus_set": name, "value": float(300 + i**2)}
            for name in ("other", "s")
            for i in range(10)
        ],
        sets=("other", "s"),
    )
    scores = behavioral_alignment(root, "b", models="half", protocol="pearson", n_boot=0)
    assert scores.filter(model="half")["stimulus_set"].to_list() == ["s"]
    assert scores.filter(model="baseline:word_length")["stimulus_set"].to_list() == ["other", "s"]
    with pytest.raises(UnknownNameError, match=r"unknown model 'hal'.*half"):
        behavioral_alignment(root, "b", models="hal")


def test_no_model_at_all_is_said(tmp_path):
    ids = put_texts(tmp_path, "s")
    put_times(tmp_path, "b", [{"stimulus_id": i, "value": float(k)} for k, i in enumerate(ids)])
    with pytest.raises(BrainlakeError, match=r"b: the bank has no model's surprisal of s; .*extract.* or .*import-sur"):
        behavioral_alignment(tmp_path, "b", protocol="delta_llh")
    assert behavioral_alignment(tmp_path, "b")["model"].to_list() == ["baseline:word_length"]
