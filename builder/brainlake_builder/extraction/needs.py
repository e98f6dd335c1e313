"""What a process has to have to run the tasks of a model: GPUs, memory, time."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from brainlake.errors import BrainlakeError
from brainlake_builder.extraction.cost import Cost

BASE_BYTES: Final = {"cpu": 1 << 30, "cuda": 4 << 30}
"""Memory of the host that a process takes which has imported torch and transformers and read its texts; what the
libraries of a GPU take beside it is a guess."""

SLACK: Final = 1.15
"""Memory asked for, to what was estimated: allocators round up, and libraries keep workspaces."""

LEAST_SHARE: Final = 8
"""Smallest share of a GPU is one of so many: each process keeps a few hundred MB on it whatever it runs."""

START_SECONDS: Final = 15.0
"""From the start of a process until its libraries are imported and its texts are read."""

LOAD_RATE: Final = 200e6
"""Bytes of weights read and hashed a second, from a disk of a network."""

WRITE_RATE: Final = 60e6
"""Bytes of float32 encoded, compressed, hashed and written a second and processor."""

GFLOPS: Final = {"cpu": 20.0, "cuda": 10_000.0}
"""Billions of operations a second, of a processor and of a GPU, where nobody says better; that of a GPU is a guess."""


@dataclass(frozen=True)
class Hardware:
    """What processes run on.

    Attributes
    ----------
    device
        As in a request.
    cpus
        Processors of a process.
    gpu_bytes
        Memory of one GPU; needed where the device is one.
    gflops
        Billions of operations a second, of one processor or one GPU; None for what is usual.
    """

    device: str = "cpu"
    cpus: int = 1
    gpu_bytes: int | None = None
    gflops: float | None = None

    @property
    def kind(self) -> str:
        """``cpu``, or ``cuda`` where models run on GPUs."""
        return "cpu" if self.device == "cpu" else "cuda"

    @property
    def on_gpu(self) -> bool:
        """Whether models run on GPUs."""
        return self.kind == "cuda"

    @property
    def flops(self) -> float:
        """Operations a second of a process that has one GPU, or its processors."""
        rate = self.gflops or GFLOPS[self.kind]
        return rate * 1e9 * (1 if self.on_gpu else self.cpus)


@dataclass(frozen=True)
class Need:
    """What running a model takes.

    Attributes
    ----------
    gpus
        Whole ones, or a share of one.
    memory_bytes
        Of the host.
    seconds
        From start to end.
    """

    gpus: float
    memory_bytes: int
    seconds: float


def need_of(costs: Sequence[Cost], hardware: Hardware, passes: float | None = None) -> Need:
    """What one process needs for tasks of a model that it does one behind the other.

    Parameters
    ----------
    costs
        Of the tasks; there is one at least.
    hardware
        What they run on.
    passes
        Seconds that all of their passes take, where that was measured.

    Raises
    ------
    BrainlakeError
        If they run on GPUs, and it is not known how large those are.
    """
    running, writing = max(cost.memory_bytes for cost in costs), max(cost.writing_bytes for cost in costs)
    weights = max(cost.weights_bytes for cost in costs)
    host = max(weights, writing) if hardware.on_gpu else max(running, weights + writing)
    flops, checking = (sum(values) for values in zip(*((c.flops, c.checking_flops) for c in costs), strict=True))
    seconds = flops / hardware.flops if passes is None else passes
    seconds *= 1 + checking / flops
    written = sum(cost.staging_bytes for cost in costs)
    return Need(
        gpus=_gpus(running, hardware) if hardware.on_gpu else 0,
        memory_bytes=host_bytes(host, hardware.device),
        seconds=START_SECONDS + weights / LOAD_RATE + seconds + written / (WRITE_RATE * hardware.cpus),
    )


def host_bytes(held: int, device: str) -> int:
    """Memory of the host that a process needs which holds so many bytes at a time."""
    return BASE_BYTES["cpu" if device == "cpu" else "cuda"] + int(SLACK * held)


def _gpus(memory: int, hardware: Hardware) -> float:
    if hardware.gpu_bytes is None:
        raise BrainlakeError("how many GPUs a model needs depends on their memory: say it with --gpu-memory")
    share = SLACK * memory / hardware.gpu_bytes
    return math.ceil(share) if share > 1 else math.ceil(share * LEAST_SHARE) / LEAST_SHARE
