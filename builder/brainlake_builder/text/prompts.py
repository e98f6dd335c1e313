"""Text put around a stimulus: named templates, and the chat template of the model itself.

A template's words are read before the stimulus and never pooled. What it puts behind the stimulus cannot reach the
stimulus's own tokens in a causal model, and is left out. Templates: Alpaca (tatsu-lab/stanford_alpaca), Vicuna
(lm-sys/FastChat) and FLAN's (google-research/FLAN) say what to do in words that their authors fine-tuned with; the
instruction, here "read the text", is ours.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from brainlake.errors import BrainlakeError, UnknownNameError
from brainlake_builder.text.documents import Document, TokenizedDocument, assign
from brainlake_builder.text.tokenizer import Encoder

STIMULUS: Final = "{stimulus}"

TEMPLATES: Final[dict[str, str]] = {
    "alpaca": (
        "Below is an instruction that describes a task, paired with an input that provides further context. "
        "Write a response that appropriately completes the request.\n\n"
        "### Instruction:\nRead the text.\n\n### Input:\n{stimulus}\n\n### Response:\n"
    ),
    "vicuna": (
        "A chat between a curious user and an artificial intelligence assistant. "
        "The assistant gives helpful, detailed, and polite answers to the user's questions. "
        "USER: {stimulus} ASSISTANT:"
    ),
    "flan": "Read the following text.\n\n{stimulus}\n\n",
}

CHAT: Final = "chat"
"""The name of the model's own chat template."""

_PROBE = "qvxzj stimulus qvxzj"


@dataclass(frozen=True)
class Prompt:
    """A template that holds the stimulus once, unchanged.

    Attributes
    ----------
    name
        Name of the template.
    before, after
        What stands around the stimulus.
    render
        Puts the template around a text.
    """

    name: str
    before: str
    after: str
    render: Callable[[str], str]

    def check(self, document: Document) -> None:
        """Raise if the template alters this text, as one that trims does with one that ends in a space."""
        if self.render(document.text) != self.before + document.text + self.after:
            raise BrainlakeError(
                f"prompt {self.name!r} alters the text of {document.name}; use a named template, or none"
            )


def check_prompt(name: str | None) -> None:
    """Raise if there is no template of that name."""
    if name not in (None, CHAT, *TEMPLATES):
        raise UnknownNameError("prompt", name, [CHAT, *TEMPLATES])


def make_prompt(name: str, tokenizer: Any) -> Prompt:
    """A named template, or the chat template that came with the tokenizer.

    Raises
    ------
    UnknownNameError
        If there is no template of that name.
    BrainlakeError
        If the model has no chat template, or it alters, drops or repeats the stimulus.
    """
    check_prompt(name)
    if name == CHAT and not getattr(tokenizer, "chat_template", None):
        raise BrainlakeError("this model has no chat template; use a named template, or none")

    def render(text: str) -> str:
        return _chat(tokenizer, text) if name == CHAT else TEMPLATES[name].replace(STIMULUS, text)

    parts = render(_PROBE).split(_PROBE)
    if len(parts) != 2:
        what = "alters or drops" if len(parts) == 1 else "repeats"
        raise BrainlakeError(f"prompt {name!r} {what} the stimulus: its tokens would not be the stimulus's own")
    return Prompt(name, parts[0], parts[1], render)


def _chat(tokenizer: Any, content: str) -> str:
    messages = [{"role": "user", "content": content}]
    try:
        text: str = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=False)
    except Exception as error:  # jinja2 raises its own, and what a template raises
        raise BrainlakeError(f"the chat template of this model cannot be used: {error}") from None
    return text


def tokenize_with_prompt(
    encoder: Encoder, documents: Sequence[Document], prompt: Prompt
) -> tuple[list[TokenizedDocument], dict[str, object]]:
    """Tokenise documents behind a prompt; the prompt's tokens become their ``opening``.

    Parameters
    ----------
    encoder
        Reads special tokens as such: a prompt is full of them.

    Returns
    -------
    documents
        Tokens of the documents alone.
    facts
        Whether those tokens are the ones that each document has without the prompt.

    Raises
    ------
    BrainlakeError
        If the template alters a stimulus, a token spans both, or a stimulus holds the text of a special token.
    """
    for document in documents:
        prompt.check(document)
    literal = encoder.encode([document.text for document in documents])
    n_before = len(prompt.before)
    tokenized = []
    same = True
    for document, bare, full in zip(
        documents, literal, encoder.encode([prompt.before + d.text for d in documents], parse_special=True), strict=True
    ):
        offsets = np.asarray(full.offsets, np.int64).reshape(-1, 2)
        n_opening = int(np.searchsorted(offsets[:, 1], n_before, side="right"))
        # A leading space that a token takes from the prompt is no text of the prompt's.
        n_text = len(prompt.before.rstrip())
        if (offsets[n_opening:, 0] < n_text).any():
            raise BrainlakeError(
                f"{document.name}: token {full.tokens[n_opening]!r} spans the end of prompt {prompt.name!r} and the "
                f"stimulus; this tokenizer cannot separate them"
            )
        if any(token in encoder.special for token in full.ids[n_opening:]):
            raise BrainlakeError(f"{document.name} holds the text of a special token, which a prompt would make one")
        inside = np.maximum(offsets[n_opening:] - n_before, 0)
        ids = np.asarray(full.ids[n_opening:], np.int64)
        same &= bare.ids == full.ids[n_opening:]
        one = assign(encoder, document, ids, full.tokens[n_opening:], inside)
        tokenized.append(replace(one, opening=tuple(full.ids[:n_opening])))
    return tokenized, {"prompt": prompt.before, "prompt_keeps_tokens": same}
