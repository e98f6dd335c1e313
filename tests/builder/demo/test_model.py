import math
import os
import re
from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from brainlake_builder.demo.corpus import exclude, hold_out, split_books, windows
from brainlake_builder.demo.stimuli import sentences, story_words
from brainlake_builder.demo.train import batch_loss

FOLDER = Path(str(files("brainlake_builder.demo") / "model"))

# Written for this test: neither the training text nor the stimuli contain it.
HELD_OUT = (
    "When the carriage had gone, the old woman shut the gate and walked slowly back to the house. "
    "She did not look behind her. The lamp was still burning in the window, and upon the table lay the glove "
    'which the girl had left. "She will come for it," said her brother. "No," she answered, "she left it so '
    'that we should not forget her," and she put it away in the drawer with the candles.'
)


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return AutoTokenizer.from_pretrained(FOLDER)


@pytest.fixture(scope="module")
def model() -> Any:
    return AutoModelForCausalLM.from_pretrained(FOLDER, dtype=torch.float32).eval()


def nats(model: Any, tokenizer: Any, text: str) -> tuple[float, int]:
    """Total nats and number of tokens of a text after the beginning-of-sequence token."""
    ids = torch.tensor([tokenizer(text).input_ids])
    with torch.inference_mode():
        loss = model(ids, labels=ids).loss.item()
    return loss * (ids.shape[1] - 1), ids.shape[1] - 1


def test_folder_is_small_and_holds_what_loading_needs() -> None:
    names = {path.name for path in FOLDER.iterdir()}
    assert names == {
        "README.md",
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    }
    demo = FOLDER.parent
    assert sum(p.stat().st_size for p in demo.rglob("*") if p.is_file() and "__pycache__" not in p.parts) < 3e6


def test_shape(model: Any, tokenizer: Any) -> None:
    assert 0.7e6 < sum(p.numel() for p in model.parameters()) < 0.9e6
    assert (model.config.num_hidden_layers, model.config.hidden_size, model.config.vocab_size) == (
        3,
        128,
        2048,
    )
    assert len(tokenizer) == 2048
    assert tokenizer.model_max_length == model.config.max_position_embeddings == 512


def test_tokenizer_begins_with_bos_and_is_lossless(tokenizer: Any) -> None:
    text = 'He said, "Élan, naïveté & 42 %!"  Twice.'
    ids = tokenizer(text).input_ids
    assert ids[0] == tokenizer.bos_token_id
    assert tokenizer.bos_token_id not in ids[1:]
    assert tokenizer.decode(ids[1:], clean_up_tokenization_spaces=False) == text
    assert tokenizer(text, add_special_tokens=False).input_ids == ids[1:]


def test_every_demo_document_fits_the_context(tokenizer: Any) -> None:
    for table in (sentences(), story_words()):
        parts = table.with_columns(part=pl.col("separator") + pl.col("text"))
        texts = parts.group_by("document_id").agg(pl.col("part").str.join(""))["part"]
        assert max(len(ids) for ids in tokenizer(texts.to_list()).input_ids) <= 512


def test_perplexity_is_far_below_uniform(model: Any, tokenizer: Any) -> None:
    total, n = nats(model, tokenizer, HELD_OUT)
    assert math.exp(total / n) < 2048 / 30


def test_bits_a_byte_beat_a_unigram_model(model: Any, tokenizer: Any) -> None:
    # The unigram model may know the words of the paragraph itself: its counts include the tested text.
    other = " ".join([*story_words()["text"], *sentences()["text"]])
    ids = tokenizer(HELD_OUT, add_special_tokens=False).input_ids
    counts = Counter(ids) + Counter(tokenizer(other, add_special_tokens=False).input_ids)
    unigram = -sum(math.log(counts[i] / counts.total()) for i in ids)
    total, _ = nats(model, tokenizer, HELD_OUT)
    assert total < 0.8 * unigram


def test_context_helps(model: Any, tokenizer: Any) -> None:
    parts = re.split(r"(?<=\.) ", HELD_OUT)
    alone = sum(nats(model, tokenizer, part)[0] for part in parts)
    assert nats(model, tokenizer, HELD_OUT)[0] < alone


@pytest.mark.mirror
def test_card_states_the_validation_loss(model: Any, tokenizer: Any) -> None:
    corpus = Path(os.environ["BRAINLAKE_MIRROR"], "public_domain_text", "corpus.txt")
    books = exclude(split_books(corpus.read_text(encoding="utf-8").splitlines()))
    held = [w for book in books for w in windows(hold_out(book)[1], tokenizer.backend_tokenizer, 256)]
    ids = torch.tensor([w.ids for w in held])
    with torch.inference_mode():
        total = sum(float(batch_loss(model, part, 0, "sum")) for part in torch.split(ids, 8))
    card = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert f"loss, nats a token | {total / ids.numel():.3f} |" in card
    assert f"loss, bits a byte | {total / math.log(2) / sum(w.n_bytes for w in held):.3f} |" in card
