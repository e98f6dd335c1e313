"""Self-checks look at the longest and the shortest pass that read something, each from the network as loaded."""

import numpy as np
import pytest

from brainlake.contract.recipe import parse_recipe
from brainlake_builder.extraction.sample import run_alone, sample_of
from brainlake_builder.models.loading import load_model
from brainlake_builder.models.runners import make_runner
from brainlake_builder.text.batching import pad
from brainlake_builder.text.contexts import read_stimuli
from brainlake_builder.text.documents import Stimuli

DOCUMENTS = [["He", "walked."], ["The", "boy", "cried", "wolf", "and", "nobody", "came."], ["A"]]


@pytest.fixture
def read(model_folder, make_stimuli):
    model = load_model(str(model_folder("gpt2")))
    stimuli = Stimuli.from_table("words", make_stimuli("words", DOCUMENTS))
    runner = make_runner(model, parse_recipe("document"))
    return runner, read_stimuli(stimuli, runner.encoder, runner.recipe, runner.limits).passes


def test_the_longest_and_the_shortest(read):
    _, passes = read
    longest, shortest = sample_of(passes)
    assert (len(longest), len(shortest)) == (max(map(len, passes)), min(map(len, passes)))


def test_each_is_run_by_itself_and_leaves_the_batching(read):
    runner, passes = read
    with runner:
        found = run_alone(runner, sample_of(passes))
        for one, result in zip(sample_of(passes), found, strict=True):
            np.testing.assert_array_equal(result.activations, runner.run(pad([one])).activations)
    assert runner.batching == "padded"


def test_a_network_that_a_pass_changes_gets_passes_of_one_width(read, monkeypatch):
    runner, passes = read
    with runner:
        monkeypatch.setattr(type(runner.as_loaded), "changed", lambda _: True)
        run_alone(runner, sample_of(passes))
    assert runner.batching == "one_width"
