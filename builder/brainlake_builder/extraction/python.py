"""Extraction as a Python call: the fields of a request as arguments."""

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from brainlake.bank.arguments import place
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import UnknownNameError
from brainlake_builder.extraction.extract import extract as run_request
from brainlake_builder.extraction.request import ExtractionRequest


def extract(
    bank: str | Path,
    models: str | Sequence[str],
    stimuli: str | Sequence[str],
    recipes: str | Sequence[str] = ("document",),
    **options: Any,
) -> list[Sidecar]:
    """Write activations and surprisal of models on stimulus sets into a bank.

    What is there for the same weights, recipe and stimuli is left alone; a run that was stopped goes on where it was.

    Parameters
    ----------
    bank
        Folder of a bank that has the stimulus sets.
    models
        Local folders, or Hub ids, also as ``owner/name@revision``; ``zoo:<set>`` stands for the models of a set.
    stimuli
        Stimulus sets, or benchmarks, which stand for theirs.
    recipes
        Recipes, such as ``document`` or ``aw2024+readout=residual``.
    **options
        Further fields of :class:`~brainlake_builder.extraction.request.ExtractionRequest`, such as ``name``,
        ``device``, ``untrained_seed`` (one or several) and ``overwrite``.

    Returns
    -------
    list of Sidecar
        Those of the files that were written or already there.

    Raises
    ------
    UnknownNameError
        If there is no such field.
    BrainlakeError
        If anything cannot be done as asked.
    """
    known = {field.name for field in fields(ExtractionRequest)}
    for option in options:
        if option not in known:
            raise UnknownNameError("option", option, known - {"bank", "models", "stimuli", "recipes"})
    return run_request(ExtractionRequest(place("bank", bank), models, stimuli, recipes, **options))
