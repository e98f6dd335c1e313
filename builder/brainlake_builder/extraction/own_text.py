"""Word surprisal of a text of one's own, without a bank."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from brainlake.bank.arguments import impossible, place
from brainlake.contract.recipe import parse_recipe
from brainlake.errors import BrainlakeError
from brainlake.report.progress import SILENT, Progress
from brainlake_builder.extraction.checks import check_reading
from brainlake_builder.extraction.parallel import in_order, one_thread_a_batch
from brainlake_builder.extraction.run import own_budget, parts_of, run_part, side_by_side, tokens_of_parts
from brainlake_builder.models.foreign import within_memory
from brainlake_builder.models.loading import DTYPES, LoadedModel, load_model
from brainlake_builder.models.runner import Runner
from brainlake_builder.models.runners import make_runner
from brainlake_builder.text.contexts import read_stimuli
from brainlake_builder.text.documents import Stimuli
from brainlake_builder.text.passes import Reading
from brainlake_builder.text.prompts import check_prompt, make_prompt
from brainlake_builder.text.surprisal import stimulus_surprisal


def word_surprisal(
    model: str | Path | LoadedModel, text: str, recipe: str = "document", progress: Progress = SILENT
) -> pl.DataFrame:
    """Surprisal of every word of a text: the numbers that a bank would hold for the same words.

    Words are what white space parts. An empty line ends a document: nothing before it is read with what follows.
    Within a document one space stands between words, however the lines were broken.

    Parameters
    ----------
    model
        A local folder or a Hub id, also as ``owner/name@revision``; or what
        :func:`~brainlake_builder.models.loading.load_model` returned, in the precision of the recipe.
    text
        Words.
    recipe
        How they are read.
    progress
        Says how far it is; by default nothing is said.

    Returns
    -------
    Columns ``document`` (1, 2, ...), ``word``, ``surprisal`` and ``entropy`` (bits; null where a word has no
    distribution, for want of a token before it) and ``n_tokens``; one row a word.

    Raises
    ------
    BrainlakeError
        If there is no word in the text, the model gives no word probabilities or cannot be run, or its tokenizer
        cannot tell the words apart.
    """
    how = parse_recipe(recipe)
    if not isinstance(text, str):
        raise impossible("text", text, "words, as text")
    if isinstance(model, Path):
        model = str(place("model", model))
    if not isinstance(progress, Progress):
        raise impossible("progress", progress, "a brainlake.report.progress.Progress")
    if not isinstance(model, str | LoadedModel):
        raise impossible("model", model, "a local folder, a Hub id, or what load_model returned")
    stimuli = words_of(text)
    check_prompt(how.prompt)
    loaded = load_model(model, dtype=how.dtype) if isinstance(model, str) else model
    name = loaded.identity.model
    if loaded.dtype is not DTYPES[how.dtype]:
        raise BrainlakeError(f"{name} is loaded in {loaded.dtype}, and recipe {how.name} reads in {how.dtype}")
    if loaded.kind == "encoder":
        raise BrainlakeError(f"{name} is an encoder: it gives no word probabilities; take a causal model, or T5's kind")
    with within_memory(name), one_thread_a_batch(loaded.device.type) as workers, make_runner(loaded, how) as runner:
        prompt = make_prompt(how.prompt, loaded.tokenizer) if how.prompt else None
        reading = read_stimuli(stimuli, runner.encoder, how, runner.limits, prompt)
        check_reading(runner, stimuli, reading)
        slots = token_table(runner, reading, workers, progress)
        found = stimulus_surprisal(reading.words, begins=runner.begins, **slots)
    return pl.DataFrame(
        {
            "document": [int(number) for number in stimuli.document_ids],
            "word": stimuli.texts,
            **{column: pl.Series(found[column], nan_to_null=True) for column in ("surprisal", "entropy", "n_tokens")},
        }
    )


def words_of(text: str) -> Stimuli:
    """The words of a text as stimuli.

    Raises
    ------
    BrainlakeError
        If there is none.

    Examples
    --------
    >>> words_of("Once upon\\na time\\n\\nNobody came.").document_ids
    ['1', '1', '1', '1', '2', '2']
    """
    if not isinstance(text, str):
        raise BrainlakeError(f"text is {type(text).__name__}: it is one string, its documents parted by an empty line")
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    documents = [part.split() for part in re.split(r"\n\s*\n", lines) if part.strip()]
    if not documents:
        raise BrainlakeError("there is no word in this text")
    words = [word for document in documents for word in document]
    owners = [str(number) for number, document in enumerate(documents, 1) for _ in document]
    separators = [" " if place else "" for document in documents for place in range(len(document))]
    ids = [str(number) for number in range(1, len(words) + 1)]
    return Stimuli("text", ids, owners, separators, owners, words, sha256="")


def token_table(runner: Runner, reading: Reading, workers: int, progress: Progress) -> dict[str, Any]:
    """The table of tokens, run in the batches that an extraction into a bank runs."""
    parts = parts_of(runner, reading, own_budget(runner))
    names = ("log_p", "log_new", "log_opening", "entropy")
    table = {name: np.full(len(reading.words.targets), np.nan) for name in names}
    results = in_order(lambda part: run_part(runner, reading, part), parts, side_by_side(runner, workers))
    sizes = tokens_of_parts(reading, parts)
    for result in progress.steps(results, f"{runner.model.identity.model}, reading", "tokens", sizes=sizes):
        for name in names:
            table[name][result.slots] = getattr(result, name)
    return table
