"""Model-free features: what each holds, and when it can be had."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from banks import build_story, build_wide, put
from brainlake import BrainlakeError, UnknownNameError, open_bank
from brainlake.alignment.baselines import (
    BASELINES,
    OASM_WIDTHS,
    baseline_features,
    length,
    log_frequency,
    oasm,
    position,
    random_embedding,
    word_rate,
)
from brainlake.alignment.design.protocols import PROTOCOLS
from brainlake.bank.manifest import rebuild_manifest
from brainlake.recordings.responses import load_recording


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    root = tmp_path_factory.mktemp("wide")
    build_wide(root)
    bank = open_bank(root)
    return bank, load_recording(bank, "wide")


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    root = tmp_path_factory.mktemp("story")
    build_story(root)
    bank = open_bank(root)
    return bank, load_recording(bank, "story")


def stimuli(documents, **columns):
    n = len(documents)
    plain = {"stimulus_set": ["s"] * n, "stimulus_id": [str(i) for i in range(n)], "position": list(range(n))}
    return pl.DataFrame(plain | {"document_id": documents} | columns)


def test_the_place_in_a_document():
    found = position(stimuli(["a", "a", "b", "a", "b"]))
    index, size = np.array([0, 1, 0, 2, 1]), np.array([3, 3, 2, 3, 2])
    np.testing.assert_allclose(found, np.stack([index, index / size, (index / size) ** 2], axis=1))
    assert not position(stimuli(["a", "b", "c"])).any()


def test_documents_of_two_sets_are_different_ones():
    two = stimuli(["a", "a"], stimulus_set=["s", "t"])
    assert not position(two).any()
    np.testing.assert_array_equal(oasm(two, 5.0), np.eye(2))


def test_characters_and_words():
    found = length(pl.DataFrame({"text": [" two words ", "", "né", "a\tb\nc"]}))
    np.testing.assert_array_equal(found, [[9, 2], [0, 0], [2, 1], [5, 3]])


@given(
    documents=st.lists(st.sampled_from("abc"), min_size=1, max_size=12).map(sorted), width=st.sampled_from(OASM_WIDTHS)
)
def test_neighbours_in_a_document_are_alike_and_nobody_else(documents, width):
    X, n = oasm(stimuli(documents), width), len(documents)
    expected = [
        [np.exp(-((i - j) ** 2) / (2 * width**2)) if documents[i] == documents[j] else 0 for j in range(n)]
        for i in range(n)
    ]
    np.testing.assert_allclose(X, expected)


@given(st.text())
def test_a_word_has_one_vector_whatever_stands_around_it(text):
    E = random_embedding(pl.DataFrame({"text": ["Word", '"word,"', f"{text} word", "word word", ""]}))
    assert E.shape == (5, 100)
    np.testing.assert_array_equal(E[0], E[1])
    np.testing.assert_allclose(E[0], E[3])
    assert not E[4].any()
    if not text.strip():
        np.testing.assert_array_equal(E[2], E[0])


def test_an_item_is_the_mean_of_its_words_and_two_words_are_not_alike():
    a, b, both = random_embedding(pl.DataFrame({"text": ["one", "two", "one two"]}))
    np.testing.assert_allclose(both, (a + b) / 2)
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.4


def test_words_a_second_of_items_and_of_scans(wide, story):
    _, recording = story
    np.testing.assert_array_equal(word_rate(recording), recording.volumes.word_rate)
    items = replace(recording, volumes=None)
    np.testing.assert_allclose(word_rate(items), np.full((600, 1), 1 / 0.4))
    with pytest.raises(BrainlakeError, match="wide: the word rate is unknown, its items have no onset_s and offset_s"):
        word_rate(wide[1])


def test_frequencies_are_lined_up_with_the_items(tmp_path):
    build_wide(tmp_path)
    plain = {"stimulus_set": "s", "source": "here"}
    rows = [plain | {"stimulus_id": f"s.{i}", "name": "log_frequency", "value": float(i)} for i in reversed(range(59))]
    rows += [plain | {"stimulus_id": "s.59", "name": "length", "value": 7.0}]
    put(tmp_path, "stimulus_features", "s/here", rows)
    rebuild_manifest(tmp_path)
    bank = open_bank(tmp_path)
    np.testing.assert_array_equal(log_frequency(bank, bank.stimuli("s")[:59]), np.arange(59.0)[:, None])
    with pytest.raises(BrainlakeError, match="the bank has no log_frequency of 1 of 60 items"):
        log_frequency(bank, bank.stimuli("s"))


def names(case, asked=None, protocol="grouped"):
    return [f.identity.model.removeprefix("baseline:") for f in baseline_features(*case, asked, PROTOCOLS[protocol])]


def test_those_of_the_protocol_that_can_be_had(wide, story):
    assert names(wide) == ["position", "length", "oasm", "random_embedding"]
    assert names(story) == ["position", "length", "word_rate", "oasm", "random_embedding"]
    assert "word_rate" not in names(story, protocol="aw2024")


def test_widths_are_tried_like_layers(wide):
    (found,) = baseline_features(*wide, ["oasm"], PROTOCOLS["grouped"])
    assert (found.layers, found.numbered) == ((0, 1, 2, 3), False)
    np.testing.assert_allclose(found.read(2).values, oasm(wide[1].stimuli, OASM_WIDTHS[2]))


def test_what_is_asked_for_by_name_is_given_once_or_refused(wide):
    assert names(wide, ["length", "position", "length"]) == ["length", "position"]
    assert names(wide, []) == []
    with pytest.raises(UnknownNameError, match="unknown baseline 'lenght' \\(did you mean 'length'\\?\\)"):
        names(wide, ["lenght"])
    with pytest.raises(BrainlakeError, match="the word rate is unknown"):
        next(baseline_features(*wide, ["word_rate"], PROTOCOLS["grouped"])).read(0)


def test_every_baseline_has_a_row_an_item_or_a_scan(wide, story):
    for name in names(wide):
        assert len(BASELINES[name].compute(*wide, 1.0)) == len(wide[1].stimuli)
    assert len(BASELINES["word_rate"].compute(*story, 1.0)) == len(story[1].volumes.times)
