"""All tasks of one model: it is loaded once, and serves all of its stimulus sets."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from brainlake.bank.provenance import dependents
from brainlake.bank.sidecars import read_sidecars
from brainlake.contract.layout import feature_path
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError, Failures
from brainlake.report.progress import Progress
from brainlake_builder.extraction.checks import check_reading
from brainlake_builder.extraction.facts import sidecar_facts
from brainlake_builder.extraction.request import ExtractionRequest
from brainlake_builder.extraction.run import Work, run_and_write
from brainlake_builder.extraction.staging import sweep_staging
from brainlake_builder.extraction.tasks import Key, Task
from brainlake_builder.models.files import ModelFiles
from brainlake_builder.models.foreign import within_memory
from brainlake_builder.models.loading import (
    LoadedModel,
    identify,
    load_hashed,
    load_network,
    load_tokenizer,
    tokenizer_sha256,
    weights_sha256,
)
from brainlake_builder.models.runners import make_runner
from brainlake_builder.tables.placing import check_one_file
from brainlake_builder.tables.registry import check_model, has_model, register_model, state_training
from brainlake_builder.text.contexts import read_stimuli
from brainlake_builder.text.prompts import make_prompt

PATIENCE: Final = 600.0
"""Seconds that a worker of a cluster waits for another one that is at work on its task: where a machine is cut off, its
task is begun again elsewhere before the machine knows that it is lost."""


def extract_model(
    request: ExtractionRequest,
    files: ModelFiles,
    tasks: list[Task],
    workers: int,
    failures: Failures,
    progress: Progress,
) -> Iterator[Sidecar]:
    """Files of all tasks of one model, as they are written; it is not loaded if there is nothing to do.

    Parameters
    ----------
    request
        What they are part of.
    files, tasks
        The model, and what is asked of it.
    workers
        Batches to run side by side.
    failures
        Where tasks that fail are put.
    progress
        Says how far it is.

    Raises
    ------
    BrainlakeError
        If the model cannot be loaded, or the bank has another one of its name.
    """
    bank, tokenizer = request.bank, load_tokenizer(files)
    loaded: dict[str, Any] = {}
    if has_model(bank, files.model) or files.untrained_seed is not None:
        sha256 = weights_sha256(files)
    else:  # all is to do: the files are hashed while they are loaded
        dtype = min(task.recipe.dtype for task in tasks)
        with progress.step(f"{files.model}, loading"):
            loaded[dtype], sha256 = load_hashed(files, request.device, dtype)
    version = files.commit or sha256
    if check_model(bank, files.model, version):
        state_training(bank, files.model, **vars(files.lineage))
    todo: list[tuple[Task, Key, Callable[[], list[Sidecar]]]] = []
    for task in tasks:
        key = task.key(version, tokenizer_sha256(tokenizer))
        look: Callable[[], list[Sidecar]] = partial(_already_there, request, task, key)
        there: list[Sidecar] = []
        with failures.of(task.title):
            there = look()
            if there:
                sweep_staging(bank, task.digest)
                progress.note(f"{task.title}: already there")
            else:
                _say_what_goes(bank, task, progress)
                todo.append((task, key, look))
        yield from there
    todo.sort(key=lambda one: one[0].recipe.dtype)
    for dtype, group in groupby(todo, key=lambda one: one[0].recipe.dtype):
        if dtype not in loaded:
            with progress.step(f"{files.model}, loading"):
                loaded[dtype] = load_network(files, request.device, dtype)
        network = loaded.pop(dtype)
        row = identify(files, network, sha256)
        model = LoadedModel(row, files.kind, network, tokenizer, files.quantization, files.tensors)
        register_model(bank, row.to_row(), version)
        for task, key, look in group:
            made: list[Sidecar] = []
            with failures.of(task.title):
                made = _extract_task(request, model, task, key, workers, look, progress)
            yield from made


def _already_there(request: ExtractionRequest, task: Task, key: Key) -> list[Sidecar]:
    """The files of a task if all of them were made from the same."""
    bank, tables = request.bank, task.tables(request.surprisal)
    for table in tables:
        check_one_file(bank, feature_path(table, task.files.model, task.stimuli.name, task.recipe))
    found = [task.find(bank, table, key) for table in tables]
    for sidecar, differences in found:
        if sidecar and differences and not request.overwrite:
            raise BrainlakeError(
                f"{bank / sidecar.path} is there, made from another {', '.join(differences)}; "
                f"replace it with --overwrite"
            )
    sidecars = [sidecar for sidecar, differences in found if sidecar and not differences]
    return sidecars if len(sidecars) == len(tables) else []


def _say_what_goes(bank: Path, task: Task, progress: Progress) -> None:
    """Name what was made from files that are about to be replaced: it goes when they do."""
    paths = [feature_path(table, task.files.model, task.stimuli.name, task.recipe) for table in task.tables()]
    there = [path for path in paths if (bank / path).exists()]
    along = dependents(read_sidecars(bank), there) if there else []
    if along:
        progress.note(f"{task.title}: what was made from it goes too: {', '.join(s.path for s in along)}")


def _extract_task(
    request: ExtractionRequest,
    model: LoadedModel,
    task: Task,
    key: Key,
    workers: int,
    already_there: Callable[[], list[Sidecar]],
    progress: Progress,
) -> list[Sidecar]:
    shorter = ", or shorter windows with +max_tokens=N"
    with within_memory(task.title, shorter), make_runner(model, task.recipe, request.surprisal) as runner:
        prompt = make_prompt(task.recipe.prompt, model.tokenizer) if task.recipe.prompt else None
        reading = read_stimuli(task.stimuli, runner.encoder, task.recipe, runner.limits, prompt)
        facts = sidecar_facts(runner, task, reading, key, check_reading(runner, task.stimuli, reading, progress))
        patience = 0.0 if request.engine == "local" else PATIENCE
        work = Work(request.bank, runner, task, reading, facts, patience)
        return run_and_write(work, workers, already_there, progress)
