"""Units of work that share nothing but the bank, and who does them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Generic, Literal, Protocol, TypeVar, cast

from brainlake.errors import BrainlakeError

R = TypeVar("R")

EngineName = Literal["local", "ray"]
ENGINES: Final[tuple[EngineName, ...]] = ("local", "ray")
"""Who does units: this process, one behind the other, or the machines of a Ray cluster."""


@dataclass(frozen=True)
class Unit(Generic[R]):
    """Work, and what it takes.

    Attributes
    ----------
    title
        What a message calls it.
    work
        Does it. It can be pickled, and begun again where whoever did it was killed.
    cpus
        Processors.
    gpus
        Whole GPUs, or a share of one.
    memory_bytes
        Of the host.
    """

    title: str
    work: Callable[[], R]
    cpus: float = 1
    gpus: float = 0
    memory_bytes: int = 0


@dataclass(frozen=True)
class Outcome(Generic[R]):
    """What became of a unit: its result, or the error that there is instead."""

    unit: Unit[R]
    result: R | None = None
    error: BrainlakeError | None = None

    def taken(self) -> R:
        """The result.

        Raises
        ------
        BrainlakeError
            Where there is none.
        """
        if self.error is not None:
            raise self.error
        return cast(R, self.result)


class Engine(Protocol):
    """Does units, and gives outcomes as they come; None about once a second while there is none."""

    def __call__(self, units: Iterable[Unit[R]]) -> Iterator[Outcome[R] | None]:
        """Do them all; closed before its end, it does no more."""


def in_this_process(units: Iterable[Unit[R]]) -> Iterator[Outcome[R] | None]:
    """The engine ``local``."""
    for unit in units:
        try:
            result = unit.work()
        except BrainlakeError as error:
            yield Outcome(unit, error=error)
        else:
            yield Outcome(unit, result)
