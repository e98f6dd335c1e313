"""Windows against a loop, covariates against the words, and frequencies with their source."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from banks import put_stimuli
from brainlake import BrainlakeError, UnknownNameError, open_bank
from brainlake.alignment.reading.covariates import Frequency, covariates, described, log_frequency, predictors, window
from brainlake.alignment.reading.measures import readings
from brainlake.alignment.reading.predictors import WordModel
from brainlake.alignment.reading.protocols import reading_protocol
from brainlake.alignment.reading.reading import Reading
from brainlake.bank.manifest import rebuild_manifest
from readings import put_frequency, put_times

PLAIN = reading_protocol("delta_llh")


@given(st.lists(st.integers(1, 5), min_size=1, max_size=5), st.booleans())
def test_a_window_never_leaves_its_document(lengths, ahead):
    documents = np.repeat(np.arange(len(lengths)), lengths)
    values = np.arange(len(documents), dtype=float) + 1
    expected = [
        [
            values[i - lag] if 0 <= i - lag < len(values) and documents[i - lag] == documents[i] else np.nan
            for lag in range(-1 if ahead else 0, 3)
        ]
        for i in range(len(values))
    ]
    np.testing.assert_array_equal(window(values, documents, ahead), expected)


def reading(texts, documents):
    """Words of documents, each of which was read."""
    stimuli = pl.DataFrame({"stimulus_set": "s", "document_id": documents, "text": texts})
    places = np.arange(len(texts))
    return Reading("b", "rt", "ms", "s", stimuli, places, places * 1.0, None)


def test_covariates_of_the_word_itself():
    words = reading(["The", " (river,", "--", "don't", "U.S."], ["a", "a", "a", "b", "b"])
    frequency = np.array([-2.0, -9.0, np.nan, -4.0, -6.0])
    found = covariates(words, Frequency(frequency, "here"), reading_protocol("delta_llh+ahead=false"))
    length = np.array([3.0, 7, 2, 5, 4])
    assert found.shape == (5, 4 * 3 + 2)
    np.testing.assert_array_equal(found[:, 0], length)
    np.testing.assert_array_equal(found[:, 3], frequency)
    np.testing.assert_array_equal(found[:, 6], length * frequency)
    np.testing.assert_array_equal(found[:, 9], [0, 1, 1, 0, 1])
    np.testing.assert_array_equal(found[:, 12:], [[0, 0], [1, 1], [2, 4], [0, 0], [1, 1]])


@pytest.mark.parametrize("ahead", [True, False])
@pytest.mark.parametrize(("predictor", "names"), [("surprisal", "s"), ("entropy", "e"), ("both", "se")])
@pytest.mark.parametrize("subwords", [True, False])
def test_what_is_held_and_what_is_added(ahead, predictor, names, subwords):
    words = reading(["w"] * 6, ["a"] * 6)
    values = {name: np.random.default_rng(k).random(6) for k, name in enumerate("sen")}
    model = WordModel(None, values["s"], values["e"], values["n"])
    text = f"delta_llh+ahead={str(ahead).lower()}+subwords={str(subwords).lower()}+predictor={predictor}"
    held, added = predictors(words, model, reading_protocol(text))
    width = 4 if ahead else 3
    assert held.shape == (6, width * subwords)
    assert added.shape == (6, width * len(names))
    for k, name in enumerate(names):
        np.testing.assert_array_equal(added[:, k * width + ahead], values[name])
    if subwords:
        np.testing.assert_array_equal(held[:, int(ahead)], values["n"])


@pytest.fixture
def bank(tmp_path):
    ids = put_stimuli(tmp_path, "s", [{"text": "word"} for _ in range(4)])
    put_times(tmp_path, "b", [{"stimulus_id": i, "value": 300.0} for i in ids])
    return tmp_path


def found(root, source=None):
    bank = open_bank(root)
    return log_frequency(bank, readings(bank, "b")[0], source)


def test_frequencies_follow_the_words_and_say_where_they_are_from(bank):
    put_frequency(bank, "s", [-1.0, None, -3.0, -4.0])
    frequency = found(bank)
    np.testing.assert_array_equal(frequency.value, [-1, np.nan, -3, -4])
    assert frequency.source == "made-up"
    assert "log frequency (made-up)" in described(PLAIN, frequency)


def test_of_several_sources_one_is_named(bank):
    put_frequency(bank, "s", [-1.0] * 4)
    put_frequency(bank, "s", [-2.0] * 4, "another")
    with pytest.raises(BrainlakeError, match=r"^b: log_frequency .* several sources \(another, made-up\): name"):
        found(bank)
    with pytest.raises(UnknownNameError, match=r"'third'.*another, made-up"):
        found(bank, "third")
    np.testing.assert_array_equal(found(bank, "another").value, [-2] * 4)


def test_frequencies_of_other_words_are_none(bank):
    put_stimuli(bank, "elsewhere", [{}])
    rebuild_manifest(bank)
    put_frequency(bank, "elsewhere", [-1.0])
    assert found(bank) == (
        "the bank has no log_frequency of the words of b; `brainlake-build features frequency` writes it"
    )


def test_covariates_in_words():
    frequency = Frequency(np.zeros(1), "here")
    assert "each with one word ahead, 2 behind" in described(PLAIN, frequency)
    words = described(reading_protocol("delta_llh+ahead=false+subwords=true"), frequency)
    assert "punctuation, sub-words, each with 2 behind; position" in words
