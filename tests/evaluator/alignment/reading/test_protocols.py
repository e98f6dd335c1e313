"""Protocols of reading measures: variants that are read, named, and refused."""

from dataclasses import replace

import pytest

from brainlake import BrainlakeError, UnknownNameError
from brainlake.alignment.reading.protocols import READING_PROTOCOLS, reading_protocol


@pytest.mark.parametrize("name", READING_PROTOCOLS)
def test_a_plain_name_is_the_protocol_itself(name):
    assert reading_protocol(name) == READING_PROTOCOLS[name]
    assert reading_protocol(name).name == name


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("delta_llh+subwords=true", {"subwords": True}),
        ("delta_llh+ahead=false", {"ahead": False}),
        ("mixed+predictor=both", {"predictor": "both"}),
        ("delta_llh+predictor=entropy+ahead=false", {"predictor": "entropy", "ahead": False}),
    ],
)
def test_a_variant_changes_what_it_says_and_nothing_else(text, changes):
    found = reading_protocol(text)
    assert found == replace(READING_PROTOCOLS[text.split("+")[0]], name=found.name, **changes)
    assert reading_protocol(found.name) == found


def test_one_variant_has_one_name():
    one, other = "delta_llh+subwords=true+ahead=false", "delta_llh+ahead=false+subwords=true"
    assert reading_protocol(one) == reading_protocol(other)
    assert reading_protocol("delta_llh+ahead=true+predictor=surprisal") == READING_PROTOCOLS["delta_llh"]


def test_what_is_no_protocol_is_refused():
    with pytest.raises(UnknownNameError, match=r"behavioral protocol 'aw2025'.*pearson"):
        reading_protocol("aw2025")
    with pytest.raises(UnknownNameError, match="'folds'"):
        reading_protocol("delta_llh+folds=3")
    for text in ("delta_llh+ahead=maybe", "delta_llh+ahead", "delta_llh+ahead=true+ahead=false"):
        with pytest.raises(BrainlakeError, match="ahead"):
            reading_protocol(text)


@pytest.mark.parametrize("name", [name for name, p in READING_PROTOCOLS.items() if p.method == "correlation"])
def test_correlations_have_no_covariates_to_choose(name):
    with pytest.raises(BrainlakeError, match="subwords"):
        reading_protocol(f"{name}+subwords=true")
