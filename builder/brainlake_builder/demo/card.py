"""The model card of the demo model."""

from collections.abc import Mapping, Sequence

from brainlake.errors import UnknownNameError

# Title in the book's closing line: the GITenberg repository on GitHub @ the commit that was read.
SOURCES = {
    "Anne of Green Gables": "Anne-of-Green-Gables_45 @ c786c2ba31478032da91043e2df66a163702182b",
    "Dracula": "Dracula_345 @ 5216d6ea255fbf8966426a160b68251b18f16907",
    "Five Children and It": "Five-Children-and-It_17314 @ 0bbe6d43a804598ce3fab7062565eadd83a89b3a",
    "Great Expectations": "Great-Expectations_1400 @ 889db0e100928a957f469bf834c564d04065c8e6",
    "Little Women": "Little-Women_514 @ 2b0c302d954a57cfa42c95d88ef053fd1b1aef55",
    "Middlemarch": "Middlemarch_145 @ 39add53d31f10ba5cecdcbe8c095f90b25fd4b3f",
    "Pride and Prejudice": "Pride-and-Prejudice_1342 @ 81db45c9c48c592f0b77f01fc59e677ad0a5634e",
    "The Adventures of Sherlock Holmes": (
        "The-Adventures-of-Sherlock-Holmes_1661 @ 7e5dd2703fbf503c004063e96ab7c61262375e5f"
    ),
    "The Blue Fairy Book": "The-Blue-Fairy-Book_503 @ 4d594f378f0dcaa61acc1791fafc6e6b0053ea41",
    "The Little Colonel's Hero": "The-Little-Colonel-s-Hero_15122 @ 69e1e7ab1c6c998ea3e46e8b55239fe480b657c4",
    "The Railway Children": "The-Railway-Children_1874 @ cbde83dfe33b46bca9560b67a31b5cd98644bda5",
    "The Secret Garden": "The-Secret-Garden_113 @ 0031c0badd0d3fc83860c941d2f39d4aa345c51b",
    "The War of the Worlds": "The-War-of-the-Worlds_36 @ 8b08fa3a7cbef117c80b2b437adc46e75c37dbf0",
    "The Wonderful Wizard of Oz": "The-Wonderful-Wizard-of-Oz_55 @ d19a4315b7c6f4471de8840a1a81609b34841dff",
    "Treasure Island": "Treasure-Island_120 @ 46f38f7b63dbda34415ce29ef5548023a8ba8dda",
}

_CARD = """\
---
license: mit
language: en
library_name: transformers
pipeline_tag: text-generation
---
# brainlake demo model

A language model small enough to ship inside a Python package. It is there to show that the whole chain of
brainlake runs, on any machine and without a network; no score of it says anything about brains or readers.

- Llama architecture, {n_parameters:,} parameters: {layers} blocks, width {width}, {heads} heads; byte-level
  BPE with a vocabulary of {vocabulary}; input and output embedding shared; float16 safetensors.
- **Context {context} tokens** (`max_position_embeddings`), the beginning-of-sequence token included: all of
  these positions were trained, and there are no others. The tokenizer puts `<|endoftext|>` first, as in
  training.
- Trained by `python -m brainlake_builder.demo.train` on one core: {steps:,} steps of {batch} windows of
  {context} tokens ({seen:,} tokens, {epochs:.1f} times the {n_tokens:,} of the training text), Muon for the
  matrices of the blocks and AdamW for the rest, seed {seed}.

| held-out text ({n_held:,} tokens, {n_bytes:,} bytes) | |
|---|---|
| loss, nats a token | {nats_per_token:.3f} |
| loss, bits a byte | {bits_per_byte:.3f} |
| unigram model of the same tokens, bits a byte | {unigram_bits_per_byte:.3f} |

Held out: one stretch of consecutive paragraphs (1.5 %) from the middle of each book, in windows of half the
context, with the weights rounded to float16 and the arithmetic in float32.

## Text

{n_books} books of prose in the public domain in the USA (published before 1929), as transcribed by
Project Gutenberg and read from the GITenberg organisation on GitHub, one repository a book, at these commits:

{books}

*Alice's Adventures in Wonderland* was **left out on purpose**: its first chapter is the text of the alice2016
benchmark. The script removes the book and refuses to go on if anything of it remains.

## Limits

English prose of the nineteenth and early twentieth century, with the views of its time. It knows no facts,
and what it generates should be taken for nothing but a sample of a small model.

## Licence

MIT, as the rest of brainlake.
"""


def model_card(
    titles: Sequence[str],
    training: Mapping[str, float],
    validation: Mapping[str, float],
    n_parameters: int,
    n_tokens: int,
) -> str:
    """Markdown of the card.

    Parameters
    ----------
    titles : sequence of str
        The books trained on.
    training, validation : mapping
        The fields of ``train.Training`` and ``train.Validation``.
    n_parameters, n_tokens : int
        Parameters of the model; tokens of the training text (windows overlap by part of a sentence).

    Raises
    ------
    UnknownNameError
        If the source of a book is not recorded: a card must say where every text is from.
    """
    for title in titles:
        if title not in SOURCES:
            raise UnknownNameError("source of the book", title, list(SOURCES))
    seen = int(training["steps"] * training["batch"] * training["context"])
    figures = {**training, **validation, "n_held": validation["n_tokens"], "n_books": len(titles)}
    figures |= {"n_parameters": n_parameters, "n_tokens": n_tokens, "seen": seen, "epochs": seen / n_tokens}
    return _CARD.format(books="\n".join(f"- {title}: {SOURCES[title]}" for title in titles), **figures)
