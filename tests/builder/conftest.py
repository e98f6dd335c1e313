"""Tokenizers and models made on the fly: small, random, and built like the real ones."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import torch
import transformers
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from brainlake.bank.manifest import rebuild_manifest
from brainlake.contract.schema import TABLES
from brainlake_builder.tables.writer import write_table

TEXT = [
    "The boy cried wolf, and nobody came; the sheep ran away over the hill.",
    "A clear and joyous day it was, and out on the wide open sea the ship sailed on.",
    "Don't you think that the king's daughter, who was the fairest of all, said: why not?",
    "He walked and walked until the sun was down. Then the wolf came to the door of the house.",
    "Fünf Übermütige élan naïve 3.14 (see page 7)!",
]


def byte_level() -> Tokenizer:
    """As GPT-2's."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        TEXT * 4,
        trainers.BpeTrainer(vocab_size=400, special_tokens=["<|end|>"], initial_alphabet=alphabet, show_progress=False),
    )
    return tokenizer


def metaspace() -> Tokenizer:
    """As LLaMA's: no pre-tokenizer, a space before the text, bytes for unknown characters, a start token."""
    learned = Tokenizer(models.BPE())
    learned.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    learned.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    learned.train_from_iterator(TEXT[:4] * 4, trainers.BpeTrainer(vocab_size=180, show_progress=False))
    model = json.loads(learned.to_str())["model"]
    surfaces = ["<unk>", "<s>", "</s>", *(f"<0x{k:02X}>" for k in range(256)), *model["vocab"]]
    vocabulary = {surface: k for k, surface in enumerate(surfaces)}
    merges = [tuple(merge) for merge in model["merges"]]
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = learned.normalizer
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return tokenizer


def unigram() -> Tokenizer:
    """As T5's: Unigram over words, white space folded, ``</s>`` behind every text."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Replace(Regex(" {2,}"), " ")
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    sentinels = [f"<extra_id_{k}>" for k in range(3)]
    trainer = trainers.UnigramTrainer(
        vocab_size=160,
        special_tokens=["<pad>", "</s>", "<unk>", *sentinels],
        unk_token="<unk>",
        show_progress=False,
    )
    tokenizer.train_from_iterator(TEXT * 4, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return tokenizer


def wordpiece() -> Tokenizer:
    """As BERT's: lower case, no trace of spaces, ``[CLS]`` and ``[SEP]`` around every text."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trainer = trainers.WordPieceTrainer(vocab_size=200, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator(TEXT * 4, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return tokenizer


def wrap(tokenizer: Tokenizer, **special: Any) -> PreTrainedTokenizerFast:
    """As ``transformers`` loads it."""
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special)


TOKENIZERS = {
    "byte_level": lambda: wrap(byte_level(), bos_token="<|end|>", eos_token="<|end|>"),
    "metaspace": lambda: wrap(metaspace(), bos_token="<s>", eos_token="</s>", unk_token="<unk>"),
    "unigram": lambda: wrap(unigram(), eos_token="</s>", unk_token="<unk>", pad_token="<pad>", model_max_length=64),
    "wordpiece": lambda: wrap(wordpiece(), cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]"),
}


@pytest.fixture(scope="session")
def tokenizers() -> dict[str, PreTrainedTokenizerFast]:
    """One tokenizer of each family."""
    return {name: make() for name, make in TOKENIZERS.items()}


@dataclass(frozen=True)
class Architecture:
    """How a small model is built, and where a naive reader finds its blocks."""

    config: str
    tokenizer: str
    blocks: str
    options: dict[str, Any]


_ROTARY = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "max_position_embeddings": 64,
}
_T5 = {"d_model": 32, "d_kv": 8, "d_ff": 48, "num_layers": 2, "num_decoder_layers": 3, "num_heads": 4}
_T5 |= {"feed_forward_proj": "gated-gelu", "tie_word_embeddings": False, "decoder_start_token_id": 0, "eos_token_id": 1}
_BERT = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 3, "num_attention_heads": 4}

