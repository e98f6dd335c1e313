"""What is to be extracted, and what is there already."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import torch

from brainlake.bank.sidecars import read_sidecars
from brainlake.contract.layout import feature_path
from brainlake.contract.recipe import Recipe, parse_recipe
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError, UnknownNameError
from brainlake_builder.extraction.request import ExtractionRequest
from brainlake_builder.models.files import ModelFiles, locate_model
from brainlake_builder.text.documents import Stimuli
from brainlake_builder.text.prompts import check_prompt

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
    """

    model: str
    tokenizer: str
    recipe: str
    stimuli: str
    engine: int = ENGINE


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

    def key(self, version: str, tokenizer: str) -> Key:
        """Its key, given the version of the model and the digest of its tokenizer."""
        return Key(version, tokenizer, self.recipe.digest, self.stimuli.sha256)

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
        return sidecar, [name for name, value in vars(key).items() if found.get(name) != value]


def list_tasks(request: ExtractionRequest) -> tuple[list[Task], list[BrainlakeError]]:
    """Every model on every stimulus set by every recipe, each made sure of as far as can be without weights.

    Returns
    -------
    tasks
        Those of the models that can be run.
    refused
        Why each of the others cannot.

    Raises
    ------
    BrainlakeError
        If a name is unknown, or two models would have one name.
    """
    sets = [Stimuli.read(request.bank, name) for name in _stimulus_sets(request.bank, request.stimuli)]
    recipes = list(dict.fromkeys(parse_recipe(recipe) for recipe in request.recipes))
    for recipe in recipes:
        check_prompt(recipe.prompt)
    if request.name is not None and len(request.models) != 1:
        raise BrainlakeError("a name can be given to one model at a time")
    located: list[ModelFiles] = []
    refused: list[BrainlakeError] = []
    for source in request.models:
        try:
            located.append(
                locate_model(
                    source,
                    name=request.name,
                    revision=request.revision,
                    untrained_seed=request.untrained_seed,
                    quantization=request.quantization,
                    gguf=request.gguf,
                    trust_remote_code=request.trust_remote_code,
                )
            )
        except BrainlakeError as error:
            refused.append(error)
    for files in located:
        if sum(other.model == files.model for other in located) > 1:
            raise BrainlakeError(f"two models would both be named {files.model}; extract them one by one, with a name")
    tasks = [Task(files, one, recipe) for files in located for recipe in recipes for one in sets]
    shard = request.shard
    return (tasks if shard is None else tasks[shard.index - 1 :: shard.count]), refused


def raise_all(refused: Sequence[BrainlakeError]) -> None:
    """Raise what was refused, a line each; nothing if nothing was."""
    if len(refused) == 1:
        raise refused[0]
    if refused:
        raise BrainlakeError("\n".join(map(str, refused)))


def check_device(device: str, quantization: str | None = None) -> None:
    """Raise if torch has no such device, or it cannot hold quantised weights."""
    if not re.fullmatch(r"cpu|auto|cuda(:\d+)?", device):
        raise BrainlakeError(f"device is cpu, cuda, cuda:N or auto, not {device!r}")
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise BrainlakeError(f"device {device}: torch {torch.__version__} sees no GPU; use --device cpu")
    if quantization is not None and not torch.cuda.is_available():
        raise BrainlakeError(f"{quantization} weights need a GPU, and torch {torch.__version__} sees none")


def _stimulus_sets(bank: Path, names: Sequence[str]) -> list[str]:
    """Stimulus sets by name; a benchmark stands for its own."""
    if not bank.is_dir():
        raise BrainlakeError(f"there is no bank at {bank}: no such folder")
    sidecars = read_sidecars(bank)
    known = {str(s.name) for s in sidecars if s.kind == "stimuli"}
    benchmarks: dict[str, list[str]] = {}
    for sidecar in (s for s in sidecars if s.kind == "benchmarks"):
        rows = pq.read_table(bank / sidecar.path, columns=["benchmark", "stimulus_sets"]).to_pylist()
        benchmarks |= {row["benchmark"]: row["stimulus_sets"] for row in rows}
    found: list[str] = []
    for name in names:
        if name not in known and name not in benchmarks:
            raise UnknownNameError("stimulus set or benchmark", name, sorted(known | benchmarks.keys()))
        found += [name] if name in known else benchmarks[name]
    for name in found:
        if name not in known:
            raise BrainlakeError(f"stimulus set {name} is not in {bank}; build it with `brainlake-build humans`")
    return list(dict.fromkeys(found))
