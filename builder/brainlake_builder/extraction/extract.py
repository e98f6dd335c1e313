"""Extraction: stimulus sets through language models into the activations and surprisal of a bank."""

from collections.abc import Iterable
from contextlib import nullcontext
from itertools import groupby

from brainlake.bank.manifest import rebuild_manifest, summed_up
from brainlake.contract.sidecar import Sidecar
from brainlake.engines.ray_cluster import engine_named
from brainlake.engines.unit import Outcome
from brainlake.errors import FailedError, Failures
from brainlake.report.progress import SILENT, Progress
from brainlake_builder.extraction.followed import Tally, followed
from brainlake_builder.extraction.locks import check_locks
from brainlake_builder.extraction.request import ExtractionRequest
from brainlake_builder.extraction.tasks import check_device, list_tasks
from brainlake_builder.extraction.units import Made, units_elsewhere, units_here
from brainlake_builder.tables.arrival import check_arrived


def extract(request: ExtractionRequest, progress: Progress = SILENT) -> list[Sidecar]:
    """Write activations and surprisal of models on stimulus sets into a bank.

    What is there for the same weights, configuration, tokenizer, recipe, stimuli and engine is left alone. A run that
    was killed goes on where it was when it is started again.

    Parameters
    ----------
    request
        What is to be extracted.
    progress
        Says how far it is; by default nothing is said.

    Returns
    -------
    list of Sidecar
        Those of the files that were written or already there.

    Raises
    ------
    BrainlakeError
        If anything cannot be done as asked; all that can be known without the weights is refused before the first
        model is loaded. A task that fails later does not stop the others, unless ``fail_fast`` is asked for: the error
        comes last.
    """
    with Failures(request.fail_fast) as failures:
        return extract_each(request, failures, progress)


def extract_each(request: ExtractionRequest, failures: Failures, progress: Progress = SILENT) -> list[Sidecar]:
    """As :func:`extract`; what fails is put into ``failures``."""
    far = request.engine != "local"
    if not far:
        check_device(request.device, request.quantization)
    if request.bank.is_dir():  # where there is none, listing says so
        check_locks(request.bank, shared=far or request.shard is not None)
    models = [(files, list(own)) for files, own in groupby(list_tasks(request, failures), key=lambda task: task.files)]
    written: list[Sidecar] = []
    outcomes: Iterable[Outcome[Made]]
    with summed_up(request.bank) if far else nullcontext(), engine_named(request.engine) as run:
        if far:
            tally = Tally(request.bank, {files.model: tasks for files, tasks in models}, request.surprisal)
            events = run(units_elsewhere(request, models, failures))
            outcomes = followed(events, tally, sum(len(tasks) for _, tasks in models), progress)
        else:
            outcomes = filter(None, run(units_here(request, models, progress)))
        for outcome in outcomes:
            with failures.of(outcome.unit.title):
                made = outcome.taken()
                for note in made.notes:
                    progress.note(note)
                if far:
                    check_arrived(request.bank, made.sidecars)
                written += made.sidecars
                if made.failed:
                    raise FailedError(made.failed)
    if written and not far:
        rebuild_manifest(request.bank)
    return written
