"""An extraction as jobs of a cluster: models that need alike in one array, with the commands of each job."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from brainlake.errors import Failures
from brainlake_builder.extraction.cost import costs, without_weights
from brainlake_builder.extraction.needs import Hardware, Need, need_of
from brainlake_builder.extraction.request import ExtractionRequest, Shard
from brainlake_builder.extraction.shards import share_out
from brainlake_builder.extraction.tasks import list_tasks
from brainlake_builder.models.files import ModelFiles

GB = 1 << 30


@dataclass(frozen=True)
class Piece:
    """A model, or a part of its tasks.

    Attributes
    ----------
    files
        The model.
    shard
        Which part; None for all.
    need
        What the whole model takes.
    """

    files: ModelFiles
    shard: Shard | None
    need: Need

    @property
    def seconds(self) -> float:
        """What the part takes."""
        return self.need.seconds / (self.shard.count if self.shard else 1)


@dataclass(frozen=True)
class Array:
    """Jobs that ask for the same.

    Attributes
    ----------
    gpus
        Of a job.
    memory_gb
        Of the job that needs most.
    jobs
        What each does, one behind the other.
    """

    gpus: int
    memory_gb: int
    jobs: list[list[Piece]]

    @property
    def name(self) -> str:
        """What its script is called."""
        return f"gpus{self.gpus}-{self.memory_gb}gb" if self.gpus else f"cpu-{self.memory_gb}gb"

    @property
    def seconds(self) -> list[float]:
        """What each job takes."""
        return [sum(piece.seconds for piece in job) for job in self.jobs]


def plan_arrays(request: ExtractionRequest, hardware: Hardware, jobs: int | None, failures: Failures) -> list[Array]:
    """Arrays of jobs that make what is asked for.

    Parameters
    ----------
    request
        What is to be extracted.
    hardware
        What the jobs run on.
    jobs
        Jobs of an array, unless it has fewer tasks; by default one a model.
    failures
        Where models, and tasks, that cannot be run are put.

    Raises
    ------
    BrainlakeError
        As :func:`~brainlake_builder.extraction.plan.plan`.
    """
    alike: dict[tuple[int, int], list[tuple[ModelFiles, int, Need]]] = defaultdict(list)
    for files, own in groupby(list_tasks(request, failures), key=lambda task: task.files):
        tasks = list(own)
        with failures.of(files.model):
            found = list(costs(without_weights(files), tasks, request.device, request.surprisal, failures))
            if not found:
                continue
            need = need_of([cost for _, _, cost in found], hardware)
            gb = 2 ** math.ceil(math.log2(need.memory_bytes / GB))
            alike[math.ceil(need.gpus), gb].append((files, len(found), need))
    return [_array(gpus, gb, models, jobs or len(models)) for (gpus, gb), models in sorted(alike.items())]


def _array(gpus: int, memory_gb: int, models: Sequence[tuple[ModelFiles, int, Need]], jobs: int) -> Array:
    parts = [1] * len(models)
    while sum(parts) < jobs:
        more = [k for k, (_, n_tasks, _) in enumerate(models) if parts[k] < n_tasks]
        if not more:
            break
        parts[max(more, key=lambda k: models[k][2].seconds / parts[k])] += 1
    pieces = [
        Piece(files, Shard(k, n) if n > 1 else None, need)
        for n, (files, _, need) in zip(parts, models, strict=True)
        for k in range(1, n + 1)
    ]
    shards = share_out([[piece.seconds] for piece in pieces], min(jobs, len(pieces)))
    return Array(gpus, memory_gb, [[pieces[k] for k, _ in shard] for shard in shards])


def sources_of(pieces: Iterable[Piece]) -> Iterable[list[str]]:
    """Arguments of ``extract`` that name the models of each command: those that are read alike share one."""
    pieces = list(pieces)
    whole = [piece for piece in pieces if piece.shard is None]
    for seed, same in groupby(sorted(whole, key=lambda one: _seed(one.files)), key=lambda one: _seed(one.files)):
        yield ["--model", *(_source(one.files) for one in same), *_untrained(seed)]
    for piece in pieces:
        if piece.shard is not None:
            part = f"{piece.shard.index}/{piece.shard.count}"
            yield ["--model", _source(piece.files), *_untrained(_seed(piece.files)), "--shard", part]


def _seed(files: ModelFiles) -> int:
    return -1 if files.untrained_seed is None else files.untrained_seed


def _untrained(seed: int) -> list[str]:
    return [] if seed < 0 else ["--untrained", str(seed)]


def _source(files: ModelFiles) -> str:
    if files.hub_id is None:
        return str(files.folder.resolve())
    return f"{files.hub_id}@{files.revision}" if files.revision else files.hub_id
