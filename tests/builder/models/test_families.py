"""Families and settings that a pass may treat in ways of its own, against a plain pass a text by a fresh network.

Weights are drawn with a gain, or attention is nearly uniform and hides faults of masks and positions. Texts have 20
to 300 tokens, windows of attention 8 and 16, and ``longrope`` changes its factors behind 64.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
import transformers

from brainlake import open_bank
from brainlake.errors import BrainlakeError
from brainlake_builder.extraction.extract import extract
from brainlake_builder.extraction.request import ExtractionRequest

from ..conftest import TOKENIZERS

TEXT = "The boy cried wolf, and nobody came; the sheep ran away over the hill. Don't you think so? He walked on."
GPT = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 3, "num_attention_heads": 4}
GPT |= {"num_key_value_heads": 2, "max_position_embeddings": 512}
HEADS = GPT | {"head_dim": 8}
BERT = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 3, "num_attention_heads": 4}
ROBERTA = BERT | {"max_position_embeddings": 130, "pad_token_id": 1}
LONGROPE = {
    "rope_type": "longrope",
    "rope_theta": 1e4,
    "short_factor": [1.0, 1.5, 2.0, 3.0],
    "long_factor": [4.0, 6.0, 8.0, 9.0],
    "factor": 8.0,
    "original_max_position_embeddings": 64,
}
T5 = {"d_model": 32, "d_kv": 8, "d_ff": 48, "num_layers": 2, "num_decoder_layers": 2, "num_heads": 4}
T5 |= {"decoder_start_token_id": 0, "tie_word_embeddings": False}
MAMBA = {"hidden_size": 32, "num_hidden_layers": 3}
VISION = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2}


@dataclass(frozen=True)
class Family:
    """A configuration, its tokenizer, and which passes may run together."""

    config: str
    tokenizer: str
    options: dict[str, Any]
    batching: str = "padded"


LLAMA4 = HEADS | {"num_local_experts": 2, "intermediate_size_mlp": 48, "attention_chunk_size": 16, "pad_token_id": 0}
SLIDING = {"sliding_window": 16, "layer_types": ["sliding_attention", "full_attention", "sliding_attention"]}
FAMILIES = {
    "longrope": Family(
        "Phi3Config",
        "metaspace",
        HEADS | {"rope_parameters": LONGROPE, "original_max_position_embeddings": 64},
        "one_width",
    ),
    "mistral": Family("MistralConfig", "metaspace", HEADS | {"sliding_window": 8}),
    "gemma3_text": Family("Gemma3TextConfig", "metaspace", HEADS | SLIDING),
    "olmo2": Family("Olmo2Config", "byte_level", GPT),
    "gpt_oss": Family("GptOssConfig", "byte_level", HEADS | {"num_local_experts": 4, "sliding_window": 8}),
    "llama4_text": Family("Llama4TextConfig", "byte_level", LLAMA4),
    "mamba": Family("MambaConfig", "byte_level", MAMBA | {"state_size": 4}),
    "mamba2": Family(
        "Mamba2Config",
        "byte_level",
        MAMBA | {"state_size": 8, "num_heads": 8, "head_dim": 8, "n_groups": 1, "chunk_size": 16},
    ),
    "rwkv": Family("RwkvConfig", "byte_level", MAMBA | {"num_hidden_layers": 8, "attention_hidden_size": 32}),
    "recurrent_gemma": Family(
        "RecurrentGemmaConfig",
        "metaspace",
        MAMBA | {"intermediate_size": 48, "num_attention_heads": 4, "lru_width": 32, "attention_window_size": 16},
        "one_width",
    ),
    "openai-gpt": Family("OpenAIGPTConfig", "byte_level", {"n_embd": 32, "n_layer": 3, "n_head": 4}),
    "roberta_decoder": Family("RobertaConfig", "byte_level", ROBERTA | {"is_decoder": True}),
    "gemma3": Family(
        "Gemma3Config", "metaspace", {"text_config": HEADS | SLIDING, "vision_config": VISION | {"image_size": 28}}
    ),
    "llama4": Family(
        "Llama4Config",
        "byte_level",
        {
            "text_config": LLAMA4,
            "vision_config": VISION
            | {"image_size": 28, "vision_output_dim": 16, "projector_input_dim": 16}
            | {"projector_output_dim": 16, "intermediate_size": 64},
        },
    ),
    "qwen2_vl": Family(
        "Qwen2VLConfig",
        "byte_level",
        {
            "text_config": GPT | {"rope_parameters": {"rope_type": "default", "mrope_section": [1, 1, 2]}},
            "vision_config": {"embed_dim": 16, "hidden_size": 32, "depth": 3, "num_heads": 2},
        },
    ),
    "big_bird": Family("BigBirdConfig", "wordpiece", BERT | {"block_size": 8, "num_random_blocks": 1}, "one_width"),
    "longformer": Family("LongformerConfig", "wordpiece", BERT | {"attention_window": 16, "pad_token_id": 0}),
    "fnet": Family("FNetConfig", "wordpiece", BERT, "one_width"),
    "mpnet": Family("MPNetConfig", "wordpiece", ROBERTA),
    "xlm-roberta-xl": Family("XLMRobertaXLConfig", "wordpiece", ROBERTA),
    "data2vec-text": Family("Data2VecTextConfig", "wordpiece", ROBERTA),
    "xglm": Family(
        "XGLMConfig",
        "byte_level",
        {"d_model": 32, "ffn_dim": 48, "num_layers": 3, "attention_heads": 4, "max_position_embeddings": 512},
    ),
    "t5gemma": Family("T5GemmaConfig", "metaspace", {"encoder": HEADS | SLIDING, "decoder": HEADS | SLIDING}),
    "longt5": Family("LongT5Config", "unigram", T5 | {"local_radius": 7}),
    "bart": Family(
        "BartConfig",
        "byte_level",
        {"d_model": 32, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 4}
        | {"decoder_attention_heads": 4, "encoder_ffn_dim": 48, "decoder_ffn_dim": 48, "pad_token_id": 0},
    ),
}
WINDOWS = {"roberta_decoder": 128, "mpnet": 128, "xlm-roberta-xl": 128, "data2vec-text": 128}


def loader(config: Any) -> Any:
    """The class that loads a network with its head."""
    mappings = transformers.models.auto.modeling_auto
    if config.is_encoder_decoder:
        return transformers.AutoModelForSeq2SeqLM
    if config.model_type in mappings.MODEL_FOR_MASKED_LM_MAPPING_NAMES and not getattr(config, "is_decoder", False):
        return transformers.AutoModelForMaskedLM
    if config.model_type in mappings.MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES:
        return transformers.AutoModelForImageTextToText
    return transformers.AutoModelForCausalLM


def save(family: Family, folder: Any) -> Any:
    """Save a network of that family with weights that make context matter; its loader."""
    tokenizer = TOKENIZERS[family.tokenizer]()
    tokenizer.model_max_length = 512
    special = {"vocab_size": len(tokenizer), "bos_token_id": tokenizer.bos_token_id, "pad_token_id": 0}
    special |= {"eos_token_id": tokenizer.eos_token_id}
    options = family.options
    if "text_config" in options:
        options = options | {"text_config": special | options["text_config"]}
        special = {}
    config = getattr(transformers, family.config)(**special | options)
    torch.manual_seed(0)
    network = loader(config).from_config(config)
    for name, parameter in network.named_parameters():
        if parameter.ndim in (2, 3) and "A_log" not in name:
            torch.nn.init.normal_(parameter, std=parameter.shape[1 - parameter.ndim] ** -0.5)
    network.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return loader(config)


def documents(causal: bool) -> list[list[str]]:
    """Texts of some 20 to 300 tokens; of sentences where each costs a pass of its own."""
    words, rng = TEXT.split(), np.random.default_rng(0)
    drawn = [[words[k] for k in rng.integers(len(words), size=n)] for n in (8, 90, 30, 50)]
    if causal:
        return drawn
    return [[" ".join(text[k : k + 12]) for k in range(0, len(text), 12)] for text in drawn[:3]]


def plain(folder: Any, auto: Any, modules: list[str], words: list[str], opening: list[int], closing: list[int]) -> Any:
    """States of the last token of each word, shape (n_layers, n, d), and surprisal in bits, by a fresh network."""
    network = auto.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    text = " ".join(words)
    fed = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    ids = torch.tensor([[*opening, *fed["input_ids"], *closing]])
    states: dict[int, torch.Tensor] = {}
    for k, name in enumerate(modules):
        module = network.get_submodule(name.removeprefix("input of "))
        if name.startswith("input of "):
            module.register_forward_pre_hook(
                lambda _, args, kwargs, k=k: states.update({k: args[0] if args else kwargs["hidden_states"]}),
                with_kwargs=True,
            )
        else:
            module.register_forward_hook(
                lambda _, __, out, k=k: states.update({k: out[0] if isinstance(out, tuple | list) else out})
            )
    more = {"decoder_input_ids": torch.zeros(1, 1, dtype=torch.int64)} if network.config.is_encoder_decoder else {}
    # Llama 4's wrapper cannot be called without pictures (transformers 5.24): it asks for an output that is not there.
    whole = network.language_model if network.config.model_type == "llama4" else network
    with torch.inference_mode():
        output = whole(input_ids=ids, **more)
    ends = np.cumsum([len(word) + 1 for word in words]) - 1
    offsets = [(a, b) for a, b in fed["offset_mapping"]]
    last = [max(j for j, (a, b) in enumerate(offsets) if text[a:b].strip() and a < end) for end in ends]
    rows = torch.stack([states[k][0] for k in range(len(modules))])[:, [len(opening) + j for j in last]]
    if opening == [] or closing or network.config.is_encoder_decoder:
        return rows.numpy(), None
    log_p = output.logits[0].double().log_softmax(-1)
    token = [-float(log_p[j - 1, ids[0, j]]) / math.log(2) for j in range(1, ids.shape[1])]
    starts = [0, *(j + 1 for j in last[:-1])]
    return rows.numpy(), [sum(token[a : b + 1]) for a, b in zip(starts, last, strict=True)]


@pytest.mark.parametrize("name", FAMILIES)
def test_a_plain_pass_a_text(name, tmp_path, make_bank, make_stimuli):
    family = FAMILIES[name]
    auto = save(family, tmp_path / name)
    causal = auto in (transformers.AutoModelForCausalLM, transformers.AutoModelForImageTextToText)
    texts = documents(causal)
    bank = make_bank(words=make_stimuli("words", texts))
    recipe = "document" if causal else "document+boundary=none"
    written = extract(ExtractionRequest(bank, [str(tmp_path / name)], ["words"], [recipe]))
    if name in WINDOWS:
        assert f'"window": {WINDOWS[name]}' in written[0].details
    assert f'"batching": "{family.batching}"' in written[0].details
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path / name)
    bare, full = tokenizer("a", add_special_tokens=False)["input_ids"], tokenizer("a")["input_ids"]
    around = (
        ([tokenizer.bos_token_id], []) if causal else (full[: full.index(bare[0])], full[full.index(bare[-1]) + 1 :])
    )
    modules = [entry["module"] for entry in written[0].layers]
    window = WINDOWS.get(name, 10**6)
    found, units = open_bank(bank), []
    for text in texts:
        units += [text] if causal else [text[: k + 1] for k in range(len(text))]
    rows, bits, kept, place = [], [], [], 0
    for unit in units:
        fits = len(tokenizer(" ".join(unit))["input_ids"]) + len(around[0]) <= window
        if fits:
            states, surprisal = plain(tmp_path / name, auto, modules, unit, *around)
            rows.append(states if causal else states[:, -1:])
            bits += surprisal or []
        n = len(unit) if causal else 1
        kept += [fits] * n
        place += n
    expected = np.concatenate(rows, axis=1)
    for k, entry in enumerate(written[0].layers):
        values = found.activations(name, "words", entry["layer"], recipe).values[np.array(kept)]
        assert np.abs(values - expected[k]).max() <= 2e-4 * np.sqrt((expected[k] ** 2).mean())
    if causal:
        surprisal = found.table("surprisal")["surprisal_tokens"].to_numpy()[np.array(kept)]
        np.testing.assert_allclose(surprisal, bits, atol=5e-4)


@pytest.mark.parametrize(
    ("config", "options", "reason"),
    [
        ("XLNetConfig", {"d_model": 32, "n_layer": 3, "n_head": 4}, "permuted orders"),
        ("ReformerConfig", {}, "hashes tokens at random"),
        ("SqueezeBertConfig", {}, "features before tokens"),
        ("ProphetNetConfig", {}, "several tokens at once"),
        ("PaliGemmaConfig", {}, "in both directions"),
    ],
)
def test_what_is_not_read_from_left_to_right_is_refused(
    config, options, reason, tmp_path, make_bank, make_stimuli, model_folder
):
    """In one sentence, and the model behind it is extracted all the same."""
    getattr(transformers, config)(**options).save_pretrained(tmp_path / "odd")
    bank = make_bank(words=make_stimuli("words", [["The", "boy"]]))
    with pytest.raises(BrainlakeError, match=reason):
        extract(ExtractionRequest(bank, [str(tmp_path / "odd"), str(model_folder("gpt2"))], ["words"]))
    assert list(bank.glob("activations/gpt2/words/*.parquet"))


@pytest.mark.parametrize(
    ("name", "readout"), [("olmo2", ""), ("exaone4", ""), ("llama", ".post_attention_layernorm"), ("gpt_neox", "")]
)
def test_the_paper_reads_the_stream_behind_the_attention(name, readout, tmp_path, make_bank, make_stimuli):
    """By where the module stands in the graph: in LLaMA, what it reads is not what the attention alone gives."""
    options = {k: v for k, v in GPT.items() if name != "gpt_neox" or k != "num_key_value_heads"}
    config = {"olmo2": "Olmo2Config", "exaone4": "Exaone4Config", "llama": "LlamaConfig", "gpt_neox": "GPTNeoXConfig"}
    auto = save(Family(config[name], "byte_level", options), tmp_path / name)
    bank = make_bank(words=make_stimuli("words", [["The", "boy"]]))
    written = extract(ExtractionRequest(bank, [str(tmp_path / name)], ["words"], ["aw2024"]))
    assert written[0].layers[0]["module"].endswith(f"layers.0{readout}")
    network = auto.from_pretrained(tmp_path / name).eval()
    block = network.get_submodule(written[0].layers[0]["module"].removesuffix(readout))
    seen: dict[str, torch.Tensor] = {}
    attention = getattr(block, "self_attn", None) or block.attention
    attention.register_forward_hook(lambda _, __, out: seen.update(alone=out[0]))
    block.post_attention_layernorm.register_forward_pre_hook(lambda _, args: seen.update(read=args[0]))
    block.register_forward_pre_hook(lambda _, args: seen.update(stream=args[0]))
    network(input_ids=torch.tensor([[3, 4, 5]]))
    behind = torch.allclose(seen["read"], seen["stream"] + seen["alone"], atol=1e-6)
    assert behind == bool(readout)
