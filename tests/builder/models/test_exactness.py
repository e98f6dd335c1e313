"""Every architecture against a naive loop: one pass a prefix, hooks on blocks found by name, float64 log-softmax."""

import math

import numpy as np
import pytest
import torch
import transformers

from brainlake import open_bank
from brainlake_builder.extraction.extract import extract
from brainlake_builder.extraction.request import ExtractionRequest

TEXTS = [
    "The boy cried wolf, and nobody came; the sheep ran away over the hill. Don't you think so?",
    "A clear and joyous day it was.",
    "He walked and walked until the sun was down.",
]
DOCUMENTS = [text.split() for text in TEXTS]
DECODERS = [
    "gpt2",
    "gpt_neox",
    "opt",
    "bloom",
    "llama",
    "mistral",
    "gemma",
    "gemma2",
    "qwen2",
    "mpt",
    "cohere",
    "granite",
]
BLOCKS = {
    "gpt2": "transformer.h",
    "gpt_neox": "gpt_neox.layers",
    "opt": "model.decoder.layers",
    "bloom": "transformer.h",
    "mpt": "transformer.blocks",
    "bert": "bert.encoder.layer",
    "t5": "encoder.block",
    "t5_tied": "encoder.block",
}


class Naive:
    """A model run on one sequence at a time, every block's output kept whole."""

    def __init__(self, folder, name, loader="AutoModelForCausalLM"):
        self.model = getattr(transformers, loader).from_pretrained(folder, dtype=torch.float32).eval()
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        self.blocks = self.model.get_submodule(BLOCKS.get(name, "model.layers"))

    @torch.no_grad()
    def __call__(self, ids, **more):
        states = []
        hooks = [
            block.register_forward_hook(lambda _, __, out: states.append(out[0] if isinstance(out, tuple) else out))
            for block in self.blocks
        ]
        hooks.append(self.blocks[0].register_forward_pre_hook(lambda _, args: states.append(args[0])))
        output = self.model(input_ids=torch.tensor([ids]), **more)
        for hook in hooks:
            hook.remove()
        return torch.stack([s[0] for s in states]).numpy(), output

    def log_p(self, output):
        return output.logits[0].double().log_softmax(-1)


def naive_words(naive, words, opening):
    """Activations (n_layers, n, d) and plain surprisal (bits) of the words of a text, each from a prefix of its own."""
    tokenizer, activations, surprisal, counts = naive.tokenizer, [], [], []
    before = len(opening)
    for k in range(len(words)):
        text = " ".join(words[: k + 1])
        ids = opening + tokenizer(text, add_special_tokens=False)["input_ids"]
        states, output = naive(ids)
        activations.append(states[:, -1])
        log_p = naive.log_p(output)
        bits = -sum(float(log_p[j - 1, ids[j]]) if j else math.nan for j in range(before, len(ids))) / math.log(2)
        surprisal.append(bits)
        counts.append(len(ids) - before)
        before = len(ids)
    return np.stack(activations, 1), surprisal, counts


@pytest.mark.parametrize("name", DECODERS)
def test_one_pass_equals_one_pass_a_prefix(name, model_folder, make_bank, make_stimuli):
    folder = model_folder(name)
    bank = make_bank(words=make_stimuli("words", DOCUMENTS))
    extract(ExtractionRequest(bank, [str(folder)], ["words"], ["document"]))
    found, naive = open_bank(bank), Naive(folder, name)
    expected = [naive_words(naive, words, [naive.tokenizer.bos_token_id]) for words in DOCUMENTS]
    for layer in range(4):
        X = np.concatenate([activations[layer] for activations, _, _ in expected])
        values = found.activations(name, "words", layer).values
        assert np.abs(values - X).max() <= 1e-4 * np.abs(X).max()
    table = found.table("surprisal", model=name)
    np.testing.assert_allclose(
        table["surprisal_tokens"], np.concatenate([bits for _, bits, _ in expected]), rtol=1e-4, atol=1e-4
    )
    assert table["n_tokens"].to_list() == [n for *_, counts in expected for n in counts]


