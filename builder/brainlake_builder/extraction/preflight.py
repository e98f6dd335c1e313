"""Refused before torch is imported: bank, names, recipes, folders of models, device, a disk that is full."""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from brainlake.bank.local_root import read_checked
from brainlake.bank.sidecars import read_sidecars
from brainlake.contract.recipe import Recipe, parse_recipe
from brainlake.errors import BrainlakeError, Failures, UnknownNameError
from brainlake_builder.extraction.request import ExtractionRequest
from brainlake_builder.models.folder import check_source
from brainlake_builder.models.zoo import Lineage
from brainlake_builder.text.prompts import check_prompt

LEAST_FREE = 16 << 20
"""Bytes that a disk must have left: less than the smallest network that is studied needs for a thousand stimuli."""


def check_request(request: ExtractionRequest) -> tuple[list[str], list[Recipe]]:
    """Make sure of a request as far as can be told without transformers.

    Returns
    -------
    stimulus_sets
        Names; a benchmark stands for its own.
    recipes
        As they were asked for, each once.

    Raises
    ------
    BrainlakeError
        If there is no such bank, name, recipe, prompt or device, the disk is full, or no model's folder holds one.
    """
    check_device_name(request.device)
    names = _stimulus_sets(request.bank, request.stimuli)
    recipes = list(dict.fromkeys(parse_recipe(recipe) for recipe in request.recipes))
    for recipe in recipes:
        check_prompt(recipe.prompt)
    if request.untrained_seed is not None and request.lineage != Lineage():
        raise BrainlakeError(
            "untrained weights were tuned from nothing: leave out tuning, base model and training step"
        )
    if (free := shutil.disk_usage(request.bank).free) < LEAST_FREE:
        raise BrainlakeError(f"the disk of {request.bank} is full: {free >> 20} MB are left, make room first")
    _check_models(request)
    return names, recipes


def _check_models(request: ExtractionRequest) -> None:
    """Raise if no model can be run by what its folder says; of several, one that cannot does not stop the others."""
    failures = Failures(request.fail_fast)
    for source in request.models:
        with failures.of(source):
            check_source(
                source,
                untrained=request.untrained_seed is not None,
                quantization=request.quantization,
                gguf=request.gguf,
                adapter=request.adapter,
                trust_remote_code=request.trust_remote_code,
            )
    if len(failures.found) == len(request.models):
        failures.raise_all()


def check_device_name(device: str) -> None:
    """Raise unless a device is spelt as torch spells them."""
    if not re.fullmatch(r"cpu|auto|cuda(:\d+)?", device):
        raise BrainlakeError(f"device is cpu, cuda, cuda:N or auto, not {device!r}")


def _stimulus_sets(bank: Path, names: Sequence[str]) -> list[str]:
    """Stimulus sets by name; a benchmark stands for its own."""
    if not bank.is_dir():
        raise BrainlakeError(f"there is no bank at {bank}: no such folder")
    sidecars = read_sidecars(bank)
    known = {str(s.name) for s in sidecars if s.kind == "stimuli"}
    benchmarks: dict[str, list[str]] = {}
    for sidecar in (s for s in sidecars if s.kind == "benchmarks"):
        rows = read_checked(bank, sidecar, ["benchmark", "stimulus_sets"]).to_pylist()
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
