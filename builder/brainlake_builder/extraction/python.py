"""Extraction as a Python call: the fields of a request as arguments."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from brainlake.contract.sidecar import Sidecar
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
    BrainlakeError
        If anything cannot be done as asked.
    """
    return run_request(ExtractionRequest(Path(bank), models, stimuli, recipes, **options))