@pytest.mark.parametrize("name", ["gpt2", "llama"])
def test_without_a_start_token_the_first_word_has_no_surprisal(name, model_folder, make_bank, make_stimuli):
    folder = model_folder(name)
    bank = make_bank(words=make_stimuli("words", DOCUMENTS))
    extract(ExtractionRequest(bank, [str(folder)], ["words"], ["document+start=none"]))
    found, naive = open_bank(bank), Naive(folder, name)
    expected = [naive_words(naive, words, []) for words in DOCUMENTS]
    X = np.concatenate([activations[3] for activations, _, _ in expected])
    np.testing.assert_allclose(
        found.activations(name, "words", 3, "document+start=none").values, X, rtol=1e-4, atol=1e-4
    )
    bits = np.concatenate([bits for _, bits, _ in expected])
    table = found.table("surprisal", model=name)["surprisal_tokens"].to_numpy()
    np.testing.assert_allclose(table, bits, rtol=1e-4, atol=1e-4)
    firsts = np.cumsum([0] + [len(words) for words in DOCUMENTS[:-1]])
    assert np.isnan(table[firsts]).all()
    assert np.isfinite(np.delete(table, firsts)).all()


def not_blank(tokenizer, ids):
    return [token not in ("Ġ", "▁") for token in tokenizer.convert_ids_to_tokens(ids)]