ARCHITECTURES = {
    "gpt2": Architecture(
        "GPT2Config", "byte_level", "transformer.h", {"n_embd": 32, "n_layer": 3, "n_head": 4, "n_positions": 64}
    ),
    "gpt_neox": Architecture(
        "GPTNeoXConfig",
        "byte_level",
        "gpt_neox.layers",
        {k: v for k, v in _ROTARY.items() if k not in ("num_key_value_heads", "head_dim")},
    ),
    "opt": Architecture(
        "OPTConfig",
        "byte_level",
        "model.decoder.layers",
        {
            "hidden_size": 32,
            "ffn_dim": 48,
            "num_hidden_layers": 3,
            "num_attention_heads": 4,
            "max_position_embeddings": 64,
            "word_embed_proj_dim": 24,
        },
    ),
    "bloom": Architecture(
        "BloomConfig", "byte_level", "transformer.h", {"hidden_size": 32, "n_layer": 3, "n_head": 4, "seq_length": 64}
    ),
    "mpt": Architecture(
        "MptConfig", "byte_level", "transformer.blocks", {"d_model": 32, "n_layers": 3, "n_heads": 4, "max_seq_len": 64}
    ),
    "llama": Architecture("LlamaConfig", "metaspace", "model.layers", _ROTARY),
    "mistral": Architecture("MistralConfig", "metaspace", "model.layers", _ROTARY | {"sliding_window": 8}),
    "gemma": Architecture("GemmaConfig", "metaspace", "model.layers", _ROTARY),
    "gemma2": Architecture("Gemma2Config", "metaspace", "model.layers", _ROTARY | {"sliding_window": 8}),
    "qwen2": Architecture("Qwen2Config", "byte_level", "model.layers", _ROTARY),
    "cohere": Architecture("CohereConfig", "byte_level", "model.layers", _ROTARY | {"logit_scale": 0.5}),
    "granite": Architecture("GraniteConfig", "byte_level", "model.layers", _ROTARY | {"logits_scaling": 3.0}),
    "t5": Architecture("T5Config", "unigram", "encoder.block", _T5),
    "t5_tied": Architecture("T5Config", "unigram", "encoder.block", _T5 | {"tie_word_embeddings": True}),
    "bert": Architecture("BertConfig", "wordpiece", "bert.encoder.layer", _BERT | {"max_position_embeddings": 64}),
}
DECODERS = [name for name in ARCHITECTURES if name not in ("t5", "t5_tied", "bert")]
LOADERS = {"t5": "AutoModelForSeq2SeqLM", "t5_tied": "AutoModelForSeq2SeqLM", "bert": "AutoModelForMaskedLM"}


def save_model(name: str, folder: Path, seed: int = 0) -> Path:
    """Save a random model whose context matters: weights of unit scale, not of 0.02."""
    architecture = ARCHITECTURES[name]
    tokenizer = TOKENIZERS[architecture.tokenizer]()
    config = getattr(transformers, architecture.config)(
        vocab_size=len(tokenizer),
        bos_token_id=tokenizer.bos_token_id,
        pad_token_id=0,
        **{"eos_token_id": tokenizer.eos_token_id} | architecture.options,
    )
    torch.manual_seed(seed)
    model = getattr(transformers, LOADERS.get(name, "AutoModelForCausalLM")).from_config(config)
    for parameter in model.parameters():
        if parameter.ndim == 2:
            torch.nn.init.normal_(parameter, std=parameter.shape[-1] ** -0.5)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory):
    """Folder of a small random model, by name."""
    root = tmp_path_factory.mktemp("models")

    def folder(name: str) -> Path:
        return root / name if (root / name).exists() else save_model(name, root / name)

    return folder


def stimuli_table(name: str, documents: list[list[str]], separator: str = " ", contexts: list[str] | None = None):
    """A ``stimuli`` table of documents, each a list of texts."""
    rows = [
        {
            "stimulus_set": name,
            "stimulus_id": f"{d}.{k}",
            "document_id": f"d{d}",
            "separator": separator if k else "",
            "context_id": contexts[d] if contexts else f"d{d}",
            "text": text,
        }
        for d, document in enumerate(documents)
        for k, text in enumerate(document)
    ]
    rows = [row | {"position": i} for i, row in enumerate(rows)]
    return pa.Table.from_pylist(rows, schema=TABLES["stimuli"])


@pytest.fixture
def make_bank(tmp_path):
    """A bank with stimulus sets, given as tables by name."""

    def make(**sets: pa.Table) -> Path:
        bank = tmp_path / "bank"
        for name, table in sets.items():
            write_table(bank, "stimuli", name, table)
        rebuild_manifest(bank)
        return bank

    return make


@pytest.fixture(scope="session")
def make_stimuli():
    """Makes a ``stimuli`` table."""
    return stimuli_table
