"""Results of batches on disk until all are there: a run that was killed goes on where it was."""

import shutil
from dataclasses import fields
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from brainlake.files import atomic_path
from brainlake_builder.models.decoder import BatchResult, Float32
from brainlake_builder.surprisal import Float64


class Staging:
    """A folder with one file a finished batch.

    Parameters
    ----------
    bank
        Root of the bank.
    digest
        Digest of everything that the results depend on: another digest is another folder.
    """

    def __init__(self, bank: Path, digest: str) -> None:
        self.folder = bank / ".staging" / digest

    def has(self, k: int) -> bool:
        """Whether batch ``k`` is there, whole."""
        try:
            with safe_open(self._path(k), framework="np") as file:
                return set(file.keys()) == {field.name for field in fields(BatchResult)}
        except (FileNotFoundError, SafetensorError):
            return False

    def write(self, k: int, result: BatchResult) -> None:
        """Put batch ``k`` there, at once or not at all."""
        with atomic_path(self._path(k)) as temporary:
            arrays = {field.name: getattr(result, field.name) for field in fields(BatchResult)}
            save_file({name: np.ascontiguousarray(values) for name, values in arrays.items()}, temporary)

    def layer(self, layer: int, n_items: int, n_batches: int) -> Float32:
        """One layer put together from all batches, shape (n_items, d)."""
        values: Float32 | None = None
        for k in range(n_batches):
            with safe_open(self._path(k), framework="np") as file:
                part = file.get_slice("activations")
                if values is None:
                    values = np.full((n_items, part.get_shape()[2]), np.nan, np.float32)
                values[file.get_tensor("items")] = part[layer]
        assert values is not None
        return values

    def slots(self, n_slots: int, n_batches: int) -> dict[str, Float64]:
        """The table of tokens put together from all batches: float64, NaN where nothing was read."""
        names = ("log_p", "log_new", "log_inner", "entropy")
        table = {name: np.full(n_slots, np.nan) for name in names}
        for k in range(n_batches):
            with safe_open(self._path(k), framework="np") as file:
                places = file.get_tensor("slots")
                for name in names:
                    table[name][places] = file.get_tensor(name)
        return table

    def remove(self) -> None:
        """Forget the batches."""
        shutil.rmtree(self.folder, ignore_errors=True)
        parent = self.folder.parent
        if parent.is_dir() and not any(parent.iterdir()):
            parent.rmdir()

    def _path(self, k: int) -> Path:
        return self.folder / f"batch-{k:06d}.safetensors"
