"""All rows of one benchmark: baselines first, every model beside them, and none that cannot be read."""

from types import SimpleNamespace

import numpy as np
import pytest

from brainlake import open_bank
from brainlake.alignment import recording_scores
from brainlake.alignment.candidates import benchmark_tree, candidates
from brainlake.alignment.design.features import Features, Layer
from brainlake.alignment.design.protocols import protocol_named
from brainlake.alignment.design.score_row import Identity
from brainlake.alignment.recording_scores import Run, _measured, recording_rows
from brainlake.alignment.scorers.layer_choice import Measure
from brainlake.errors import BrainlakeError, Failures
from hub.banks import add_model, values


def rows_of(bank, labels=None, **changes):
    bank = open_bank(bank)

    def watched(layers, label):
        if labels is not None:
            labels.append(label)
        return layers

    asked = {"baselines": ["length"], "layers": None, "n_boot": 0, "progress": watched, "failures": Failures()}
    run = Run(bank, protocol_named("grouped"), **asked | changes, by=(), n_permutations=0, threads=1)
    tree = benchmark_tree(bank, "toy.brain")
    return recording_rows(run, tree, candidates(tree, None, None))


def test_baselines_stand_first_and_progress_counts_the_models(own_bank):
    add_model(own_bank, "z", values(seed=1))
    labels = []
    rows = rows_of(own_bank, labels)
    names = list(dict.fromkeys(row.identity.model for row in rows))
    assert (names[0], names[-1], len(names)) == ("baseline:length", "z", 3)
    assert labels[0] == "baseline:length"
    assert [label.partition(" ")[2] for label in labels[1:]] == ["(1 of 2)", "(2 of 2)"]


def test_of_long_work_it_says_how_much_is_left(own_bank, monkeypatch):
    add_model(own_bank, "z", values(seed=1))
    clock = iter([0.0, 100.0])
    monkeypatch.setattr(recording_scores, "time", SimpleNamespace(perf_counter=lambda: next(clock)))
    labels = []
    rows_of(own_bank, labels)
    assert [label.partition(" ")[2] for label in labels[1:]] == ["(1 of 2)", "(2 of 2; 2 min left)"]


def test_what_models_explain_beyond_needs_baselines(own_bank):
    assert any(row.metric == "unique_r2" for row in rows_of(own_bank))
    assert not any(row.metric == "unique_r2" for row in rows_of(own_bank, baselines=[]))


def test_where_no_model_can_be_scored_nothing_is(own_bank):
    failures = Failures()
    with pytest.raises(BrainlakeError, match="layer"):
        rows_of(own_bank, failures=failures, layers=[99])
    assert list(failures.found)


@pytest.mark.parametrize("threads", [1, 3])
def test_widths_of_a_baseline_that_come_to_the_same_are_fitted_once(threads):
    values = [np.eye(4), np.eye(4), np.eye(4) * 2, np.eye(4) * 2, np.eye(4)]
    fitted = []

    class Scorer:
        def measure(self, _source, number, _layer):
            fitted.append(number)
            return Measure(number, [number])

    setting = SimpleNamespace(threads=threads, recording=None)
    for numbered, expected in ((False, [0, 2, 4]), (True, [0, 1, 2, 3, 4])):
        source = Features(Identity("baseline:oasm"), tuple(range(5)), lambda k: Layer(values[k]), numbered=numbered)
        found = [one for (one,) in _measured(source, source.layers, [Scorer()], setting)]
        assert [one.number for one in found] == [0, 1, 2, 3, 4]
        assert [one.rows for one in found] == [[k] for k in (expected if numbered else [0, 0, 2, 2, 4])]
        assert sorted(fitted) == expected
        fitted.clear()
