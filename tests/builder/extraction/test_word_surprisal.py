"""Corrected surprisal on a model of GPT-2's kind with GPT-2's own tokenizer, against two other ways to compute it."""

import csv
import math

import numpy as np
import pytest
import torch
import transformers
import wordsprobability.main
import wordsprobability.models
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from wordsprobability.models.bow_lm import EnglishGpt2Small

from brainlake import open_bank
from brainlake_builder.extraction.extract import extract
from brainlake_builder.extraction.request import ExtractionRequest

pytestmark = pytest.mark.mirror

END = "<|endoftext|>"
N_WORDS = 300


@pytest.fixture(scope="module")
def folder(mirror, tmp_path_factory):
    """Random weights of a scale at which distributions are far from flat."""
    folder = tmp_path_factory.mktemp("models") / "gpt2-random"
    files = mirror / "tokenizers/gpt2"
    backend = Tokenizer(models.BPE.from_file(str(files / "encoder.json"), str(files / "vocab.bpe")))
    backend.pre_tokenizer, backend.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    transformers.PreTrainedTokenizerFast(tokenizer_object=backend, bos_token=END, eos_token=END).save_pretrained(folder)
    torch.manual_seed(0)
    model = transformers.GPT2LMHeadModel(transformers.GPT2Config(n_embd=32, n_layer=2, n_head=4))
    torch.nn.init.normal_(model.transformer.wte.weight, std=0.3)
    model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def words(mirror):
    with (mirror / "naturalstories/naturalstories_RTS/all_stories.tok").open(newline="", encoding="utf-8") as file:
        return [row["word"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)][:N_WORDS]


@pytest.fixture
def found(folder, words, make_bank, make_stimuli):
    bank = make_bank(story=make_stimuli("story", [words]))
    extract(ExtractionRequest(bank, [str(folder)], ["story"]))
    return open_bank(bank).table("surprisal")


def test_equals_the_formula_in_float64(found, folder, words):
    """P(word) = P(its tokens) P(B after it) / P(B before it); for the first word P(not begun with a space) before."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float64).eval()
    spelled = {index: surface for surface, index in tokenizer.get_vocab().items()}
    spaced = torch.tensor([spelled[k].startswith("Ġ") for k in range(len(spelled))])
    begins = spaced.clone()
    begins[tokenizer.eos_token_id] = True
    ids = [tokenizer.bos_token_id]
    ends = []
    for k, word in enumerate(words):
        ids += tokenizer((" " if k else "") + word)["input_ids"]
        ends.append(len(ids))
    with torch.no_grad():
        log_p = model(torch.tensor([ids])).logits[0].log_softmax(-1)
    mass = log_p[:, begins].logsumexp(1)
    opening = log_p[0, ~spaced].logsumexp(0)
    start = 1
    for k, stop in enumerate(ends):
        tokens = sum(float(log_p[t - 1, ids[t]]) for t in range(start, stop))
        before = opening if k == 0 else mass[start - 1]
        expected = -(tokens + float(mass[stop - 1]) - float(before)) / math.log(2)
        assert found["surprisal"][k] == pytest.approx(expected, abs=1e-4)
        assert found["surprisal_tokens"][k] == pytest.approx(-tokens / math.log(2), abs=1e-4)
        start = stop


def test_equals_wordsprobability(found, folder, words):
    """The package of Pimentel and Meister (2024), but for the end token, which it counts twice before a first word."""

    class Local(EnglishGpt2Small):
        model_name = str(folder)

        def _initialise_midword_mask(self, n_logits, vocab_masks):
            return super()._initialise_midword_mask(n_logits, vocab_masks) - vocab_masks["eos"]

    wordsprobability.models.MODELS["local"] = Local
    theirs = wordsprobability.main.get_surprisal_per_word(" ".join(words), "local", return_buggy_surprisals=True)
    assert theirs["word"].to_list()[1:] == words[1:]
    for ours, own in (("surprisal", "surprisal"), ("surprisal_tokens", "surprisal_buggy")):
        bits = theirs[own].to_numpy().astype(float) / math.log(2)
        np.testing.assert_allclose(found[ours].to_numpy(), bits, rtol=0, atol=1e-4)
