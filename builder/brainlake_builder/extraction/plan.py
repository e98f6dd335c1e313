"""What an extraction would take, before any weight is read."""

import random
import time
from dataclasses import dataclass, fields, replace
from itertools import groupby
from typing import Any

import polars as pl
import torch

from brainlake.errors import Failures
from brainlake_builder.extraction.batch_size import fitting, token_bytes
from brainlake_builder.extraction.parallel import in_order, one_thread_a_batch
from brainlake_builder.extraction.precision import FLOAT32_BITS, significand_bits
from brainlake_builder.extraction.request import ExtractionRequest
from brainlake_builder.extraction.run import own_budget, parts_of, run_part, side_by_side, tokens_of_parts
from brainlake_builder.extraction.tasks import Key, Task, list_tasks
from brainlake_builder.models.files import ModelFiles
from brainlake_builder.models.loading import (
    DTYPES,
    LoadedModel,
    empty_network,
    identify,
    load_network,
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

PROBE = 2.0
"""Seconds that texts are run for to measure how fast they are read."""


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
    batch_tokens
        Padded tokens of a batch, as many as the memory of the device holds.
    """

    documents: int
    passes: int
    tokens: int
    flops: float
    disk_bytes: int
    staging_bytes: int
    memory_bytes: int
    batch_tokens: int


def plan(request: ExtractionRequest, measure: bool = False) -> pl.DataFrame:
    """What :func:`~brainlake_builder.extraction.extract.extract` would do with the same request.

    Texts are tokenised; the network is built without weights. Files of weights are hashed, to know what is there
    already.

    Parameters
    ----------
    measure
        Load the weights of what is to do, run its texts for two seconds, and say how long all of them will take.

    Returns
    -------
    Columns ``model``, ``stimulus_set``, ``recipe``, ``state`` (``to do``, ``there``, or what an existing file was made
    from that is not the same) and those of :class:`Cost`; one row a task. With ``measure`` ``tokens_per_second`` and
    ``seconds``, of the passes alone, as well; null for what is there.

    Raises
    ------
    BrainlakeError
        As ``extract``, for all that can be known without weights.
    """
    rows: list[dict[str, Any]] = []
    with Failures() as failures:
        tasks = list_tasks(request, failures)
    for files, group in groupby(tasks, key=lambda task: task.files):
        rows += _plan_model(request, files, list(group), measure)
    numbers = [(field.name, pl.Float64 if field.type is float else pl.Int64) for field in fields(Cost)]
    task = [(name, pl.String) for name in ("model", "stimulus_set", "recipe", "state")]
    speed = [("tokens_per_second", pl.Float64), ("seconds", pl.Float64)] if measure else []
    return pl.DataFrame(rows, schema=[*task, *numbers, *speed])


def _plan_model(
    request: ExtractionRequest, files: ModelFiles, tasks: list[Task], measure: bool
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
        where = {"model": files.model, "stimulus_set": task.stimuli.name, "recipe": task.recipe.name}
        row: dict[str, Any] = where | {"state": state}
        row |= vars(_cost(runner, task, reading, _budget(request.device, runner, task)))
        if measure:
            rate = None if state == "there" else tokens_per_second(request, model, task, reading)
            row |= {"tokens_per_second": rate, "seconds": rate and row["tokens"] / rate}
        rows.append(row)
    return rows


def _budget(device: str, runner: Runner, task: Task) -> Budget:
    """The batches that the device will have memory for, once the weights are on it."""
    size = DTYPES[task.recipe.dtype].itemsize
    bytes_a_token = token_bytes(runner.model.identity.width, len(runner.taps), size)
    if device == "cpu" or not torch.cuda.is_available():
        return BUDGETS["cpu" if device == "cpu" else "cuda"]
    free, _ = torch.cuda.mem_get_info(None if device == "auto" else device)
    return fitting(BUDGETS["cuda"], free - runner.model.identity.n_params * size, bytes_a_token)


def tokens_per_second(request: ExtractionRequest, model: LoadedModel, task: Task, reading: Reading) -> float:
    """How fast a model reads the texts of a task on the device, its weights loaded for it; a first part is not counted.

    Parameters
    ----------
    model
        Without weights.
    """
    loaded = replace(model, network=load_network(task.files, request.device, task.recipe.dtype))
    with one_thread_a_batch(request.device) as workers, make_runner(loaded, task.recipe, request.surprisal) as runner:
        parts = parts_of(runner, reading, own_budget(runner))
        random.Random(0).shuffle(parts)  # the longest texts come first, and they are not like the rest
        sizes = tokens_of_parts(reading, parts)
        run_part(runner, reading, parts[0])
        begun, done = time.perf_counter(), 0
        results = in_order(lambda part: run_part(runner, reading, part), parts, side_by_side(runner, workers))
        for size, _ in zip(sizes, results, strict=True):
            done += size
            seconds = time.perf_counter() - begun
            if seconds > PROBE:
                break
        results.close()  # waits for parts that are begun and not counted
        return done / seconds


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
    # Beside the states of a batch there is one chunk of logits.
    batch = largest * token_bytes(width, len(runner.taps), size) + 256 * n_vocabulary * 4 * 2
    contexts = task.stimuli.context_ids if task.recipe.context == "accumulate" else task.stimuli.document_ids
    return Cost(
        documents=len(set(contexts)),
        passes=len(lengths),
        tokens=sum(lengths),
        flops=weights + attention + 2.0 * n_scored * width * n_vocabulary,
        disk_bytes=int(4 * n_values * COMPRESSED[significand_bits(task.recipe)]),
        staging_bytes=4 * n_values,
        memory_bytes=identity.n_params * size + batch,
        batch_tokens=budget.batch,
    )
