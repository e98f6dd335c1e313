"""Next-word-prediction loss: that of a loop over windows, with the network itself."""

import math

import pytest
import torch

from brainlake.errors import BrainlakeError
from brainlake_builder.extraction.loss import next_word_loss
from brainlake_builder.models.loading import load_model

TEXT = "The boy cried wolf, and nobody came; the sheep ran away over the hill \u2013 caf\u00e9.\n\n  He walked.\n" * 6


def naive(loaded, text, window):
    """Nats of every token that something precedes, by one pass a window of the network with its head."""
    bos = loaded.tokenizer.bos_token_id
    start = [] if bos is None else [bos]
    ids = loaded.tokenizer(text, add_special_tokens=False)["input_ids"]
    size = window - len(start)
    nats = {}
    for begin in range(0, len(ids), size // 2):
        fed = start + ids[begin : begin + size]
        logits = loaded.network(torch.tensor([fed])).logits[0].double()
        for place in range(1, len(fed)):
            token = begin + place - len(start)
            nats.setdefault(token, -float(logits[place - 1].log_softmax(-1)[fed[place]]))
    return nats


@pytest.mark.parametrize("name", ["gpt2", "llama", "gpt_neox"])
@pytest.mark.parametrize("window", [None, 20, 33])
def test_equal_to_a_loop_over_windows(name, window, model_folder):
    loaded = load_model(str(model_folder(name)))
    found = next_word_loss(loaded, TEXT, window)
    nats = naive(loaded, TEXT, found.window)
    assert found.n_tokens == len(nats)
    assert found.nats_per_token == pytest.approx(sum(nats.values()) / len(nats), abs=1e-5)
    first = 0 if 0 in nats else len(loaded.tokenizer.decode(loaded.tokenizer(TEXT).input_ids[0]).encode())
    assert found.n_bytes == len(TEXT.encode()) - first
    assert found.bits_per_byte == pytest.approx(sum(nats.values()) / math.log(2) / found.n_bytes, abs=1e-5)


def test_a_window_that_holds_the_text_is_one_pass(model_folder):
    loaded = load_model(str(model_folder("gpt2")))
    text = TEXT[:60]
    nats = naive(loaded, text, 1000)
    assert next_word_loss(loaded, text).nats_per_token == pytest.approx(sum(nats.values()) / len(nats), abs=1e-6)


def test_every_token_is_predicted_once_at_any_length(model_folder):
    loaded = load_model(str(model_folder("llama")))
    n = len(loaded.tokenizer(TEXT, add_special_tokens=False)["input_ids"])
    for size in (n - 1, n, n + 1, n // 2, n // 3, 3):
        window = size + 1 if size + 1 <= 64 else 64
        assert next_word_loss(loaded, TEXT, window).n_tokens == n


@pytest.mark.parametrize(
    ("name", "text", "window", "message"),
    [
        ("bert", TEXT, None, "bert does not predict the next token of a text"),
        ("t5", TEXT, None, "t5 does not predict the next token of a text"),
        ("llama", "", None, "there is none to predict"),
        ("llama", TEXT, 10**6, "max_tokens=1000000 is more than llama takes"),
        ("llama", TEXT, 2, "there is none to predict"),
    ],
)
def test_what_cannot_be_done(name, text, window, message, model_folder):
    loaded = load_model(str(model_folder(name)))
    with pytest.raises(BrainlakeError, match=message):
        next_word_loss(loaded, text, window)
