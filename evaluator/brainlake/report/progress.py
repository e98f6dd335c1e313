"""How far long work is, said on stderr: a bar on a terminal, a line a finished step in a log."""

import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Self, TypeVar

from brainlake.contract.printable import printable

if TYPE_CHECKING:
    import rich.progress

T = TypeVar("T")

LONG: Final = 1.0
"""Seconds from which on a terminal is told what a step took."""


class Progress:
    """Says how far long work is; as a context, no bar outlives it, whatever was raised.

    Parameters
    ----------
    quiet
        Say nothing at all.

    Examples
    --------
    >>> with Progress(quiet=True) as progress:
    ...     sum(progress.steps([1, 2, 3], "counting", "numbers"))
    6
    """

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self._bar: rich.progress.Progress | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def note(self, text: str) -> None:
        """Say one line."""
        if self.quiet:
            return
        if self._bar is not None:
            self._bar.console.print(printable(text), markup=False, highlight=False, soft_wrap=True)
        else:
            sys.stderr.write(f"{printable(text)}\n")

    def steps(
        self, things: Iterable[T], label: str, unit: str, *, sizes: Sequence[int] | None = None, done: int = 0
    ) -> Iterator[T]:
        """Hand on the things, one a step, and say how far it is.

        Parameters
        ----------
        label
            What is being done.
        unit
            What is counted, in the plural.
        sizes
            How many of it each step is worth; 1 if not given.
        done
            How many were there before.
        """
        todo = things
        if sizes is None:
            todo = list(things)
            sizes = [1] * len(todo)
        total, begun = done + sum(sizes), time.perf_counter()
        if self.quiet or not sys.stderr.isatty():
            yield from todo
        else:
            yield from self._drawn(todo, f"{label}: {unit}", sizes, done, total)
        self._ended(f"{label}: {total:,} {unit if total != 1 else unit.removesuffix('s')}", begun)

    @contextmanager
    def step(self, label: str) -> Iterator[None]:
        """Say what a single step took."""
        begun = time.perf_counter()
        yield
        self._ended(label, begun)

    def _ended(self, what: str, begun: float) -> None:
        seconds = time.perf_counter() - begun
        if seconds >= LONG or not sys.stderr.isatty():
            self.note(f"{what}, {seconds:.1f} s")

    def _drawn(self, todo: Iterable[T], title: str, sizes: Sequence[int], done: int, total: int) -> Iterator[T]:
        from rich.console import Console  # only who draws waits for it
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(20),
            MofNCompleteColumn(),
            TimeRemainingColumn(compact=True),
        )
        self._bar = Bar(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False)
        with self._bar as bar:
            task = bar.add_task(printable(title), total=total, completed=done)
            for thing, size in zip(todo, sizes, strict=True):
                yield thing
                bar.advance(task, size)
        self._bar = None

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


SILENT: Final = Progress(quiet=True)
"""Says nothing."""
