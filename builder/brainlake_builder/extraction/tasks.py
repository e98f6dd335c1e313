"""What is to be extracted, and what is there already."""

import hashlib
import json
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, get_args

import torch

from brainlake.contract.layout import feature_path
from brainlake.contract.recipe import Recipe
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import AT_ONCE, BrainlakeError, Failures
from brainlake_builder.extraction.preflight import check_device_name, check_request
from brainlake_builder.extraction.request import ExtractionRequest
from brainlake_builder.extraction.shards import share_out
from brainlake_builder.models.files import ModelFiles, Quantization, locate_model
from brainlake_builder.text.documents import Stimuli

ENGINE = 1
"""Version of the engine: goes up whenever the numbers that it gives may change."""


@dataclass(frozen=True)
class Key:
    """All that decides the numbers of a task, but for rounding.

    Attributes
    ----------
    model
        Commit, or sha256 of the weights.
    tokenizer
        sha256 of the tokenizer.
    recipe
        Digest of the recipe.
    stimuli
        sha256 of the stimuli.
    engine
        Version of the engine.
    configuration
        sha256 of the model's configuration; files of earlier versions do not say theirs, and null says nothing.
    """

    model: str
    tokenizer: str
    recipe: str
    stimuli: str
    engine: int = ENGINE
    configuration: str | None = None


@dataclass(frozen=True)
class Task:
    """One model on one stimulus set by one recipe."""

    files: ModelFiles
    stimuli: Stimuli
    recipe: Recipe

    @property
    def title(self) -> str:
        """What a message calls it."""
        return f"{self.files.model} on {self.stimuli.name} by {self.recipe.name}"

    @property
    def digest(self) -> str:
        """A short name for a folder."""
        parts = (self.files.model, self.stimuli.name, self.recipe.name)
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]

    @property
    def weight(self) -> float:
        """What it costs beside others, by the configuration of its model and the length of its texts alone.

        It is the same in every process, whatever a bank has already, and needs neither weights nor a tokenizer.
        """
        config = self.files.config.get_text_config()
        # A configuration that came with a model's own code may name neither: then its models weigh alike.
        width, depth = getattr(config, "hidden_size", 1), getattr(config, "num_hidden_layers", 1)
        return float(width * width * depth) * sum(map(len, self.stimuli.texts))

    def key(self, version: str, tokenizer: str) -> Key:
        """Its key, given the version of the model and the digest of its tokenizer."""
        return Key(
            version,
            tokenizer,
            self.recipe.digest,
            self.stimuli.sha256,
            configuration=self.files.configuration_sha256,
        )

    def tables(self, surprisal: bool = True) -> list[str]:
        """Tables that it writes: an encoder gives no word probabilities."""
        return ["activations", "surprisal"] if surprisal and self.files.kind != "encoder" else ["activations"]

    def find(self, bank: Path, table: str, key: Key) -> tuple[Sidecar | None, list[str]]:
        """The file of a table, and in what it was made from something else; null if there is none."""
        path = feature_path(table, self.files.model, self.stimuli.name, self.recipe)
        sidecar = Sidecar.find(bank, path)
        if sidecar is None or not (bank / path).exists():
            return None, []
        found: dict[str, Any] = json.loads(sidecar.details or "{}").get("key", {})
        found.setdefault("configuration", key.configuration)
        return sidecar, [name for name, value in vars(key).items() if found.get(name) != value]


def list_tasks(request: ExtractionRequest, failures: Failures = AT_ONCE) -> list[Task]:
    """Every model on every stimulus set by every recipe, each made sure of as far as can be without weights.

    Parameters
    ----------
    request
        What is to be extracted.
    failures
        Where models that cannot be run are put, and the tasks are those of the others; by default the first one ends
        it.

    Raises
    ------
    BrainlakeError
        If a name is unknown, two models would have one name, or one would be its own base.
    """
    names, recipes = check_request(request)
    sets = [Stimuli.read(request.bank, name) for name in names]
    located: list[ModelFiles] = []
    for source, seed in product(request.models, request.seeds):
        with failures.of(source if seed is None else f"{source}, untrained, seed {seed}"):
            located.append(
                locate_model(
                    source,
                    name=request.name,
                    revision=request.revision,
                    untrained_seed=seed,
                    quantization=request.quantization,
                    gguf=request.gguf,
                    adapter=request.adapter,
                    trust_remote_code=request.trust_remote_code,
                    lineage=request.lineage,
                )
            )
    for files in located:
        if sum(other.model == files.model for other in located) > 1:
            raise BrainlakeError(f"two models would both be named {files.model}; extract them one by one, with a name")
        if files.lineage.base_model == files.model:
            raise BrainlakeError(f"{files.model} was not tuned from itself: name another base model, or none")
    tasks = [[Task(files, one, recipe) for recipe in recipes for one in sets] for files in located]
    if request.shard is None:
        return [task for own in tasks for task in own]
    count = min(request.shard.count, sum(map(len, tasks)))  # the shards behind are empty
    shards = share_out([[task.weight for task in own] for own in tasks], count)
    return [tasks[model][k] for model, k in shards[request.shard.index - 1]] if request.shard.index <= count else []


def check_device(device: str, quantization: str | None = None) -> None:
    """Raise if torch has no such device, or it cannot hold quantised weights."""
    check_device_name(device)
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise BrainlakeError(f"device {device}: torch {torch.__version__} sees no GPU; use --device cpu")
    if quantization is not None and quantization not in get_args(Quantization):
        raise BrainlakeError(f"quantization is {' or '.join(get_args(Quantization))}, not {quantization!r}")
    if quantization is not None and not torch.cuda.is_available():
        raise BrainlakeError(f"{quantization} weights need a GPU, and torch {torch.__version__} sees none")
