"""Results on disk until all are there: a run that was killed goes on where it was."""

import shutil
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Self

import numpy as np
import torch
from filelock import FileLock, Timeout
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from brainlake.bank.places import check_inside
from brainlake.errors import BrainlakeError
from brainlake.storage.files import atomic_path
from brainlake_builder.models.runner import BatchResult
from brainlake_builder.text.surprisal import Float64


class Staging:
    """A folder with one file a finished part, as a context: one process at a time works on a task.

    Parameters
    ----------
    bank
        Root of the bank.
    task
        Name of the task.
    setting
        Digest of everything that the results depend on: parts of another setting are never mixed in.
    n_parts
        Parts that there will be.
    patience
        Seconds to wait for another process that is at work on it: on a cluster, one that is cut off and not dead yet.

    Raises
    ------
    BrainlakeError
        If another process is at work on it, or a link leads it out of the bank.
    """

    def __init__(self, bank: Path, task: str, setting: str, n_parts: int, patience: float = 0) -> None:
        self._bank, self._task = bank, bank / ".staging" / task
        self.folder = self._task / setting
        self._parts = range(n_parts)
        self._patience = patience
        self._lock = FileLock(f"{self._task}.lock")

    def __enter__(self) -> Self:
        check_inside(self._bank, self.folder)
        self._task.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(timeout=self._patience)
        except Timeout:
            raise BrainlakeError(
                f"another process is extracting this into {self._task.parents[1]}; wait for it, or share the work out "
                f"with --shard i/n"
            ) from None
        self.folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def has(self, k: int) -> bool:
        """Whether part ``k`` is there, whole."""
        try:
            with safe_open(self._path(k), framework="np") as file:
                return set(file.keys()) == {field.name for field in fields(BatchResult)}
        except (FileNotFoundError, SafetensorError):
            return False

    def write(self, k: int, result: BatchResult) -> None:
        """Put part ``k`` there, at once or not at all."""
        with atomic_path(self._path(k)) as temporary:
            arrays = {field.name: torch.as_tensor(getattr(result, field.name)) for field in fields(BatchResult)}
            try:
                save_file({name: values.contiguous() for name, values in arrays.items()}, temporary)
            except SafetensorError as error:  # a full disk, as safetensors says it
                raise OSError(f"{self._path(k)} cannot be written: {error}") from None

    def layer(self, k_layer: int, n_items: int) -> torch.Tensor:
        """One layer put together, shape (n_items, d), as precise as it was staged; NaN for stimuli that no part has."""
        values: torch.Tensor | None = None
        for k in self._parts:
            with safe_open(self._path(k), framework="pt") as file:
                part = file.get_slice("states")[k_layer]
                if values is None:
                    values = part.new_full((n_items, part.shape[1]), torch.nan)
                values[file.get_tensor("items")] = part
        assert values is not None
        return values

    def slots(self, n_slots: int) -> dict[str, Float64]:
        """The table of tokens put together; NaN where nothing was read."""
        names = ("log_p", "log_new", "log_opening", "entropy")
        table = {name: np.full(n_slots, np.nan) for name in names}
        for k in self._parts:
            with safe_open(self._path(k), framework="np") as file:
                places = file.get_tensor("slots")
                for name in names:
                    table[name][places] = file.get_tensor(name)
        return table

    def remove(self) -> None:
        """Forget the parts of the task, those of other settings too."""
        shutil.rmtree(self._task)

    def _path(self, k: int) -> Path:
        return self.folder / f"part-{k:06d}.safetensors"


def sweep_staging(bank: Path, task: str) -> None:
    """Remove parts of a task whose files are there: a run was killed before it could. Another's work is left alone."""
    folder = bank / ".staging" / task
    check_inside(bank, folder)
    with suppress(Timeout):
        if folder.exists():
            with FileLock(f"{folder}.lock").acquire(timeout=0):
                shutil.rmtree(folder, ignore_errors=True)
