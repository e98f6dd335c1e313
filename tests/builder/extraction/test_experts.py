"""Of experts a token meets as many as it is sent to, of everything else all."""

from types import SimpleNamespace

import pytest
import torch
import transformers
from torch import nn

from brainlake_builder.extraction.experts import weights_a_token
from brainlake_builder.models.blocks import find_stacks

SMALL = {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2, "vocab_size": 50}
GLM = {"num_attention_heads": 2, "n_routed_experts": 6, "moe_intermediate_size": 8, "n_shared_experts": 1}


@pytest.mark.parametrize(
    ("config", "options", "chosen", "experts", "one"),
    [
        ("MixtralConfig", {"num_local_experts": 5, "num_experts_per_tok": 2}, 2, 2 * 5, 3 * 16 * 24),
        ("OlmoeConfig", {"num_experts": 8, "num_experts_per_tok": 3}, 3, 2 * 8, 3 * 16 * 24),
        ("Glm4MoeConfig", GLM | {"first_k_dense_replace": 1, "num_experts_per_tok": 2}, 2, 6, 3 * 16 * 8),
        ("GraniteMoeConfig", {"num_local_experts": 4, "num_experts_per_tok": 1}, 1, 2 * 4, 3 * 16 * 24),
        ("LlamaConfig", {}, 1, 0, 0),
    ],
)
def test_what_is_left_out_are_the_experts_that_a_token_does_not_meet(config, options, chosen, experts, one):
    made = getattr(transformers, config)(**SMALL | options)
    with torch.device("meta"):
        network = transformers.AutoModelForCausalLM.from_config(made)
    ((_, blocks),) = find_stacks(network, "decoder")
    every = sum(weight.numel() for weight in blocks.parameters())
    there = next((options[k] for k in ("num_local_experts", "num_experts", "n_routed_experts") if k in options), 1)
    assert weights_a_token(blocks, made) == pytest.approx(every - experts * one * (1 - chosen / there))


def test_what_a_configuration_does_not_say_is_counted_whole():
    blocks = nn.ModuleDict({"experts": nn.ModuleList([nn.Linear(3, 3) for _ in range(4)])})
    assert weights_a_token(blocks, SimpleNamespace(num_experts=4)) == 48
    assert weights_a_token(blocks, SimpleNamespace(num_experts=4, moe_topk=[1, 3])) == 24
    assert weights_a_token(blocks, SimpleNamespace(num_experts=4, num_experts_per_tok=9)) == 48
