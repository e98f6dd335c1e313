"""Models as units of work, here or on other machines."""

import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from brainlake.contract.layout import table_path
from brainlake.contract.sidecar import Sidecar
from brainlake.engines.unit import Unit
from brainlake.errors import BrainlakeError, Failures
from brainlake.report.progress import Progress
from brainlake_builder.extraction.batch_size import keep_to_share
from brainlake_builder.extraction.cost import costs, without_weights
from brainlake_builder.extraction.model import extract_model
from brainlake_builder.extraction.needs import Hardware, need_of
from brainlake_builder.extraction.parallel import one_thread_a_batch
from brainlake_builder.extraction.request import ExtractionRequest
from brainlake_builder.extraction.tasks import Task, check_device
from brainlake_builder.models.files import ModelFiles

Models = Sequence[tuple[ModelFiles, list[Task]]]


@dataclass(frozen=True)
class Made:
    """What came of the tasks of a model.

    Attributes
    ----------
    sidecars
        Of the files that were written or already there.
    failed
        Errors of tasks, by what a message calls them.
    notes
        What there is to say of it.
    """

    sidecars: list[Sidecar]
    failed: dict[str, BrainlakeError]
    notes: list[str] = field(default_factory=list)


class Notes(Progress):
    """Keeps notes for whoever asked for the work; how far it is can be seen in the bank."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[str] = []

    def note(self, text: str) -> None:
        """Keep a line."""
        self.kept.append(text)

    def _ended(self, what: str, begun: float) -> None:
        """Say nothing."""


def units_here(request: ExtractionRequest, models: Models, progress: Progress) -> Iterator[Unit[Made]]:
    """Units that this process does."""
    for files, tasks in models:
        yield Unit(files.model, partial(_make, request, files, tasks, progress))


def units_elsewhere(request: ExtractionRequest, models: Models, failures: Failures) -> Iterator[Unit[Made]]:
    """Units for other processes, with what each needs; the largest first.

    Parameters
    ----------
    failures
        Where models and tasks are put whose needs cannot be told.
    """
    memory = request.gpu_memory and request.gpu_memory << 30
    hardware = Hardware(request.device, request.cpus, memory)
    there = replace(request, bank=request.bank.absolute())
    for files, tasks in sorted(models, key=lambda model: -sum(task.weight for task in model[1])):
        with failures.of(files.model):
            found = list(costs(without_weights(files), tasks, request.device, request.surprisal, failures))
            if not found:
                continue
            need = need_of([cost for _, _, cost in found], hardware)
            device = "auto" if need.gpus > 1 else request.device
            work = partial(
                _make_elsewhere,
                replace(there, device=device),
                _absolute(files),
                [task for task, *_ in found],
                need.gpus,
            )
            yield Unit(files.model, work, request.cpus, need.gpus, need.memory_bytes)


def _make(request: ExtractionRequest, files: ModelFiles, tasks: list[Task], progress: Progress) -> Made:
    failures, sidecars = Failures(request.fail_fast), list[Sidecar]()
    with one_thread_a_batch(request.device) as workers, failures.of(files.model):
        for sidecar in extract_model(request, files, tasks, workers, failures, progress):
            sidecars.append(sidecar)
    return Made(sidecars, failures.found)


def _make_elsewhere(request: ExtractionRequest, files: ModelFiles, tasks: list[Task], gpus: float) -> Made:
    _check_bank(request.bank, tasks)
    check_device(request.device, request.quantization)
    if 0 < gpus < 1:
        keep_to_share(gpus)
    notes = Notes()
    made = _make(request, files, [replace(task, files=files) for task in tasks], notes)
    # Errors travel as their texts: some have arguments of their own, with which they cannot be built again.
    failed = {title: BrainlakeError(str(error)) for title, error in made.failed.items()}
    return replace(made, failed=failed, notes=notes.kept)


def _check_bank(bank: Path, tasks: Sequence[Task]) -> None:
    """Refuse to begin where the bank of whoever asked is not to be seen: its folder would be made here."""
    for stimuli in {task.stimuli.name: task.stimuli for task in tasks}.values():
        there = Sidecar.find(bank, table_path("stimuli", stimuli.name))
        if there is None or there.stimuli_sha256 != stimuli.sha256:
            raise BrainlakeError(
                f"{bank} on {platform.node()} is not the bank that this was asked for: it has no such stimuli "
                f"({stimuli.name}); put the bank on a disk that all machines see"
            )


def _absolute(files: ModelFiles) -> ModelFiles:
    """The same for a process that stands in another folder."""
    adapter = files.adapter and files.adapter.absolute()
    weights = tuple(path.absolute() for path in files.weights)
    return replace(files, folder=files.folder.absolute(), weights=weights, adapter=adapter)
