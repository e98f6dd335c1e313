"""Which runner a kind of model needs."""

import pytest

from brainlake.contract.recipe import parse_recipe
from brainlake_builder.models.decoder import DecoderOnly
from brainlake_builder.models.encoder import EncoderOnly
from brainlake_builder.models.encoder_decoder import EncoderDecoder
from brainlake_builder.models.loading import load_model
from brainlake_builder.models.runners import make_runner


@pytest.mark.parametrize(("name", "kind"), [("gpt2", DecoderOnly), ("bert", EncoderOnly), ("t5", EncoderDecoder)])
def test_a_runner_of_its_kind(name, kind, model_folder):
    model = load_model(str(model_folder(name)))
    runner = make_runner(model, parse_recipe("document+boundary=none"))
    assert type(runner) is kind
    assert runner.limits.causal is (name == "gpt2")
    silent = make_runner(model, parse_recipe("document"), surprisal=False)
    assert not silent.limits.scores
    assert silent.limits.infilling is None
