"""Protocols by name: their variants, one name for equals, and which ceilings a variant keeps."""

import pytest

from brainlake import BrainlakeError, UnknownNameError
from brainlake.alignment.baselines import BASELINES
from brainlake.alignment.design.protocols import PROTOCOLS, protocol_named


def test_a_variant_changes_what_it_names_and_nothing_else():
    five, plain = protocol_named("grouped+folds=5"), PROTOCOLS["grouped"]
    assert (five.folds.number, five.folds.kind, five.folds.gap) == (5, plain.folds.kind, plain.folds.gap)
    assert five.beside == plain.beside
    assert protocol_named("cka+debiased=true").debiased


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("grouped+penalty=target+inner=gcv", "grouped+inner=gcv+penalty=target"),
        ("grouped+inner=gcv+penalty=target", "grouped+inner=gcv+penalty=target"),
        ("grouped+penalty=layer", "grouped"),
        ("grouped+folds=005", "grouped+folds=5"),
        ("cka+debiased=false", "cka"),
        ("grouped+criterion=squared_error", "grouped"),
        ("rsa+dissimilarity=cosine+comparison=kendall", "rsa+comparison=kendall+dissimilarity=cosine"),
    ],
)
def test_equals_have_one_name(text, name):
    assert protocol_named(text).name == name
    assert protocol_named(name) == protocol_named(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nope", "unknown protocol 'nope'; there is: aw2024, cka, grouped, rsa"),
        ("grouped+nope=1", "field 'nope'; there is: criterion, folds, inner, penalty"),
        ("rsa+debiased=true", "field 'debiased'; there is: comparison, dissimilarity"),
    ],
)
def test_unknown_names(text, message):
    with pytest.raises(UnknownNameError, match=message):
        protocol_named(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("grouped+penalty=nope", "penalty is one of layer, target, not 'nope'"),
        ("grouped+penalty=targt", r"not 'targt' \(did you mean 'target'\?\)"),
        ("grouped+penalty", "field=value"),
        ("grouped+folds=5+folds=5", "folds is given twice"),
        ("grouped+folds=0", "folds is a positive number, not '0'"),
        ("grouped+inner=gcv+criterion=correlation", "gcv has no correlation; use inner=folds"),
        ("grouped+folds=2", "2 folds; strictly nested choices leave two out, so 3 are needed"),
    ],
)
def test_what_is_refused(text, message):
    with pytest.raises(BrainlakeError, match=message):
        protocol_named(text)


def test_a_variant_keeps_the_ceilings_that_do_not_depend_on_it():
    kept = {text: protocol_named(text).ceilings for text in ("grouped+penalty=target", "grouped+folds=5+inner=gcv")}
    assert kept == {"grouped+penalty=target": "grouped", "grouped+folds=5+inner=gcv": "grouped+folds=5"}


def test_every_default_baseline_exists():
    assert all(name in BASELINES for protocol in PROTOCOLS.values() for name in protocol.baselines)
