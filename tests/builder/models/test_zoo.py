"""The zoo: every row whole, every base there, and parameters that the architectures really have."""

import pytest
import torch
import transformers

from brainlake.errors import UnknownNameError
from brainlake_builder.models.zoo import Lineage, lineage_of, members, sources, zoo


def test_the_models_of_the_paper_are_all_there():
    assert len(members("aw2024")) == 25
    assert len(members("aw2024.gpt2")) == 8
    tuned = [model for model in members("aw2024") if model.tuning == "instruction"]
    assert len(tuned) == 17
    shared = sorted([model.base for model in tuned].count(base) for base in {model.base for model in tuned})
    assert shared == [1, 1, 2, 2, 2, 2, 2, 5]


def test_every_tuned_model_stands_beside_a_vanilla_one_of_its_set_and_shape():
    for model in zoo():
        assert (model.tuning == "vanilla") == (model.base is None), model.name
        if model.base:
            (base,) = (other for other in members(model.set) if other.source == model.base)
            assert base.tuning == "vanilla"
            shapes = [(one.family, one.n_params, one.n_layers, one.width) for one in (model, base)]
            assert shapes[0] == shapes[1], model.name


def test_every_row_says_what_is_known_of_its_licence():
    unknown = {"not stated": 2, "not known": 1}
    licences = [model.licence for model in zoo()]
    assert all(licences)
    assert {word: licences.count(word) for word in unknown} == unknown


def test_no_row_stands_twice():
    assert len({(model.set, model.name) for model in zoo()}) == len({model.source for model in zoo()}) == len(zoo())


def test_sets_are_named_among_models_and_a_misspelt_one_gets_a_suggestion():
    assert sources(["zoo:gemma3", "a/b", "google/gemma-3-1b-it"]) == (
        "google/gemma-3-1b-pt",
        "google/gemma-3-1b-it",
        "a/b",
    )
    assert sources(["zoo:olmo2.steps"])[1] == "allenai/OLMo-2-0425-1B@stage1-step300-tokens1B"
    with pytest.raises(UnknownNameError, match=r"unknown set of the zoo 'aw204' \(did you mean 'aw2024'\?\)"):
        sources(["zoo:aw204"])


def test_what_is_known_of_a_model_is_looked_up():
    pair = Lineage("instruction", "HuggingFaceTB--SmolLM2-135M")
    assert lineage_of("HuggingFaceTB/SmolLM2-135M-Instruct", "main") == pair
    checkpoint = lineage_of("allenai/OLMo-2-0425-1B", "stage1-step300-tokens1B")
    assert checkpoint == Lineage("vanilla", None, 300)
    for revision, step in (("step1000", 1000), ("stage1-step5-tokens1B", 5), ("stage2-step5", None), ("v1", None)):
        assert lineage_of("a/b", revision) == Lineage(training_step=step)


def test_what_is_said_goes_before_what_is_known():
    said = Lineage("control", None, 0)
    assert said.otherwise(Lineage("instruction", "b", 7)) == Lineage("control", "b", 0)


def llama(vocab, width, inner, layers, heads, keys, tied):
    return transformers.LlamaConfig(
        vocab_size=vocab,
        hidden_size=width,
        intermediate_size=inner,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=keys,
        tie_word_embeddings=tied,
    )


def qwen3(width, inner, layers):
    sizes = {"hidden_size": width, "intermediate_size": inner, "num_hidden_layers": layers}
    heads = {"num_attention_heads": 16, "num_key_value_heads": 8, "head_dim": 128}
    return transformers.Qwen3Config(vocab_size=151936, **sizes, **heads, tie_word_embeddings=True)


def olmo2(width, inner, layers):
    sizes = {"hidden_size": width, "intermediate_size": inner, "num_hidden_layers": layers}
    heads = {"num_attention_heads": layers, "num_key_value_heads": layers}
    return transformers.Olmo2Config(vocab_size=100352, **sizes, **heads, tie_word_embeddings=False)


SHAPES = {
    "llama-7b": llama(32000, 4096, 11008, 32, 32, 32, False),
    "llama-13b": llama(32000, 5120, 13824, 40, 40, 40, False),
    "smollm2-135m": llama(49152, 576, 1536, 30, 9, 3, True),
    "smollm2-360m": llama(49152, 960, 2560, 32, 15, 5, True),
    "llama-3.2-1b": llama(128256, 2048, 8192, 16, 32, 8, True),
    "qwen3-0.6b-base": qwen3(1024, 3072, 28),
    "olmo-2-0425-1b": olmo2(2048, 8192, 16),
    "gpt2-small": transformers.GPT2Config(),
    "gpt2-xl": transformers.GPT2Config(n_embd=1600, n_layer=48, n_head=25),
}


@pytest.mark.parametrize("name", SHAPES)
def test_the_architecture_has_the_parameters_that_the_row_says(name):
    (model,) = (one for one in zoo() if one.name == name)
    config = SHAPES[name]
    with torch.device("meta"):
        network = transformers.AutoModelForCausalLM.from_config(config)
    found = (
        type(network).__name__,
        config.model_type,
        sum(parameter.numel() for parameter in network.parameters()),
        config.num_hidden_layers,
        config.hidden_size,
    )
    assert found == (model.architecture, model.family, model.n_params, model.n_layers, model.width)
