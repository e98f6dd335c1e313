"""What is scored: the layers of models, and baselines, with rows in the order of a recording."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from brainlake.bank import Bank
from brainlake.baselines import BASELINES
from brainlake.encoding.arrays import FloatArray
from brainlake.errors import BrainlakeError, UnknownNameError
from brainlake.manifest import Sidecar
from brainlake.recordings import Recording


@dataclass(frozen=True)
class Features:
    """A model under a recipe, or a baseline; its layers, shape (n, d), are read one at a time."""

    identity: dict[str, Any]
    layers: tuple[int | None, ...]
    read: Callable[[int | None], FloatArray]


def model_features(
    bank: Bank,
    recording: Recording,
    models: Sequence[str] | None,
    recipes: Sequence[str] | None,
    layers: Sequence[int] | None,
) -> Iterator[Features]:
    """Models with activations on the stimuli of a recording, by default all of them under every recipe.

    Raises
    ------
    UnknownNameError
        If there is no such model, recipe or layer.
    BrainlakeError
        If activations were made from other stimuli.
    """
    sets = recording.stimuli["stimulus_set"].unique(maintain_order=True).to_list()
    files = bank.feature_files("activations", sets[0])
    _known("model", models, [s.model for s in files])
    _known("recipe", recipes, [s.recipe for s in files])
    chosen = [s for s in files if (models is None or s.model in models) and (recipes is None or s.recipe in recipes)]
    for first in chosen:
        parts = [first, *(bank.feature_file("activations", str(first.model), s, str(first.recipe)) for s in sets[1:])]
        for part in parts:
            check_stimuli(bank, part)
        there = [int(entry["layer"]) for entry in first.layers]
        _known("layer", None if layers is None else [str(k) for k in layers], [str(k) for k in there])
        yield Features(
            _identity(first), tuple(k for k in there if layers is None or k in layers), _reader(bank, recording, parts)
        )


def _reader(bank: Bank, recording: Recording, parts: list[Sidecar]) -> Callable[[int | None], FloatArray]:
    """Reads one layer, rows in the order of the recording."""
    wanted = recording.stimuli.select("stimulus_set", "stimulus_id")

    def read(layer: int | None) -> FloatArray:
        blocks = []
        for part in parts:
            found = bank.activations(str(part.model), str(part.stimulus_set), int(layer or 0), str(part.recipe))
            ids = wanted.filter(pl.col("stimulus_set") == part.stimulus_set)["stimulus_id"].to_list()
            if ids == found.stimulus_ids:
                blocks.append(found.values)
            else:
                place = {name: i for i, name in enumerate(found.stimulus_ids)}
                blocks.append(found.values[[place[name] for name in ids]])
        return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)

    return read


def baseline_features(recording: Recording, names: Sequence[str]) -> Iterator[Features]:
    """Model-free features of the stimuli of a recording, as a model of one layer without a number."""
    _known("baseline", names, list(BASELINES))
    for name in names:
        X = BASELINES[name](recording.stimuli)
        yield Features({"model": f"baseline:{name}"}, (None,), lambda _, X=X: X)  # type: ignore[misc]


def _identity(sidecar: Sidecar) -> dict[str, Any]:
    return {
        "model": sidecar.model,
        "model_revision": sidecar.model_revision,
        "stimuli_sha256": sidecar.stimuli_sha256,
        "recipe": sidecar.recipe,
        "recipe_digest": sidecar.recipe_digest,
    }


def check_stimuli(bank: Bank, part: Sidecar) -> None:
    """Refuse a file made from other texts under the same ids: the ids alone would not tell."""
    if part.stimuli_sha256 != bank.sidecar("stimuli", str(part.stimulus_set)).stimuli_sha256:
        raise BrainlakeError(
            f"{part.path} was made from other stimuli than the {part.stimulus_set} of this bank; extract it again"
        )


def _known(kind: str, wanted: Sequence[str] | None, there: Sequence[str | None]) -> None:
    for name in wanted or ():
        if name not in there:
            raise UnknownNameError(kind, name, sorted({str(t) for t in there}))
