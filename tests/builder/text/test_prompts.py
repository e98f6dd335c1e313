"""Templates: the stimulus's own tokens and nothing else are read."""

import numpy as np
import pytest
import torch
import transformers

from brainlake import open_bank
from brainlake.errors import BrainlakeError, UnknownNameError
from brainlake_builder.extraction.extract import extract
from brainlake_builder.extraction.request import ExtractionRequest
from brainlake_builder.text.documents import Stimuli, whole_documents
from brainlake_builder.text.prompts import TEMPLATES, make_prompt, tokenize_with_prompt
from brainlake_builder.text.tokenizer import Encoder

CHAT = "{{ bos_token }}{% for m in messages %}<|{{ m['role'] }}|>\n{{ m['content'] }}\n{% endfor %}"
SENTENCE = ["The boy", "cried wolf"]


@pytest.fixture
def tokenizer(model_folder):
    tokenizer = transformers.AutoTokenizer.from_pretrained(model_folder("gpt2"))
    tokenizer.chat_template = CHAT
    return tokenizer


def documents(make_stimuli):
    return whole_documents(Stimuli.from_table("set", make_stimuli("set", [SENTENCE])))


@pytest.mark.parametrize("name", [*TEMPLATES, "chat"])
def test_the_stimulus_keeps_its_own_tokens(name, tokenizer, make_stimuli):
    prompt = make_prompt(name, tokenizer)
    encoder = Encoder(tokenizer)
    (tokens,), facts = tokenize_with_prompt(encoder, documents(make_stimuli), prompt)
    bare = tokenizer("The boy cried wolf", add_special_tokens=False)["input_ids"]
    ids = tokens.ids.tolist()
    assert tokenizer.decode([*tokens.opening, *ids], clean_up_tokenization_spaces=False) == (
        prompt.before + "The boy cried wolf"
    )
    assert facts == {"prompt": prompt.before, "prompt_keeps_tokens": ids == bare}
    # Vicuna's puts a space before the stimulus, which its first token takes along.
    assert facts["prompt_keeps_tokens"] == (name != "vicuna")
    if name == "chat":
        assert tokens.opening[0] == tokenizer.bos_token_id


@pytest.mark.parametrize("name", ["alpaca", "chat"])
def test_features_behind_a_prompt(name, model_folder, make_bank, make_stimuli, tmp_path):
    folder = tmp_path / "gpt2-chat"
    tokenizer = transformers.AutoTokenizer.from_pretrained(model_folder("gpt2"))
    model = transformers.AutoModelForCausalLM.from_pretrained(model_folder("gpt2"), dtype=torch.float32)
    model = type(model)(type(model.config)(**model.config.to_dict() | {"n_positions": 400}))
    model.save_pretrained(folder)
    tokenizer.chat_template = CHAT
    tokenizer.save_pretrained(folder)
    bank = make_bank(parts=make_stimuli("parts", [SENTENCE]))
    recipe = f"document+prompt={name}"
    extract(ExtractionRequest(bank, [str(folder)], ["parts"], [recipe]))
    before = make_prompt(name, tokenizer).before
    start = "" if name == "chat" else "<|end|>"
    for k, text in enumerate(("The boy", "The boy cried wolf")):
        ids = tokenizer(start + before + text, return_tensors="pt", add_special_tokens=False)
        with torch.no_grad():
            states = model.eval()(**ids, output_hidden_states=True).hidden_states
        for layer in range(3):
            np.testing.assert_allclose(
                open_bank(bank).activations("gpt2-chat", "parts", layer, recipe).values[k],
                states[layer][0, -1].numpy(),
                rtol=1e-4,
                atol=1e-4,
            )


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{% for m in messages %}{{ m['content'] | upper }}{% endfor %}", "alters or drops the stimulus"),
        ("{% for m in messages %}{{ m['content'] }}{{ m['content'] }}{% endfor %}", "repeats the stimulus"),
        ("{{ raise_exception('no') }}", "cannot be used"),
        (None, "no chat template"),
    ],
)
def test_templates_that_are_refused(template, message, tokenizer):
    tokenizer.chat_template = template
    with pytest.raises(BrainlakeError, match=message):
        make_prompt("chat", tokenizer)


@pytest.mark.parametrize(
    "template",
    [
        "{% for m in messages %}[I] {{ m['content'] | trim }} [/I]{% endfor %}",
        "{% for m in messages %}{{ m['content'] | length }}{{ m['content'] }}{% endfor %}",
    ],
)
def test_a_template_that_alters_one_text(template, tokenizer, make_stimuli):
    tokenizer.chat_template = template
    prompt = make_prompt("chat", tokenizer)
    document = whole_documents(Stimuli.from_table("set", make_stimuli("set", [["The boy", "cried wolf "]])))
    with pytest.raises(BrainlakeError, match="prompt 'chat' alters the text of set/d0"):
        tokenize_with_prompt(Encoder(tokenizer), document, prompt)


def test_an_unknown_template(tokenizer):
    with pytest.raises(UnknownNameError, match="unknown prompt 'haiku'; there is: alpaca, chat, flan, vicuna"):
        make_prompt("haiku", tokenizer)


def test_a_stimulus_with_a_special_token_in_it(tokenizer, make_stimuli):
    document = whole_documents(Stimuli.from_table("set", make_stimuli("set", [["The", "<|end|>"]])))
    with pytest.raises(BrainlakeError, match="holds the text of a special token"):
        tokenize_with_prompt(Encoder(tokenizer), document, make_prompt("alpaca", tokenizer))
