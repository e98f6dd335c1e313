"""Reads the netCDF assemblies of Brain-Score Language: presentations by neuroids, each axis with coordinates."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from brainlake.errors import BrainlakeError
from brainlake_builder.humans.dataset import Subject
from brainlake_builder.humans.raw_table import expect
from brainlake_builder.humans.source import RawFile

BUCKET = "https://brainscore-storage.s3.amazonaws.com/brainscore-language"


@dataclass(frozen=True, eq=False)
class Assembly:
    """Responses with the coordinates of both axes.

    Attributes
    ----------
    path
        File that it was read from.
    values
        float32, shape (presentations, neuroids).
    presentation, neuroid
        One list a coordinate; text as text, whatever it was stored as.
    """

    path: Path
    values: npt.NDArray[np.float32]
    presentation: dict[str, list[Any]]
    neuroid: dict[str, list[Any]]

    def rows(self, keep: Sequence[bool]) -> "Assembly":
        """The presentations to keep."""
        chosen = np.flatnonzero(keep)
        coordinates = {name: [values[i] for i in chosen] for name, values in self.presentation.items()}
        return Assembly(self.path, self.values[chosen], coordinates, self.neuroid)

    def complete_neuroids(self) -> "Assembly":
        """The neuroids without a missing value."""
        chosen = np.flatnonzero(np.isfinite(self.values).all(0))
        coordinates = {name: [values[i] for i in chosen] for name, values in self.neuroid.items()}
        return Assembly(self.path, self.values[:, chosen], self.presentation, coordinates)

    def subjects(self, subject: str, target: str, roi: str | None = None) -> list[Subject]:
        """Neuroids by subject, in the order of subject names; the arguments name neuroid coordinates."""
        names = np.array([str(name) for name in self.neuroid[subject]])
        found = []
        for name in np.unique(names):
            mine = np.flatnonzero(names == name)
            regions = None if roi is None else [str(self.neuroid[roi][i]) for i in mine]
            found.append(
                Subject(str(name), self.values[:, mine], [str(self.neuroid[target][i]) for i in mine], regions)
            )
        return found

    def expect(self, what: str, found: int, expected: int) -> None:
        """Refuse a file that does not hold what is known of it."""
        expect(self.path, what, found, expected)


def assembly_file(name: str, sha1: str) -> RawFile:
    """An assembly in Brain-Score's bucket, with the sha1 that Brain-Score's code states for it."""
    return RawFile(name, f"sha1:{sha1}", f"{BUCKET}/{name}")


def read_assembly(path: Path, presentation: Sequence[str], neuroid: Sequence[str]) -> Assembly:
    """Read one assembly.

    Parameters
    ----------
    path
        netCDF file with one variable over the dimensions ``presentation`` and ``neuroid``.
    presentation, neuroid
        Coordinates wanted.

    Raises
    ------
    BrainlakeError
        If the file is not of this layout, a coordinate is missing, or a stimulus id stands in two presentations;
        or if xarray and netCDF4 are not installed.
    """
    try:
        import netCDF4  # noqa: F401
        import xarray
    except ImportError:
        raise BrainlakeError(f'{path} is a netCDF file: pip install "brainlake[humans]" to read it') from None
    try:
        dataset = xarray.load_dataset(path, engine="netcdf4")
    except (OSError, ValueError) as error:
        raise BrainlakeError(f"{path} cannot be read as netCDF: {error}") from None
    axes = {"presentation", "neuroid"}
    data = [name for name in dataset.variables if set(dataset[name].dims) == axes]
    if len(data) != 1:
        raise BrainlakeError(f"{path} has {len(data)} variables over presentation and neuroid, not one")
    coordinates = {axis: _coordinates(path, dataset, axis, w) for axis, w in _wanted(presentation, neuroid)}
    ids = coordinates["presentation"].get("stimulus_id", [])
    again = next((name for i, name in enumerate(ids) if name in ids[:i]), None)
    if again is not None:
        raise BrainlakeError(f"{path}: the stimulus {again} stands in more than one presentation")
    values = dataset[data[0]].transpose("presentation", "neuroid").to_numpy().astype(np.float32)
    return Assembly(path, values, coordinates["presentation"], coordinates["neuroid"])


def _wanted(presentation: Sequence[str], neuroid: Sequence[str]) -> list[tuple[str, Sequence[str]]]:
    return [("presentation", presentation), ("neuroid", neuroid)]


def _coordinates(path: Path, dataset: Any, axis: str, wanted: Sequence[str]) -> dict[str, list[Any]]:
    there = [str(name) for name in dataset.variables if dataset[name].dims == (axis,)]
    missing = [name for name in wanted if name not in there]
    if missing:
        raise BrainlakeError(f"{path} has no {axis} coordinate {', '.join(missing)}; it has {', '.join(sorted(there))}")
    return {name: [_text(value) for value in dataset[name].to_numpy().tolist()] for name in wanted}


def _text(value: Any) -> Any:
    return value.decode("utf-8") if isinstance(value, bytes) else value
