"""Which way to the logits is found for which architecture."""

import pytest

from brainlake.contract.recipe import parse_recipe
from brainlake_builder.models import runner as module
from brainlake_builder.models.loading import load_model
from brainlake_builder.models.runners import make_runner


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("gpt2", "linear"),
        ("gemma2", "linear, soft cap"),
        ("cohere", "linear, scaled"),
        ("granite", "linear, divided"),
        ("t5", "linear"),
        ("t5_tied", "scaled, linear"),
    ],
)
def test_the_head_of_an_architecture(name, head, model_folder):
    with make_runner(load_model(str(model_folder(name))), parse_recipe("document")) as runner:
        assert runner.head.name == head
        assert runner.head.error < 1e-4


@pytest.mark.parametrize("name", ["gemma2", "t5"])
def test_a_head_that_is_not_known_is_left_to_the_model(name, model_folder, monkeypatch, make_bank, make_stimuli):
    from brainlake_builder.extraction.extract import extract
    from brainlake_builder.extraction.request import ExtractionRequest
    from brainlake_builder.models import head

    bank = make_bank(words=make_stimuli("words", [["The", "boy", "cried", "wolf."]]))
    extract(ExtractionRequest(bank, [str(model_folder(name))], ["words"]))
    expected = open_surprisal(bank)
    monkeypatch.setattr(head, "_candidates", lambda network: iter(()))
    assert module.find_head is head.find_head
    extract(ExtractionRequest(bank, [str(model_folder(name))], ["words"], ["document+max_tokens=60"]))
    assert open_surprisal(bank, "document+max_tokens=60") == pytest.approx(expected, rel=1e-5)


def open_surprisal(bank, recipe="document"):
    from brainlake import open_bank

    return open_bank(bank).table("surprisal", recipe=recipe)["surprisal"].to_list()