@pytest.mark.parametrize("name", ["gpt2", "llama", "mistral"])
@pytest.mark.parametrize("pool", ["last", "mean"])
def test_texts_longer_than_the_window(name, pool, model_folder, make_bank, make_stimuli):
    """``truncation=left`` is exact: every stimulus with as much text before it as the window holds."""
    folder = model_folder(name)
    words = (DOCUMENTS[0] + DOCUMENTS[2]) * 3
    bank = make_bank(long=make_stimuli("long", [words]))
    recipe = f"document+max_tokens=24+pool={pool}+truncation=left"
    extract(ExtractionRequest(bank, [str(folder)], ["long"], [recipe]))
    found, naive = open_bank(bank), Naive(folder, name)
    tokenizer, start = naive.tokenizer, [naive.tokenizer.bos_token_id]
    X, bits, before = [], [], 0
    for k in range(len(words)):
        ids = tokenizer(" ".join(words[: k + 1]), add_special_tokens=False)["input_ids"]
        n_new, before = len(ids) - before, len(ids)
        states, output = naive(start + ids[-23:])
        ids = start + ids[-23:]
        solid = not_blank(tokenizer, ids[-n_new:])
        X.append(states[3][-1:] if pool == "last" else states[3][-n_new:][solid])
        log_p = naive.log_p(output)
        bits.append(-sum(float(log_p[j - 1, ids[j]]) for j in range(len(ids) - n_new, len(ids))) / math.log(2))
    values = found.activations(name, "long", 3, "document+" + "+".join(sorted(recipe.split("+")[1:]))).values
    np.testing.assert_allclose(values, [x.mean(0) for x in X], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(found.table("surprisal")["surprisal_tokens"], bits, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["gpt2", "llama"])
def test_windows_of_twenty_words(name, model_folder, make_bank, make_stimuli):
    """Recipe ``aw2024.wehbe``: a word and the 19 before it, the tokenizer's own special tokens, the word's mean."""
    folder, words = model_folder(name), [word for document in DOCUMENTS for word in document]
    assert len(words) > 30
    bank = make_bank(chapter=make_stimuli("chapter", [words]))
    (written, _) = extract(ExtractionRequest(bank, [str(folder)], ["chapter"], ["aw2024.wehbe"]))
    naive = Naive(folder, name)
    naive.blocks = [getattr(block, "post_attention_layernorm", block) for block in naive.blocks]
    expected = []
    for k in range(len(words)):
        context = words[max(0, k - 19) : k]
        ids = naive.tokenizer(" ".join([*context, words[k]]))["input_ids"]
        n_before = (
            len(naive.tokenizer(" ".join(context))["input_ids"]) if context else len(naive.tokenizer("")["input_ids"])
        )
        states, _ = naive(ids)
        solid = not_blank(naive.tokenizer, ids[n_before:])
        expected.append(states[-1, n_before:][solid].mean(0))
    assert [entry["layer"] for entry in written.layers] == [1, 2, 3]
    values = open_bank(bank).activations(name, "chapter", 3, "aw2024.wehbe").values
    np.testing.assert_allclose(values, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", [*DECODERS, "t5", "t5_tied", "bert"])
def test_accumulate_equals_one_pass_a_prefix(name, model_folder, make_bank, make_stimuli):
    """As Brain-Score: the tokenizer's own special tokens and truncation, the last token, the last new tokens."""
    folder = model_folder(name)
    parts = ["The boy  ", "cried wolf", ", and nobody ", "came ; the sheep", "ran away over the", "hill ."] * 2
    bank = make_bank(parts=make_stimuli("parts", [parts, ["Down came the sun", "and the wolf."]]))
    recipe = "aw2024+max_tokens=20+readout=residual"
    extract(ExtractionRequest(bank, [str(folder)], ["parts"], [recipe]))
    found = open_bank(bank)
    loaders = {"t5": "AutoModelForSeq2SeqLM", "t5_tied": "AutoModelForSeq2SeqLM", "bert": "AutoModelForMaskedLM"}
    naive = Naive(folder, name, loaders.get(name, "AutoModelForCausalLM"))
    tokenizer = naive.tokenizer
    tokenizer.truncation_side = "left"
    last, bits = [], []
    for document in (parts, ["Down came the sun", "and the wolf."]):
        before = 0
        for k in range(len(document)):
            text = brain_score_join(document[: k + 1])
            ids = tokenizer(text, truncation=True, max_length=20)["input_ids"]
            whole = len(tokenizer(text)["input_ids"])
            more = {"decoder_input_ids": torch.tensor([ids])} if name.startswith("t5") else {}
            states, output = naive(ids, **more)
            last.append(states[:, -1])
            n_new, before = whole - before, whole
            new = range(max(len(ids) - n_new, 1), len(ids))
            log_p = naive.log_p(output)
            bits.append(-sum(float(log_p[j - 1, ids[j]]) for j in new) / math.log(2) if len(new) else math.nan)
    X = np.stack(last, 1)
    for layer in range(len(X)):
        values = found.activations(name, "parts", layer, recipe).values
        assert np.abs(values - X[layer]).max() <= 1e-4 * np.abs(X[layer]).max()
    if name == "bert":
        assert found.table("surprisal").is_empty()
    else:
        np.testing.assert_allclose(found.table("surprisal")["surprisal"], bits, rtol=1e-4, atol=1e-4)


def brain_score_join(parts):
    import re

    return re.sub(r"\s+([.,!?;:])", r"\1", " ".join(part for part in parts if part.strip() != ""))


def test_t5_decoder_rows_under_accumulate(model_folder, make_bank, make_stimuli):
    folder = model_folder("t5")
    bank = make_bank(parts=make_stimuli("parts", [["The boy", "cried wolf"]]))
    (written, _) = extract(ExtractionRequest(bank, [str(folder)], ["parts"], ["aw2024"]))
    assert [entry["layer"] for entry in written.layers] == [1, 2, 4, 5, 6]
    assert written.layers[2]["module"] == "decoder.block.0"
    naive = Naive(folder, "t5", "AutoModelForSeq2SeqLM")
    ids = naive.tokenizer("The boy cried wolf")["input_ids"]
    naive.blocks = naive.model.decoder.block
    states, _ = naive(ids, decoder_input_ids=torch.tensor([ids]))
    np.testing.assert_allclose(
        open_bank(bank).activations("t5", "parts", 6, "aw2024").values[1], states[3, -1], rtol=1e-4, atol=1e-4
    )


@pytest.mark.parametrize("name", ["t5", "bert"])
@pytest.mark.parametrize("pool", ["last", "mean"])
def test_bidirectional_models_read_a_prefix_a_stimulus(name, pool, model_folder, make_bank, make_stimuli):
    folder = model_folder(name)
    sentences = ["The boy cried wolf.", "Nobody came to the house.", "The sheep ran away over the hill."]
    bank = make_bank(passage=make_stimuli("passage", [sentences]))
    recipe = f"document+boundary=none+pool={pool}"
    extract(ExtractionRequest(bank, [str(folder)], ["passage"], [recipe]))
    naive = Naive(folder, name, "AutoModelForSeq2SeqLM" if name == "t5" else "AutoModelForMaskedLM")
    opening, closing = ([], 1) if name == "t5" else ([2], 1)
    before = 0
    for k in range(3):
        ids = naive.tokenizer(" ".join(sentences[: k + 1]))["input_ids"]
        more = {"decoder_input_ids": torch.tensor([[0]])} if name == "t5" else {}
        states, _ = naive(ids, **more)
        content = states[:, len(opening) : len(ids) - closing]
        n_new, before = content.shape[1] - before, content.shape[1]
        solid = not_blank(naive.tokenizer, ids[len(opening) : len(ids) - closing][-n_new:])
        X = content[:, -1] if pool == "last" else content[:, -n_new:][:, solid].mean(1)
        for layer in range(len(X)):
            values = open_bank(bank).activations(name, "passage", layer, recipe).values[k]
            np.testing.assert_allclose(values, X[layer], rtol=1e-4, atol=1e-4)


def test_t5_words_are_the_content_of_a_gap(model_folder, make_bank, make_stimuli):
    folder = model_folder("t5")
    words = ["The", "boy", "cried", "wolf,", "and", "nobody", "came."]
    bank = make_bank(words=make_stimuli("words", [words]))
    extract(ExtractionRequest(bank, [str(folder)], ["words"], ["document"]))
    table = open_bank(bank).table("surprisal")
    naive = Naive(folder, "t5", "AutoModelForSeq2SeqLM")
    tokenizer = naive.tokenizer
    gap = tokenizer.convert_tokens_to_ids("<extra_id_0>")
    surfaces = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
    ends = [k for k, t in enumerate(surfaces) if t.startswith(("▁", "<extra_id_")) or t == "</s>"]
    before = 0
    for k in range(len(words)):
        ids = tokenizer(" ".join(words[: k + 1]), add_special_tokens=False)["input_ids"]
        word, prefix, before = ids[before:], ids[:before], len(ids)
        _, output = naive([*prefix, gap, 1], decoder_input_ids=torch.tensor([[0, gap, *word]]))
        log_p = naive.log_p(output)
        plain = -sum(float(log_p[1 + j, token]) for j, token in enumerate(word))
        opens = float(log_p[1, ends].logsumexp(0)) if word[0] in ends else 0.0
        closes = float(log_p[1 + len(word), ends].logsumexp(0))
        assert table["surprisal_tokens"][k] == pytest.approx(plain / math.log(2), rel=1e-4)
        assert table["surprisal"][k] == pytest.approx((plain + opens - closes) / math.log(2), rel=1e-4)


def test_a_model_that_sees_the_future_says_so(model_folder, make_bank, make_stimuli):
    folder = model_folder("bert")
    sentences = ["The boy cried wolf.", "Nobody came to the house."]
    bank = make_bank(passage=make_stimuli("passage", [sentences]))
    extract(ExtractionRequest(bank, [str(folder)], ["passage"], ["document+future_leak=true"]))
    naive = Naive(folder, "bert", "AutoModelForMaskedLM")
    states, _ = naive(naive.tokenizer(" ".join(sentences))["input_ids"])
    n_first = len(naive.tokenizer(sentences[0], add_special_tokens=False)["input_ids"])
    values = open_bank(bank).activations("bert", "passage", 3, "document+future_leak=true").values
    np.testing.assert_allclose(values, states[3, [n_first, -2]], rtol=1e-4, atol=1e-4)
