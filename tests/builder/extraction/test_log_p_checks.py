"""Log-probabilities against each pass alone and the model's own logits: a head that reads beside is found."""

import pytest

from brainlake.contract.recipe import parse_recipe
from brainlake_builder.extraction.log_p_checks import log_p_checks
from brainlake_builder.extraction.rounding import Rounding, feature_scale
from brainlake_builder.extraction.sample import run_alone, sample_of
from brainlake_builder.models.loading import load_model
from brainlake_builder.models.runners import make_runner
from brainlake_builder.text.contexts import read_stimuli
from brainlake_builder.text.documents import Stimuli

DOCUMENTS = [["The", "boy", "cried", "wolf", "and", "nobody", "came."], ["He", "walked", "down."]]


@pytest.fixture
def checked(model_folder, make_stimuli):
    def checks(change=lambda runner: None):
        model = load_model(str(model_folder("gpt2")))
        stimuli = Stimuli.from_table("words", make_stimuli("words", DOCUMENTS))
        with make_runner(model, parse_recipe("document+start=none+boundary=none")) as runner:
            passes = read_stimuli(stimuli, runner.encoder, runner.recipe, runner.limits).passes
            sample = sample_of(passes)
            alone = run_alone(runner, sample)
            rounding = Rounding.of(runner, sample, alone, feature_scale(alone[0].activations))
            change(runner)
            return {one["name"]: one for one in log_p_checks(runner, passes, rounding)}

    return checks


def test_what_is_right_passes(checked):
    found = checked()
    assert set(found) == {"batch_of_one_log_p", "logits"}
    assert all(one["passed"] and one["floor"] > 0 for one in found.values())


def test_probabilities_of_another_token_are_not_those_of_the_model(checked, monkeypatch):
    def beside(runner):
        real = runner.run

        def run(batch):
            result = real(batch)
            return type(result)(**vars(result) | {"log_p": result.log_p - 0.01})

        monkeypatch.setattr(runner, "run", run)

    found = checked(beside)
    assert found["batch_of_one_log_p"]["passed"]  # both are moved alike
    assert found["logits"]["value"] > 2 * found["logits"]["tolerance"]
