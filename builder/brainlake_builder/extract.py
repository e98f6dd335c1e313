"""Extraction: stimulus sets through language models into the activations and surprisal of a bank."""

import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
import torch
from tqdm import tqdm

from brainlake.errors import BrainlakeError, UnknownNameError
from brainlake.layout import feature_path, table_path
from brainlake.manifest import Sidecar, read_sidecars, rebuild_manifest
from brainlake.recipe import Recipe, parse_recipe
from brainlake_builder.checks import Check, check_reading
from brainlake_builder.models.decoder import DecoderOnly
from brainlake_builder.models.loading import LoadedModel, load_model, locate_model
from brainlake_builder.parallel import in_order, one_thread_a_batch
from brainlake_builder.sequences import Reading, batches, pad, read_stimuli
from brainlake_builder.staging import Staging
from brainlake_builder.surprisal import word_surprisal
from brainlake_builder.text import Stimuli
from brainlake_builder.writer import library_versions, write_activations, write_surprisal, write_table

ENGINE = 1
"""Version of the engine: goes up whenever the numbers that it gives may change."""

TOKENS_A_BATCH = {"cpu": 2048, "cuda": 32768}
"""Padded tokens of a batch, by device."""

SIGNIFICAND_BITS = {
    ("float32", "last"): 23,
    ("float32", "mean"): 23,
    ("bfloat16", "last"): 7,
    ("bfloat16", "mean"): 12,
    ("float16", "last"): 10,
    ("float16", "mean"): 12,
}
"""Bits kept of each float32 significand: all that a pass of that precision can give."""


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
    trust_remote_code: bool = False,
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
    revision, untrained_seed, trust_remote_code
        See :func:`~brainlake_builder.models.loading.locate_model`.
    device
        See :func:`~brainlake_builder.models.loading.load_model`.
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
    sets = [Stimuli.read(bank, stimulus_set) for stimulus_set in _stimulus_sets(bank, stimuli)]
    parsed = list(dict.fromkeys(parse_recipe(recipe) for recipe in recipes))
    if name is not None and len(models) != 1:
        raise BrainlakeError("a name can be given to one model at a time")
    _check_device(device)
    found = [
        locate_model(
            source,
            name=name,
            revision=revision,
            trust_remote_code=trust_remote_code,
            untrained_seed=untrained_seed,
        )
        for source in dict.fromkeys(models)
    ]
    written: list[Sidecar] = []
    with one_thread_a_batch(device) as workers:
        for files in found:
            for dtype in dict.fromkeys(recipe.dtype for recipe in parsed):
                model = load_model(files, device=device, dtype=dtype)
                _register(bank, model, overwrite)
                for recipe in (r for r in parsed if r.dtype == dtype):
                    for one in sets:
                        written += _extract_one(bank, model, one, recipe, overwrite, workers)
    rebuild_manifest(bank)
    return written


def _stimulus_sets(bank: Path, names: Sequence[str]) -> list[str]:
    if not bank.is_dir():
        raise BrainlakeError(f"there is no bank at {bank}: no such folder")
    sidecars = read_sidecars(bank)
    known = {s.name for s in sidecars if s.kind == "stimuli"}
    benchmarks: dict[str, list[str]] = {}
    for sidecar in sidecars:
        if sidecar.kind == "benchmarks":
            rows = pq.read_table(bank / sidecar.path, columns=["benchmark", "stimulus_sets"]).to_pylist()
            benchmarks |= {row["benchmark"]: row["stimulus_sets"] for row in rows}
    found: list[str] = []
    for name in names:
        if name not in known and name not in benchmarks:
            raise UnknownNameError("stimulus set or benchmark", name, sorted(str(k) for k in known | benchmarks.keys()))
        found += [name] if name in known else benchmarks[name]
    for name in found:
        if name not in known:
            raise BrainlakeError(f"stimulus set {name} is not in {bank}; build it with `brainlake-build humans`")
    return list(dict.fromkeys(found))


def _check_device(device: str) -> None:
    if device in ("cpu", "auto"):
        return
    if not device.startswith("cuda"):
        raise BrainlakeError(f"device is cpu, cuda, cuda:N or auto, not {device!r}")
    if not torch.cuda.is_available():
        raise BrainlakeError(f"device {device}: torch {torch.__version__} sees no GPU; use --device cpu")


def _register(bank: Path, model: LoadedModel, overwrite: bool) -> None:
    """Write the model's row, unless it is there; refuse other weights under the same name."""
    identity = model.identity
    path = bank / table_path("models", identity.model)
    if path.exists() and path.with_name(path.name + ".json").exists():
        row = pq.read_table(path).to_pylist()[0]
        there = (row["commit"], row["weights_sha256"])
        if there == (identity.commit, identity.weights_sha256):
            return
        if not overwrite:
            raise BrainlakeError(
                f"{bank} already has a model {identity.model} with other weights (commit {there[0]}, sha256 "
                f"{str(there[1])[:12]}); give this one another name, or replace that one with --overwrite"
            )
    write_table(bank, "models", identity.model, identity.to_table(), model=identity.model)


