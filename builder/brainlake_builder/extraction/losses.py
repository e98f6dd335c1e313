"""Losses of many models on one text, here or on other machines."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from brainlake.engines.ray_cluster import engine_named
from brainlake.engines.unit import EngineName, Unit
from brainlake.errors import Failures
from brainlake.report.progress import SILENT, Progress
from brainlake_builder.extraction.cost import without_weights
from brainlake_builder.extraction.loss import loss_rows
from brainlake_builder.extraction.needs import host_bytes
from brainlake_builder.extraction.tasks import check_device
from brainlake_builder.models.files import locate_model
from brainlake_builder.models.loading import DTYPES

Rows = list[dict[str, Any]]


def losses_of(
    bank: Path,
    models: Sequence[str],
    text: str,
    title: str,
    *,
    window: int | None,
    device: str,
    dtype: str,
    name: str | None,
    loading: Mapping[str, Any],
    engine: EngineName,
    failures: Failures,
    progress: Progress,
) -> Iterator[tuple[str, Rows, dict[str, Any]]]:
    """Losses of models on a text, in the order in which they are done.

    Parameters
    ----------
    bank, text, title, window, device, dtype
        See :func:`~brainlake_builder.extraction.loss.loss_rows`.
    models
        Local folders or Hub ids.
    name
        Name in the bank of a single local folder.
    loading
        Further arguments of ``locate_model``.
    engine
        Who runs the models. On a Ray cluster with GPUs each has one to itself.
    failures
        Where models that cannot be run are put.
    progress
        Says how far it is.

    Returns
    -------
    Of each model its source, rows of ``model_properties``, and facts for the sidecar.

    Raises
    ------
    BrainlakeError
        If there is no such device, or no such engine.
    """
    given = {"window": window, "device": device, "dtype": dtype, "name": name, **loading}
    local = engine == "local"
    if local:
        check_device(device, loading.get("quantization"))

    def units() -> Iterator[Unit[tuple[Rows, dict[str, Any]]]]:
        for model in models:
            if local:
                yield Unit(model, partial(loss_rows, bank, model, text, title, progress=progress, **given))
                continue
            with failures.of(model):
                network = without_weights(locate_model(model, name=name, **loading))
                memory = host_bytes(network.identity.n_params * DTYPES[dtype].itemsize, device)
                source = str(Path(model).absolute()) if Path(model).is_dir() else model
                work = partial(_loss_elsewhere, bank, source, text, title, given)
                yield Unit(model, work, gpus=0 if device == "cpu" else 1, memory_bytes=memory)

    with engine_named(engine) as run:
        for outcome in filter(None, run(units())):
            found: list[tuple[Rows, dict[str, Any]]] = []
            with failures.of(outcome.unit.title):
                found.append(outcome.taken())
                if not local:
                    progress.note(f"{outcome.unit.title}: done")
            yield from ((outcome.unit.title, rows, facts) for rows, facts in found)


def _loss_elsewhere(
    bank: Path, model: str, text: str, title: str, given: Mapping[str, Any]
) -> tuple[Rows, dict[str, Any]]:
    check_device(given["device"], given.get("quantization"))
    return loss_rows(bank, model, text, title, progress=SILENT, **given)
