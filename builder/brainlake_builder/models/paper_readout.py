"""Where Aw et al. (2023) read a network: ``post_attention_layernorm`` in LLaMA, what leaves a block elsewhere.

In LLaMA that module reads the residual stream behind the attention's addition and feeds the MLP. A module of the same
name stands elsewhere in other architectures, so that the name alone decides nothing.
"""

from typing import Final

from torch import nn

from brainlake.errors import BrainlakeError

AS_IN_LLAMA: Final = frozenset(
    (
        "arcee",
        "bitnet",
        "cwm",
        "deepseek_v2",
        "deepseek_v3",
        "diffllama",
        "dots1",
        "ernie4_5",
        "ernie4_5_moe",
        "exaone",
        "gemma",
        "glm",
        "glm4",
        "glm4_moe",
        "gpt_oss",
        "granite",
        "granitemoe",
        "granitemoehybrid",
        "granitemoeshared",
        "helium",
        "hunyuan_v1_dense",
        "hunyuan_v1_moe",
        "internlm3",
        "jetmoe",
        "llama",
        "llama4_text",
        "minicpm3",
        "ministral",
        "ministral3",
        "mistral",
        "mixtral",
        "nemotron",
        "olmo",
        "olmoe",
        "persimmon",
        "phi3",
        "phimoe",
        "qwen2",
        "qwen2_moe",
        "qwen2_vl_text",
        "qwen2_5_vl_text",
        "qwen3",
        "qwen3_5_text",
        "qwen3_moe",
        "qwen3_next",
        "qwen3_vl_text",
        "seed_oss",
        "smollm3",
        "solar_open",
        "stablelm",
        "starcoder2",
    )
)
"""Text models in which it reads the stream behind the attention's addition, as in LLaMA: the paper's readout."""

_ALONE: Final = "it norms what the attention alone gives, before the addition"
ELSEWHERE: Final = {
    "afmoe": _ALONE,
    "exaone4": _ALONE,
    "flex_olmo": _ALONE,
    "gemma2": _ALONE,
    "gemma3_text": _ALONE,
    "gemma4_text": _ALONE,
    "gemma4_unified_text": _ALONE,
    "olmo2": _ALONE,
    "olmo3": _ALONE,
    "olmo_hybrid": f"in its blocks of attention {_ALONE}",
    "gpt_neox": "attention and MLP read the same stream side by side",
    "minimax": "the addition weighs its two sides",
}
"""Text models in which it stands elsewhere, and where: what leaves a block is read instead."""


def as_in_llama(block: nn.Module, model_type: str, module: str) -> bool:
    """Whether a block's ``post_attention_layernorm``, or what a readout names in its place, stands as LLaMA's does.

    Raises
    ------
    BrainlakeError
        If the block has a module of that name, and where it stands is not known.
    """
    if module not in dict(block.named_children()) or model_type in ELSEWHERE:
        return False
    if model_type in AS_IN_LLAMA:
        return True
    raise BrainlakeError(
        f"the paper's readout is not known for {model_type}: its blocks have a {module}, which stands before the "
        f"addition in some architectures; say readout=residual, or readout={module}"
    )
