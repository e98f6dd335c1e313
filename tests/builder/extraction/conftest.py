"""What the tests of several checks read."""

import pytest

from brainlake.contract.recipe import parse_recipe
from brainlake_builder.models.loading import load_model
from brainlake_builder.models.runners import make_runner
from brainlake_builder.text.contexts import read_stimuli
from brainlake_builder.text.documents import Stimuli
from brainlake_builder.text.prompts import make_prompt


@pytest.fixture
def reader(model_folder, make_stimuli):
    """What reads documents with a model, by name, under a recipe: a runner not entered, stimuli, and their passes."""

    def of(documents):
        stimuli = Stimuli.from_table("words", make_stimuli("words", documents))

        def read(name, recipe):
            model = load_model(str(model_folder(name)))
            model.tokenizer.chat_template = "{{ bos_token }}[INST] {{ messages[0].content }} [/INST]"
            runner = make_runner(model, parse_recipe(recipe))
            prompt = make_prompt(runner.recipe.prompt, model.tokenizer) if runner.recipe.prompt else None
            return runner, stimuli, read_stimuli(stimuli, runner.encoder, runner.recipe, runner.limits, prompt)

        return read

    return of
