"""Which architectures have a ``post_attention_layernorm`` where LLaMA has it."""

import pytest
from torch import nn

from brainlake.errors import BrainlakeError
from brainlake_builder.models.paper_readout import AS_IN_LLAMA, ELSEWHERE, as_in_llama

NORM = "post_attention_layernorm"


def block(*names):
    return nn.ModuleDict({name: nn.Identity() for name in names})


@pytest.mark.parametrize("model_type", sorted(AS_IN_LLAMA))
def test_where_it_is_known_to_stand_as_in_llama(model_type):
    assert as_in_llama(block("mlp", NORM), model_type, NORM)


@pytest.mark.parametrize("model_type", sorted(ELSEWHERE))
def test_where_it_is_known_to_stand_elsewhere(model_type):
    assert not as_in_llama(block("mlp", NORM), model_type, NORM)


@pytest.mark.parametrize("model_type", ["gpt2", "llama", "new_model"])
def test_a_block_without_it_is_read_as_it_leaves(model_type):
    assert not as_in_llama(nn.ModuleDict({"mlp": block(NORM)}), model_type, NORM)


def test_a_name_alone_decides_nothing():
    with pytest.raises(BrainlakeError, match=r"not known for new_model: .* say readout=residual, or readout=" + NORM):
        as_in_llama(block(NORM), "new_model", NORM)


def test_no_architecture_is_in_both_lists():
    assert not AS_IN_LLAMA & ELSEWHERE.keys()
