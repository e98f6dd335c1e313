"""Growing prefixes against joining and tokenising each from its start."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, trainers
from transformers import PreTrainedTokenizerFast

from brainlake_builder.text.prefixes import join_prefixes, tokenize_prefixes
from brainlake_builder.text.tokenizer import Encoder

WORDS = ["The", "boy", "cried", "wolf", ",", "and", "nobody", "came", ".", "Don't", "sheep ", " ran", "", "é", "! ? "]


def naive_join(parts):
    return re.sub(r"\s+([.,!?;:])", r"\1", " ".join(part for part in parts if part.strip() != ""))


@given(parts=st.lists(st.text("ab ,.!\n\t", max_size=6), max_size=20))
@settings(max_examples=300)
def test_joined_as_brain_score_joins(parts):
    prefixes = join_prefixes(parts)
    assert [prefixes[k] for k in range(len(parts))] == [naive_join(parts[: k + 1]) for k in range(len(parts))]


@pytest.mark.parametrize("family", ["byte_level", "metaspace", "unigram", "wordpiece"])
def test_tokenized_as_each_from_its_start(family, tokenizers):
    rng = np.random.default_rng(0)
    parts = [WORDS[k] for k in rng.integers(0, len(WORDS), 300)]
    encoder = Encoder(tokenizers[family])
    prefixes = join_prefixes(parts)
    found = tokenize_prefixes(encoder, prefixes, 40)
    whole = [encoder.encode([prefixes[k]])[0].ids for k in range(len(parts))]
    assert found.n_tokens == [len(ids) for ids in whole]
    assert [ids.tolist() for ids in found.ids] == [ids[-40:] for ids in whole]
    assert found.n_whole == 0


def test_tokens_that_depend_on_distant_text_are_noticed():
    """A tokenizer whose tokens span words: what is cut off changes what follows."""
    backend = Tokenizer(models.BPE())
    text = "ab ab ab ab ab ab ab ab " * 20
    backend.train_from_iterator([text], trainers.BpeTrainer(vocab_size=24, show_progress=False))
    encoder = Encoder(PreTrainedTokenizerFast(tokenizer_object=backend))
    prefixes = join_prefixes(["ab"] * 90)
    found = tokenize_prefixes(encoder, prefixes, 40)
    assert found.n_whole > 0
    whole = [encoder.encode([prefixes[k]])[0].ids for k in range(90)]
    assert [ids.tolist() for ids in found.ids] == [ids[-40:] for ids in whole]
