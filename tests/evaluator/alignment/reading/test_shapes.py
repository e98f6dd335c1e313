"""Curves that are known, through all that stands beside the predictor of the word itself."""

from dataclasses import replace

import numpy as np
import pytest

from brainlake import BrainlakeError, open_bank
from brainlake.alignment.reading.covariates import log_frequency
from brainlake.alignment.reading.gains import regressors
from brainlake.alignment.reading.measures import readings
from brainlake.alignment.reading.predictors import word_models
from brainlake.alignment.reading.protocols import reading_protocol
from brainlake.alignment.reading.shapes import N_BINS, curvature, deciles
from readings import simulated

PROTOCOLS = [reading_protocol("delta_llh"), reading_protocol("delta_llh+ahead=false")]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A reading, its frequencies, its model."""
    root = tmp_path_factory.mktemp("corpus")
    simulated(root)
    bank = open_bank(root)
    (reading,) = readings(bank, "b")
    return reading, log_frequency(bank, reading), word_models(bank, reading, ["good"], None)[0]


def lined(corpus, curve, protocol):
    """The reading with times that follow a curve of surprisal and of what lies beside it, and all that is lined up."""
    reading, frequency, model = corpus
    noise = np.random.default_rng(1).standard_normal(len(reading.word))
    beside = 2 * np.roll(model.surprisal, 1)[reading.word]
    value = 300 + curve(model.surprisal[reading.word]) + beside + noise
    changed = replace(reading, value=value)
    lined_up = regressors(changed, [model], frequency, protocol)
    return changed, lined_up, lined_up.own[0], protocol


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda p: p.name)
def test_curvature_is_found_where_there_is_some(corpus, protocol):
    line = curvature(*lined(corpus, lambda s: 3 * s, protocol))
    root = curvature(*lined(corpus, lambda s: 12 * np.sqrt(s), protocol))
    assert list(line) == ["quadratic", "spline"]
    for name in line:
        assert line[name].mean < 0.01 < 0.1 < root[name].mean


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda p: p.name)
def test_deciles_are_those_of_the_word_itself(corpus, protocol):
    reading, lined_up, own, _ = lined(corpus, np.square, protocol)
    found = deciles(reading, lined_up, own, protocol, 0)
    x = corpus[2].surprisal[lined_up.complete]
    assert len(found) == N_BINS
    assert (found[0].low, found[-1].high) == (x.min(), x.max())
    assert sum(b.n for b in found) == len(x)
    expected = [np.square(x[(b.low <= x) & (x <= b.high)]).mean() - np.square(x).mean() for b in found]
    np.testing.assert_allclose([b.value for b in found], expected, atol=1)


def test_curvature_is_of_complete_words_alone(corpus):
    reading, lined_up, own, protocol = lined(corpus, np.square, PROTOCOLS[0])
    some = reading.keep(reading.word % 3 > 0)
    found = curvature(some, lined_up, own, protocol)["spline"]
    np.testing.assert_array_equal(found.word, some.word[lined_up.complete[some.word]])
    np.testing.assert_array_equal(found.text, reading.texts[found.word])
    assert found.gain.shape == found.word.shape


def test_a_predictor_of_few_values_has_no_shape(corpus):
    reading, frequency, model = corpus
    flat = replace(model, surprisal=np.where(model.surprisal > np.median(model.surprisal), 1.0, 0.0))
    lined_up = regressors(reading, [flat], frequency, PROTOCOLS[0])
    for shape in (curvature, lambda *parts: deciles(*parts, 0)):
        with pytest.raises(BrainlakeError, match="too few different"):
            shape(reading, lined_up, lined_up.own[0], PROTOCOLS[0])
