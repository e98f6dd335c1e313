"""A task from its passes to its files: parts are staged as they are computed, and put together when all are there."""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch

from brainlake.contract.layout import feature_path
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError
from brainlake.report.progress import SILENT, Progress
from brainlake_builder.extraction.batch_size import budget_of, halved, token_bytes
from brainlake_builder.extraction.parallel import in_order, processors
from brainlake_builder.extraction.precision import round_significand, significand_bits
from brainlake_builder.extraction.staging import Staging
from brainlake_builder.extraction.tasks import Task
from brainlake_builder.models.foreign import running
from brainlake_builder.models.runner import BatchResult, Runner, join_results
from brainlake_builder.tables.writer import EncodedLayer, write_encoded, write_surprisal
from brainlake_builder.text.batching import Budget, pad, schedule
from brainlake_builder.text.passes import Reading
from brainlake_builder.text.surprisal import stimulus_surprisal

ENCODED_BYTES: Final = 2 << 30
"""Bytes of float32 that are encoded at a time, unless one layer alone is more."""


@dataclass(frozen=True)
class Work:
    """A task with all that running it takes.

    Attributes
    ----------
    bank
        Folder of the bank.
    runner
        The model, ready to run.
    task
        What is to be made.
    reading
        The passes of the task.
    facts
        As from :func:`~brainlake_builder.extraction.facts.sidecar_facts`.
    patience
        Seconds to wait for another process that is at work on the task.
    """

    bank: Path
    runner: Runner
    task: Task
    reading: Reading
    facts: dict[str, Any]
    patience: float = 0


def run_and_write(
    work: Work, workers: int, already_there: Callable[[], list[Sidecar]], progress: Progress = SILENT
) -> list[Sidecar]:
    """Run what is not staged yet, and write the files of the task.

    Parameters
    ----------
    workers
        Batches to run side by side.
    already_there
        Looks for the files of the task: another process may have made them since this one made its plans.
    progress
        Says how far it is.

    Returns
    -------
    list of Sidecar
        Of the activations, and of the surprisal where the runner has a head.

    Raises
    ------
    BrainlakeError
        If another process is at work on this task, a state is not finite, or one pass alone needs too much memory.
    """
    budget, title = own_budget(work.runner), work.task.title
    while True:
        try:
            return _run_in_batches(work, budget, workers, already_there, progress)
        except torch.OutOfMemoryError:
            budget = halved(budget, max(map(len, work.reading.passes)), title)
            torch.cuda.empty_cache()
            progress.note(f"{title}: memory ran out; it starts again in batches of {budget.batch} tokens")


def _run_in_batches(
    work: Work, budget: Budget, workers: int, already_there: Callable[[], list[Sidecar]], progress: Progress
) -> list[Sidecar]:
    parts = parts_of(work.runner, work.reading, budget)
    details = json.dumps(work.facts["details"] | {"batch_tokens": budget.batch}, sort_keys=True)
    work = replace(work, facts=work.facts | {"details": details})
    setting = _setting(work.facts, parts)
    with Staging(work.bank, work.task.digest, setting, len(parts), work.patience) as staging:
        there = already_there()
        if there:
            staging.remove()
            return there
        _sweep(work.bank, work.task)
        _stage(work, parts, staging, workers, progress)
        written = [_write_activations(work, staging, progress)]
        if work.runner.head is not None:
            written.append(_write_surprisal(work, staging))
        staging.remove()
    return written


def own_budget(runner: Runner) -> Budget:
    """How much a network runs at once where it is."""
    size = token_bytes(runner.model.identity.width, len(runner.taps), runner.model.dtype.itemsize)
    return budget_of(runner.model.device, size)


def parts_of(runner: Runner, reading: Reading, budget: Budget) -> list[list[list[int]]]:
    """Which passes run together, and which batches are kept together; see :func:`schedule`."""
    n_values = runner.model.identity.width * len(runner.taps)
    return schedule(reading.passes, budget, n_values, runner.batching)


def side_by_side(runner: Runner, workers: int) -> int:
    """Batches that may run at once: one where a pass changes the network, or leaves something in its layers."""
    return workers if runner.batching == "padded" else 1