def _extract_one(
    bank: Path, model: LoadedModel, stimuli: Stimuli, recipe: Recipe, overwrite: bool, workers: int
) -> list[Sidecar]:
    key = {
        "engine": ENGINE,
        "model": model.identity.version,
        "recipe": recipe.digest,
        "stimuli": stimuli.sha256,
        "tokenizer": model.tokenizer_sha256,
    }
    title = f"{model.identity.model} on {stimuli.name} by {recipe.name}"
    there = [_there(bank, table, model, stimuli, recipe, key, overwrite) for table in ("activations", "surprisal")]
    if all(there):
        tqdm.write(f"{title}: already there", file=sys.stderr)
        return [sidecar for sidecar in there if sidecar]
    with DecoderOnly(model, recipe) as runner:
        reading = read_stimuli(stimuli, runner.encoder, recipe, runner.limits)
        checks = check_reading(runner, reading)
        facts = _facts(model, stimuli, recipe, runner, reading, key, checks)
        staging, n_batches = _run(bank, runner, reading, facts, title, workers)
    bits = SIGNIFICAND_BITS[recipe.dtype, recipe.pool]
    layers = (
        (tap.layer, tap.name, round_significand(staging.layer(k, len(stimuli), n_batches), bits))
        for k, tap in enumerate(runner.taps)
    )
    where = (bank, model.identity.model, stimuli.name, recipe)
    activations = write_activations(*where, stimuli.stimulus_ids, layers, **facts, significand_bits=bits)
    table = word_surprisal(reading.words, begins=runner.begins, **staging.slots(len(reading.words.targets), n_batches))
    if recipe.boundary == "none":
        table["surprisal"] = table["surprisal_tokens"]
    columns = {name: _nullable(values) for name, values in table.items()}
    surprisal = write_surprisal(*where, {"stimulus_id": stimuli.stimulus_ids} | columns, **facts)
    staging.remove()
    return [activations, surprisal]


def _there(
    bank: Path,
    table: str,
    model: LoadedModel,
    stimuli: Stimuli,
    recipe: Recipe,
    key: dict[str, Any],
    overwrite: bool,
) -> Sidecar | None:
    """The file of this task if it was made from the same; refuses one that was made from something else."""
    path = bank / feature_path(table, model.identity.model, stimuli.name, recipe)
    sidecar_path = path.with_name(path.name + ".json")
    if not (path.exists() and sidecar_path.exists()):
        return None
    sidecar = Sidecar.read(bank, sidecar_path)
    found = json.loads(sidecar.details or "{}").get("key", {})
    if found == key:
        return sidecar
    if not overwrite:
        other = ", ".join(name for name in key if found.get(name) != key[name])
        raise BrainlakeError(f"{path} is there, made from another {other}; replace it with --overwrite")
    return None


def _facts(
    model: LoadedModel,
    stimuli: Stimuli,
    recipe: Recipe,
    runner: DecoderOnly,
    reading: Reading,
    key: dict[str, Any],
    checks: list[Check],
) -> dict[str, Any]:
    details = {
        "key": key,
        "weights_sha256": model.identity.weights_sha256,
        "attention": model.network.config._attn_implementation,
        "head": runner.head.name,
        "space_marker": runner.encoder.marker,
        "tokens_fed": reading.n_tokens,
        **reading.facts,
    }
    return {
        "model_revision": model.identity.version,
        "stimuli_sha256": stimuli.sha256,
        "dtype": recipe.dtype,
        "device": _device_name(model.device),
        "versions": library_versions(),
        "checks": checks,
        "details": json.dumps(details, sort_keys=True),
    }


def _run(
    bank: Path, runner: DecoderOnly, reading: Reading, facts: dict[str, Any], title: str, workers: int
) -> tuple[Staging, int]:
    """Run the batches that are not staged yet.

    The folder is named after all that decides the bytes, libraries and threads included, so that batches of
    another setting are never mixed in.
    """
    budget = TOKENS_A_BATCH[runner.model.device.type]
    groups = batches(reading.passes, budget)
    setting = {k: facts[k] for k in ("model_revision", "dtype", "device", "versions", "details")} | {"budget": budget}
    digest = hashlib.sha256(json.dumps(setting, sort_keys=True).encode()).hexdigest()[:16]
    staging = Staging(bank, digest)
    todo = [k for k in range(len(groups)) if not staging.has(k)]
    results = in_order(lambda k: runner.run(pad([reading.passes[j] for j in groups[k]])), todo, workers)
    # disable=None: a bar on a terminal, silence in a log.
    with tqdm(total=reading.n_tokens, desc=title, unit="token", unit_scale=True, disable=None) as bar:
        sizes = [sum(len(reading.passes[j]) for j in group) for group in groups]
        bar.update(sum(sizes) - sum(sizes[k] for k in todo))
        for k, result in zip(todo, results, strict=True):
            staging.write(k, result)
            bar.update(sizes[k])
    return staging, len(groups)


def round_significand(values: npt.NDArray[np.float32], bits: int) -> npt.NDArray[np.float32]:
    """Round float32 values to the nearest with ``bits`` bits after the leading one, ties to even."""
    drop = 23 - bits
    if drop == 0:
        return values
    raw = np.ascontiguousarray(values, np.float32).view(np.uint32)
    half = np.uint32((1 << (drop - 1)) - 1) + ((raw >> np.uint32(drop)) & np.uint32(1))
    rounded = (raw + half) & np.uint32(~((1 << drop) - 1) & 0xFFFFFFFF)
    found: npt.NDArray[np.float32] = rounded.view(np.float32)
    return found


def _nullable(values: npt.NDArray[Any]) -> list[Any]:
    """A column in which NaN is null."""
    return [None if isinstance(v, float) and v != v else v for v in values.tolist()]


def _device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
