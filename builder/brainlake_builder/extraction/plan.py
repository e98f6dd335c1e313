"""What an extraction would take, before any weight is read."""

from dataclasses import dataclass, fields
from itertools import groupby
from typing import Any

import polars as pl
import torch

from brainlake_builder.extraction.precision import FLOAT32_BITS, significand_bits
from brainlake_builder.extraction.request import ExtractionRequest
from brainlake_builder.extraction.tasks import Key, Task, list_tasks, raise_all
from brainlake_builder.models.files import ModelFiles
from brainlake_builder.models.loading import (
    DTYPES,
    LoadedModel,
    empty_network,
    identify,
    load_tokenizer,
    tokenizer_sha256,
    weights_sha256,
)
from brainlake_builder.models.runner import Runner
from brainlake_builder.models.runners import make_runner
from brainlake_builder.text.batching import BUDGETS, Budget, schedule
from brainlake_builder.text.contexts import read_stimuli
from brainlake_builder.text.passes import Reading
from brainlake_builder.text.prompts import make_prompt

COMPRESSED = {FLOAT32_BITS: 0.85, 12: 0.5, 10: 0.44, 7: 0.35}
"""Share of raw float32 that a file of activations takes, by bits of the significand (measured on synthetic states)."""


@dataclass(frozen=True)
class Cost:
    """What a task takes.

    Attributes
    ----------
    documents, passes, tokens
        Texts, sequences fed, and tokens in them, special tokens included.
    flops
        Floating-point operations: two a weight and token, attention, and the output embedding where it is needed.
    disk_bytes, staging_bytes
        Size of the files, estimated, and of what is put aside until they are written.
    memory_bytes
        Weights and the largest batch, estimated.
    """

    documents: int
    passes: int
    tokens: int
    flops: float
    disk_bytes: int
    staging_bytes: int
    memory_bytes: int


def plan(request: ExtractionRequest) -> pl.DataFrame:
    """What :func:`~brainlake_builder.extraction.extract.extract` would do with the same request.

    Texts are tokenised; the network is built without weights. Files of weights are hashed, to know what is there
    already.

    Returns
    -------
    Columns ``model``, ``stimulus_set``, ``recipe``, ``state`` (``to do``, ``there``, or what an existing file was made
    from that is not the same) and those of :class:`Cost`; one row a task.

    Raises
    ------
    BrainlakeError
        As ``extract``, for all that can be known without weights.
    """
    device = "cpu" if request.device == "cpu" else "cuda"
    rows: list[dict[str, Any]] = []
    tasks, refused = list_tasks(request)
    raise_all(refused)
    for files, group in groupby(tasks, key=lambda task: task.files):
        rows += _plan_model(request, files, list(group), BUDGETS[device])
    numbers = [(field.name, pl.Float64 if field.type is float else pl.Int64) for field in fields(Cost)]
    task = [(name, pl.String) for name in ("model", "stimulus_set", "recipe", "state")]
    return pl.DataFrame(rows, schema=[*task, *numbers])


def _plan_model(
    request: ExtractionRequest, files: ModelFiles, tasks: list[Task], budget: Budget
) -> list[dict[str, Any]]:
    tokenizer, sha256 = load_tokenizer(files), weights_sha256(files)
    with torch.device("meta"):
        network = empty_network(files)
    model = LoadedModel(identify(files, network, sha256), files.kind, network, tokenizer)
    rows = []
    for task in tasks:
        key = task.key(files.commit or sha256, tokenizer_sha256(tokenizer))
        state = _state(request, task, key)
        runner = make_runner(model, task.recipe, request.surprisal)
        prompt = make_prompt(task.recipe.prompt, tokenizer) if task.recipe.prompt else None
        reading = read_stimuli(task.stimuli, runner.encoder, task.recipe, runner.limits, prompt)
        row = {"model": files.model, "stimulus_set": task.stimuli.name, "recipe": task.recipe.name, "state": state}
        rows.append(row | vars(_cost(runner, task, reading, budget)))
    return rows


def _state(request: ExtractionRequest, task: Task, key: Key) -> str:
    found = [task.find(request.bank, table, key) for table in task.tables(request.surprisal)]
    differences = list(dict.fromkeys(name for _, others in found for name in others))
    if differences:
        return f"there, from another {', '.join(differences)}"
    return "there" if all(sidecar for sidecar, _ in found) else "to do"


def _cost(runner: Runner, task: Task, reading: Reading, budget: Budget) -> Cost:
    identity, size = runner.model.identity, DTYPES[task.recipe.dtype].itemsize
    embeddings = (runner.network.get_input_embeddings(), runner.network.get_output_embeddings())
    n_embedding = sum(weight.numel() for weight in {module.weight for module in embeddings if module is not None})
    n_vocabulary = runner.network.config.get_text_config().vocab_size
    width, lengths = identity.width, [len(one) for one in reading.passes]
    n_scored = sum(len(one.slots) for one in reading.passes)
    attention = sum(2 * 2 * n * n / (2 if runner.limits.causal else 1) for n in lengths) * width * identity.n_layers
    weights = 2.0 * (identity.n_params - n_embedding) * sum(lengths)
    n_values = len(task.stimuli) * width * len(runner.taps)
    parts = schedule(reading.passes, budget, width * len(runner.taps))
    largest = max(len(batch) * max(lengths[k] for k in batch) for part in parts for batch in part)
    # Per token of a batch: a handful of states, the MLP's, and one chunk of logits.
    batch = largest * width * 16 * size + 256 * n_vocabulary * 4 * 2
    contexts = task.stimuli.context_ids if task.recipe.context == "accumulate" else task.stimuli.document_ids
    return Cost(
        documents=len(set(contexts)),
        passes=len(lengths),
        tokens=sum(lengths),
        flops=weights + attention + 2.0 * n_scored * width * n_vocabulary,
        disk_bytes=int(4 * n_values * COMPRESSED[significand_bits(task.recipe)]),
        staging_bytes=4 * n_values,
        memory_bytes=identity.n_params * size + batch,
    )
