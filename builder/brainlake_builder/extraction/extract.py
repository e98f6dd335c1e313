"""Extraction: stimulus sets through language models into the activations and surprisal of a bank."""

import sys
from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path

from tqdm import tqdm

from brainlake.bank.manifest import rebuild_manifest
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError
from brainlake_builder.extraction.checks import check_reading
from brainlake_builder.extraction.parallel import one_thread_a_batch
from brainlake_builder.extraction.run import run_and_write, sidecar_facts
from brainlake_builder.extraction.tasks import Key, Shard, Task, check_device, list_tasks
from brainlake_builder.models.files import ModelFiles, Quantization
from brainlake_builder.models.loading import (
    LoadedModel,
    identify,
    load_network,
    load_tokenizer,
    tokenizer_sha256,
    weights_sha256,
)
from brainlake_builder.models.runners import make_runner
from brainlake_builder.tables.registry import check_model, register_model
from brainlake_builder.text.contexts import read_stimuli
from brainlake_builder.text.prompts import make_prompt


def extract(
    bank: Path,
    models: Sequence[str],
    stimuli: Sequence[str],
    recipes: Sequence[str] = ("document",),
    *,
    name: str | None = None,
    revision: str | None = None,
    device: str = "cpu",
    untrained_seed: int | None = None,
    quantization: Quantization | None = None,
    trust_remote_code: bool = False,
    shard: str | None = None,
    surprisal: bool = True,
    overwrite: bool = False,
) -> list[Sidecar]:
    """Write activations and surprisal of models on stimulus sets into a bank.

    What is there for the same weights, tokenizer, recipe, stimuli and engine is left alone. A run that was killed
    goes on where it was when it is started again.

    Parameters
    ----------
    bank
        Folder of a bank that has the stimulus sets.
    models
        Local folders, or Hub ids, also as ``owner/name@revision``.
    stimuli
        Stimulus sets, or benchmarks, which stand for theirs.
    recipes
        Recipes, such as ``document`` or ``aw2024+readout=residual``.
    name
        Name in the bank of a single local folder.
    revision, untrained_seed, quantization, trust_remote_code
        See :func:`~brainlake_builder.models.files.locate_model`.
    device
        See :func:`~brainlake_builder.models.loading.load_model`.
    shard
        ``i/n``: take every n-th (model, recipe, stimulus set), from the i-th.
    surprisal
        Whether to write surprisal as well as activations.
    overwrite
        Replace files that were made from something else.

    Returns
    -------
    list of Sidecar
        Those of the files that were written or already there.

    Raises
    ------
    BrainlakeError
        If anything cannot be done as asked; all that can be known without the weights is refused before the first
        model is loaded.
    """
    check_device(device, quantization)
    tasks = list_tasks(
        bank,
        models,
        stimuli,
        recipes,
        name=name,
        revision=revision,
        untrained_seed=untrained_seed,
        quantization=quantization,
        trust_remote_code=trust_remote_code,
        shard=None if shard is None else Shard.parse(shard),
    )
    written: list[Sidecar] = []
    with one_thread_a_batch(device) as workers:
        for files, group in groupby(tasks, key=lambda task: task.files):
            written += _extract_model(bank, files, list(group), device, surprisal, overwrite, workers)
    rebuild_manifest(bank)
    return written


def _extract_model(
    bank: Path, files: ModelFiles, tasks: list[Task], device: str, surprisal: bool, overwrite: bool, workers: int
) -> list[Sidecar]:
    """All tasks of one model; it is not loaded if there is nothing to do."""
    sha256, tokenizer = weights_sha256(files), load_tokenizer(files)
    version = files.commit or sha256
    check_model(bank, files.model, version)
    written: list[Sidecar] = []
    todo: list[tuple[Task, Key, Callable[[], list[Sidecar]]]] = []
    for task in tasks:
        key = task.key(version, tokenizer_sha256(tokenizer))
        look: Callable[[], list[Sidecar]] = partial(_already_there, bank, task, task.tables(surprisal), key, overwrite)
        there = look()
        if there:
            tqdm.write(f"{task.title}: already there", file=sys.stderr)
            written += there
        else:
            todo.append((task, key, look))
    todo.sort(key=lambda one: one[0].recipe.dtype)
    for dtype, group in groupby(todo, key=lambda one: one[0].recipe.dtype):
        network = load_network(files, device, dtype)
        model = LoadedModel(identify(files, network, sha256), files.kind, network, tokenizer)
        register_model(bank, model.identity.to_row(), version)
        for task, key, look in group:
            written += _extract_task(bank, model, task, key, surprisal, workers, look)
    return written


def _already_there(bank: Path, task: Task, tables: list[str], key: Key, overwrite: bool) -> list[Sidecar]:
    """The files of a task if all of them were made from the same."""
    found = [task.find(bank, table, key) for table in tables]
    for sidecar, differences in found:
        if sidecar and differences and not overwrite:
            raise BrainlakeError(
                f"{bank / sidecar.path} is there, made from another {', '.join(differences)}; "
                f"replace it with --overwrite"
            )
    sidecars = [sidecar for sidecar, differences in found if sidecar and not differences]
    return sidecars if len(sidecars) == len(tables) else []


def _extract_task(
    bank: Path,
    model: LoadedModel,
    task: Task,
    key: Key,
    surprisal: bool,
    workers: int,
    already_there: Callable[[], list[Sidecar]],
) -> list[Sidecar]:
    with make_runner(model, task.recipe, surprisal) as runner:
        prompt = make_prompt(task.recipe.prompt, model.tokenizer) if task.recipe.prompt else None
        reading = read_stimuli(task.stimuli, runner.encoder, task.recipe, runner.limits, prompt)
        facts = sidecar_facts(runner, task, reading, key, check_reading(runner, task.stimuli, reading))
        return run_and_write(bank, runner, task, reading, facts, workers, already_there)
