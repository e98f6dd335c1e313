"""Units of work on a Ray cluster: the one that is there, or one on this machine for as long as it takes."""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from functools import partial
from importlib import import_module
from typing import Any, Final, TextIO, TypeVar, cast

from brainlake.engines.unit import Engine, EngineName, Outcome, Unit, in_this_process
from brainlake.errors import BrainlakeError
from brainlake.version import __version__

R = TypeVar("R")

RETRIES: Final = 3
"""Times that a unit is begun again, elsewhere if need be, when whoever did it was killed."""

SETTINGS: Final = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing is reported to anybody
    "RAY_SCHEDULER_EVENTS": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_task_oom_retries": str(RETRIES),  # by default for ever
}
"""Environment that Ray reads when it starts."""

CONNECT_SECONDS: Final = 10.0
"""How long a cluster may take to accept a connection."""

STORE_BYTES: Final = 100 << 20
"""Memory that a cluster of our own keeps for objects: what is passed about is small, results go to the bank."""


def need_ray() -> Any:
    """The module, imported when it is needed.

    Raises
    ------
    BrainlakeError
        If it is not installed.
    """
    try:
        return import_module("ray")
    except ImportError:
        raise BrainlakeError(
            'the engine ray needs Ray: pip install "brainlake[distributed]", here and on every machine of the cluster'
        ) from None


GRACE_SECONDS: Final = 300.0
"""How long a unit waits for a machine that could do it, once the last such machine has gone."""

SAME: Final = "it needs brainlake and its extras, in the versions that are here"


@contextmanager
def ray_cluster() -> Iterator[Engine]:
    """Connect to the cluster that ``RAY_ADDRESS`` names, or else start one on this machine.

    When the context ends, however it does, nothing of ours is left at work.

    Raises
    ------
    BrainlakeError
        If Ray is not installed, or there is no cluster where there should be one.
    """
    ray = need_ray()
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    with redirect_stdout(cast(TextIO, _Ours(sys.stdout))):
        with _own_signals():
            _connect(ray)
        try:
            yield partial(_run, ray)
        finally:
            with _own_signals():
                ray.shutdown()


class _Ours:
    """A stream on which threads of Ray say nothing: what they have to tell of workers would stand among results.

    Parameters
    ----------
    stream
        Results go there.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write what is ours."""
        of_ray = threading.current_thread().name.startswith("ray_")
        return len(text) if of_ray else self._stream.write(text)


@contextmanager
def engine_named(name: EngineName) -> Iterator[Engine]:
    """An engine by its name, for as long as the context.

    Raises
    ------
    BrainlakeError
        As :func:`ray_cluster`.
    """
    if name == "local":
        yield in_this_process
    else:
        with ray_cluster() as engine:
            yield engine


def _connect(ray: Any) -> None:
    quiet = {"log_to_driver": False, "logging_level": "ERROR", "configure_logging": True}
    address = os.environ.get("RAY_ADDRESS")
    if address is None:  # not "auto": that takes whatever cluster runs here, another user's too
        ray.init(address="local", include_dashboard=False, object_store_memory=STORE_BYTES, **quiet)
        return
    try:
        _check_listens(address)
        ray.init(address=address, **quiet)
    except (OSError, OverflowError, RuntimeError, ValueError) as error:
        raise BrainlakeError(
            f"there is no Ray cluster at RAY_ADDRESS={address}, or it wants a token (RAY_AUTH_MODE=token, as it was "
            f"started with): start it with `ray start`, or unset the variable, and one is started on this machine "
            f"({' '.join(str(error).split())[:200]})"
        ) from None


def _check_listens(address: str) -> None:
    """Raise where nobody listens at host:port: Ray itself tries on for over six minutes."""
    host, _, port = address.rpartition(":")
    if host and port.isdecimal() and "/" not in host:
        socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_SECONDS).close()


@contextmanager
def _own_signals() -> Iterator[None]:
    """Ray minds SIGTERM in its own way, which would end the process before the bank is summed up."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.getsignal(number) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _run(ray: Any, units: Iterable[Unit[R]]) -> Iterator[Outcome[R] | None]:
    pending: dict[Any, Unit[R]] = {}
    remote = ray.remote(_work)
    try:
        for unit in units:
            if not _fits(_machines(ray), unit):
                yield Outcome(unit, error=_no_machine(unit))
                continue
            options = {
                "num_cpus": unit.cpus,
                "num_gpus": unit.gpus,
                "memory": unit.memory_bytes,
                "max_retries": RETRIES,
                "name": unit.title,
            }
            pending[remote.options(**options).remote(unit.work, __version__)] = unit
            yield from _ended(ray, pending, 0)
        seen = time.monotonic()
        while pending:
            yield from _ended(ray, pending, 1)
            machines = _machines(ray)
            if any(_fits(machines, unit) for unit in pending.values()):
                seen = time.monotonic()
            elif pending and time.monotonic() - seen > GRACE_SECONDS:
                yield from (Outcome(unit, error=_no_machine(unit)) for unit in pending.values())
                return
            yield None
    finally:
        for reference in pending:
            ray.cancel(reference, force=True)


def _ended(ray: Any, pending: dict[Any, Unit[R]], seconds: float) -> Iterator[Outcome[R]]:
    """Those that have ended, at least one unless that takes longer."""
    done, _ = ray.wait(list(pending), timeout=seconds, fetch_local=False)
    for reference in done:
        unit = pending.pop(reference)
        try:
            result, error = ray.get(reference)
        except ray.exceptions.RaySystemError as refused:  # also where the work itself could not be unpacked
            why = (str(refused).strip() or type(refused).__name__).splitlines()[-1].strip()
            result, error = None, f"{unit.title}: a machine of the cluster could not begin it ({why}); {SAME}"
        except ray.exceptions.RayTaskError:  # ours: it is shown as it is
            raise
        except ray.exceptions.RayError as lost:
            result = None
            error = f"{unit.title}: whoever did it was lost, {RETRIES + 1} times ({type(lost).__name__})"
        yield Outcome(unit, result, None if error is None else BrainlakeError(error))


def _work(work: Callable[[], R], version: str) -> tuple[R | None, str | None]:
    """What a worker does; an error travels as its text, since errors with arguments of their own do not."""
    if version != __version__:
        return None, f"{socket.gethostname()} has brainlake {__version__}, and {version} asks: install the same on both"
    try:
        return work(), None
    except (BrainlakeError, OSError) as error:
        return None, str(error)


def _machines(ray: Any) -> list[dict[str, float]]:
    """What each machine of the cluster has."""
    return [node["Resources"] for node in ray.nodes() if node["Alive"]]


def _fits(machines: list[dict[str, float]], unit: Unit[Any]) -> bool:
    """Whether one of them could do it if nothing else ran there."""
    wanted = {"CPU": unit.cpus, "GPU": unit.gpus, "memory": unit.memory_bytes}
    return any(all(one.get(name, 0) >= value for name, value in wanted.items()) for one in machines)


def _no_machine(unit: Unit[Any]) -> BrainlakeError:
    gpus = f", {unit.gpus:g} GPUs" if unit.gpus else ""
    wanted = f"{unit.cpus:g} processors{gpus} and {unit.memory_bytes / (1 << 30):.1f} GB at once"
    return BrainlakeError(f"{unit.title} needs {wanted}: no machine has that")
