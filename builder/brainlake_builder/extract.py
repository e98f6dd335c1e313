"""Extraction: stimulus sets through language models into the activations and surprisal of a bank."""

import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from tqdm import tqdm

from brainlake.errors import BrainlakeError
from brainlake.layout import feature_path
from brainlake.manifest import Sidecar, rebuild_manifest
from brainlake_builder.batching import BUDGETS, pad, schedule
from brainlake_builder.checks import Check, check_reading
from brainlake_builder.contexts import read_stimuli
from brainlake_builder.models import make_runner
from brainlake_builder.models.files import ModelFiles, Quantization
from brainlake_builder.models.loading import (
    LoadedModel,
    identify,
    load_network,
    load_tokenizer,
    tokenizer_sha256,
    weights_sha256,
)
from brainlake_builder.models.runner import BatchResult, Runner, join_results
from brainlake_builder.parallel import in_order, one_thread_a_batch
from brainlake_builder.passes import Reading
from brainlake_builder.precision import round_significand, significand_bits
from brainlake_builder.prompts import make_prompt
from brainlake_builder.registry import check_model, register_model
from brainlake_builder.staging import Staging
from brainlake_builder.surprisal import word_surprisal
from brainlake_builder.tasks import Key, Shard, Task, check_device, list_tasks
from brainlake_builder.writer import library_versions, write_activations, write_surprisal


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
    tables = ["activations", "surprisal"] if surprisal and files.kind != "encoder" else ["activations"]
    written: list[Sidecar] = []
    todo: list[tuple[Task, Key]] = []
    for task in tasks:
        key = task.key(version, tokenizer_sha256(tokenizer))
        there = _already_there(bank, task, tables, key, overwrite)
        if there:
            tqdm.write(f"{task.title}: already there", file=sys.stderr)
            written += there
        else:
            todo.append((task, key))
    todo.sort(key=lambda one: one[0].recipe.dtype)
    for dtype, group in groupby(todo, key=lambda one: one[0].recipe.dtype):
        network = load_network(files, device, dtype)
        model = LoadedModel(identify(files, network, sha256), files.kind, network, tokenizer)
        register_model(bank, model.identity.to_row(), version)
        for task, key in group:
            written += _extract_task(bank, model, task, key, surprisal, workers)
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


def _extract_task(bank: Path, model: LoadedModel, task: Task, key: Key, surprisal: bool, workers: int) -> list[Sidecar]:
    stimuli, recipe = task.stimuli, task.recipe
    with make_runner(model, recipe, surprisal) as runner:
        prompt = make_prompt(recipe.prompt, model.tokenizer) if recipe.prompt else None
        reading = read_stimuli(stimuli, runner.encoder, recipe, runner.limits, prompt)
        facts = _facts(runner, task, reading, key, check_reading(runner, stimuli, reading))
        parts = schedule(reading.passes, BUDGETS[model.device.type], model.identity.width * len(runner.taps))
        with Staging(bank, task.digest, _setting(facts, parts), len(parts)) as staging:
            _sweep(bank, task)
            _run(runner, reading, parts, staging, task.title, workers)
            written = [_write_activations(bank, runner, task, staging, facts)]
            if runner.head is not None:
                written.append(_write_surprisal(bank, runner, task, reading, staging, facts))
            staging.remove()
    return written


def _facts(runner: Runner, task: Task, reading: Reading, key: Key, checks: list[Check]) -> dict[str, Any]:
    """Fields of the sidecar."""
    model = runner.model
    details = {
        "key": asdict(key),
        "weights_sha256": model.identity.weights_sha256,
        "quantization": task.files.quantization,
        "attention": model.network.config._attn_implementation,
        "head": runner.head.name if runner.head else None,
        "space_marker": runner.encoder.marker,
        "tokens_fed": reading.n_tokens,
        **reading.facts,
    }
    return {
        "model_revision": key.model,
        "stimuli_sha256": task.stimuli.sha256,
        "dtype": task.recipe.dtype,
        "device": _device_name(model.device),
        "versions": library_versions(),
        "checks": checks,
        "details": json.dumps(details, sort_keys=True),
    }


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


def _run(
    runner: Runner, reading: Reading, parts: list[list[list[int]]], staging: Staging, title: str, workers: int
) -> None:
    """Run the parts that are not staged yet; they are written while the next ones run."""

    def run(k: int) -> BatchResult:
        return join_results([runner.run(pad([reading.passes[j] for j in batch])) for batch in parts[k]])

    sizes = [sum(len(reading.passes[j]) for batch in part for j in batch) for part in parts]
    todo = [k for k in range(len(parts)) if not staging.has(k)]
    # disable=None: a bar on a terminal, silence in a log.
    with tqdm(total=sum(sizes), desc=title, unit="token", unit_scale=True, disable=None) as bar:
        bar.update(sum(sizes) - sum(sizes[k] for k in todo))
        for k, result in zip(todo, in_order(run, todo, workers), strict=True):
            staging.write(k, result)
            bar.update(sizes[k])


def _write_activations(bank: Path, runner: Runner, task: Task, staging: Staging, facts: dict[str, Any]) -> Sidecar:
    stimuli, bits = task.stimuli, significand_bits(task.recipe)
    layers = (
        (tap.layer, tap.name, round_significand(staging.layer(k, len(stimuli)), bits))
        for k, tap in enumerate(runner.taps)
    )
    where = (bank, task.files.model, stimuli.name, task.recipe, stimuli.stimulus_ids)
    return write_activations(*where, layers, **facts, significand_bits=bits)


def _write_surprisal(
    bank: Path, runner: Runner, task: Task, reading: Reading, staging: Staging, facts: dict[str, Any]
) -> Sidecar:
    words = reading.words
    table = word_surprisal(words, begins=runner.begins, **staging.slots(len(words.targets)))
    columns = {name: _nullable(values) for name, values in table.items()}
    where = (bank, task.files.model, task.stimuli.name, task.recipe)
    return write_surprisal(*where, {"stimulus_id": task.stimuli.stimulus_ids} | columns, **facts)


def _nullable(values: npt.NDArray[Any]) -> list[Any]:
    """A column in which NaN is null."""
    return [None if isinstance(value, float) and np.isnan(value) else value for value in values.tolist()]


def _device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
