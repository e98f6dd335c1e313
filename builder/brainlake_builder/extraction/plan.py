"""What an extraction would do: what is there, and what is left, with what it takes."""

import random
import time
from dataclasses import fields, replace
from itertools import groupby
from typing import Any

import polars as pl

from brainlake.errors import Failures
from brainlake_builder.extraction.cost import Cost, costs, without_weights
from brainlake_builder.extraction.parallel import in_order, one_thread_a_batch
from brainlake_builder.extraction.request import ExtractionRequest
from brainlake_builder.extraction.run import own_budget, parts_of, run_part, side_by_side, tokens_of_parts
from brainlake_builder.extraction.tasks import Key, Task, list_tasks
from brainlake_builder.models.files import ModelFiles
from brainlake_builder.models.foreign import within_memory
from brainlake_builder.models.loading import LoadedModel, load_network, tokenizer_sha256, weights_sha256
from brainlake_builder.models.runners import make_runner
from brainlake_builder.text.passes import Reading

PROBE = 2.0
"""Seconds that texts are run for to measure how fast they are read."""


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
    sha256 = weights_sha256(files)
    model = without_weights(files, sha256)
    rows = []
    for task, reading, cost in costs(model, tasks, request.device, request.surprisal):
        key = task.key(files.commit or sha256, tokenizer_sha256(model.tokenizer))
        state = _state(request, task, key)
        where = {"model": files.model, "stimulus_set": task.stimuli.name, "recipe": task.recipe.name}
        row: dict[str, Any] = where | {"state": state} | vars(cost)
        if measure:
            rate = None if state == "there" else tokens_per_second(request, model, task, reading)
            row |= {"tokens_per_second": rate, "seconds": rate and row["tokens"] / rate}
        rows.append(row)
    return rows


def tokens_per_second(request: ExtractionRequest, model: LoadedModel, task: Task, reading: Reading) -> float:
    """How fast a model reads the texts of a task on the device, its weights loaded for it; a first part is not counted.

    Parameters
    ----------
    model
        Without weights.
    """
    loaded = replace(model, network=load_network(task.files, request.device, task.recipe.dtype))
    with (
        within_memory(task.title),
        one_thread_a_batch(request.device) as workers,
        make_runner(loaded, task.recipe, request.surprisal) as runner,
    ):
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