def layers_at_once(layer_bytes: int, n: int) -> int:
    """Layers that are encoded side by side: one a processor, as far as memory goes."""
    return max(1, min(n, processors(), ENCODED_BYTES // max(layer_bytes, 1)))


def _sweep(bank: Path, task: Task) -> None:
    """Remove half-written files of a run that was killed."""
    for table in ("activations", "surprisal"):
        path = bank / feature_path(table, task.files.model, task.stimuli.name, task.recipe)
        for debris in path.parent.glob(f".{path.name}*.tmp"):
            debris.unlink()


def _setting(facts: dict[str, Any], parts: list[list[list[int]]]) -> str:
    """Digest of all that decides the bytes of a batch: libraries, device and the batches themselves included."""
    decisive = {k: facts[k] for k in ("model_revision", "dtype", "device", "versions", "details")}
    return hashlib.sha256(json.dumps([decisive, parts], sort_keys=True).encode()).hexdigest()[:16]


def run_part(runner: Runner, reading: Reading, part: list[list[int]]) -> BatchResult:
    """Run the batches of a part, each a list of places in ``reading.passes``."""
    with running(runner.model.identity.model):
        return join_results([runner.run(pad([reading.passes[k] for k in batch])) for batch in part])


def tokens_of_parts(reading: Reading, parts: list[list[list[int]]]) -> list[int]:
    """Tokens that each part feeds."""
    return [sum(len(reading.passes[k]) for batch in part for k in batch) for part in parts]


def _stage(work: Work, parts: list[list[list[int]]], staging: Staging, workers: int, progress: Progress) -> None:
    """Run the parts that are not staged yet; they are written while the next ones run."""
    runner, reading = work.runner, work.reading
    n_tokens = tokens_of_parts(reading, parts)
    todo = [k for k in range(len(parts)) if not staging.has(k)]
    _check_room(work, [k for part in todo for batch in parts[part] for k in batch])
    sizes = [n_tokens[k] for k in todo]
    results = in_order(lambda k: run_part(runner, reading, parts[k]), todo, side_by_side(runner, workers))
    there = sum(n_tokens) - sum(sizes)
    steps = progress.steps(zip(todo, results, strict=True), work.task.title, "tokens", sizes=sizes, done=there)
    for k, result in steps:
        work.task.files.check_unwritten()
        staging.write(k, result)


def _check_room(work: Work, passes: list[int]) -> None:
    """Raise before the passes, and not hours later, if the disk cannot hold what they give."""
    runner = work.runner
    n_values = runner.model.identity.width * len(runner.taps) * sum(len(work.reading.passes[k].items) for k in passes)
    needed, free = n_values * runner.model.dtype.itemsize, shutil.disk_usage(work.bank).free
    if needed > free:
        raise BrainlakeError(
            f"{work.task.title}: its states take {needed >> 20} MB until they are written, and the disk of {work.bank} "
            f"has {free >> 20} MB left; make room first"
        )


def _write_activations(work: Work, staging: Staging, progress: Progress) -> Sidecar:
    """Layers are put together and encoded side by side, and written one behind the other."""
    runner, task, stimuli = work.runner, work.task, work.task.stimuli
    bits = significand_bits(task.recipe)
    where = (task.files.model, stimuli.name, task.recipe)

    def encoded(k: int) -> EncodedLayer:
        tap, states = runner.taps[k], staging.layer(k, len(stimuli))
        values = states.float().numpy()
        if states.dtype == torch.float32:  # of fewer bits nothing is to be rounded away
            values = round_significand(values, bits)
        return EncodedLayer.of(*where, tap.layer, tap.name, stimuli.stimulus_ids, values)

    n = len(runner.taps)
    layers = in_order(encoded, range(n), layers_at_once(4 * len(stimuli) * runner.model.identity.width, n))
    said = progress.steps(layers, f"{task.title}, writing", "layers", sizes=[1] * n)
    return write_encoded(work.bank, *where, len(stimuli), said, **work.facts, significand_bits=bits)


def _write_surprisal(work: Work, staging: Staging) -> Sidecar:
    task, words = work.task, work.reading.words
    table = stimulus_surprisal(words, begins=work.runner.begins, **staging.slots(len(words.targets)))
    columns = {name: _nullable(values) for name, values in table.items()}
    where = (work.bank, task.files.model, task.stimuli.name, task.recipe)
    return write_surprisal(*where, {"stimulus_id": task.stimuli.stimulus_ids} | columns, **work.facts)


def _nullable(values: npt.NDArray[Any]) -> list[Any]:
    """A column in which NaN is null."""
    return [None if isinstance(value, float) and np.isnan(value) else value for value in values.tolist()]
