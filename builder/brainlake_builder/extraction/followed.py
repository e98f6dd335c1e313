"""How far a cluster is: tasks are counted as their files come into the bank, whoever writes them."""

import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from brainlake.contract.layout import feature_path, sidecar_path
from brainlake.engines.unit import Outcome
from brainlake.report.progress import Progress
from brainlake_builder.extraction.tasks import Task

R = TypeVar("R")


class Tally:
    """Which tasks of which units are done.

    Parameters
    ----------
    bank
        Folder of the bank.
    units
        Tasks of each unit, by its title.
    surprisal
        Whether tasks write surprisal as well.
    """

    def __init__(self, bank: Path, units: dict[str, list[Task]], surprisal: bool) -> None:
        self._bank, self._surprisal = bank, surprisal
        self._open = {title: {task.digest: self._written(task) for task in tasks} for title, tasks in units.items()}
        self._tasks = {task.digest: task for tasks in units.values() for task in tasks}
        self.total = self._weight = sum(task.weight for task in self._tasks.values())

    def new(self) -> int:
        """Tasks that were done since it was last asked; the last one of a unit counts when the unit has ended."""
        n = 0
        for own in self._open.values():
            for digest, before in list(own.items()):
                if len(own) > 1 and self._written(self._tasks[digest]) != before:
                    self._close(own, digest)
                    n += 1
        return n

    def ended(self, title: str) -> int:
        """Tasks of a unit that has ended which were not counted yet."""
        own = self._open.pop(title)
        n = len(own)
        for digest in list(own):
            self._close(own, digest)
        return n

    @property
    def left(self) -> float:
        """Share of the whole that is not done."""
        return self._weight / self.total

    def _close(self, own: dict[str, int | None], digest: str) -> None:
        del own[digest]
        self._weight -= self._tasks[digest].weight

    def _written(self, task: Task) -> int | None:
        """When the file that comes last was written."""
        table = task.tables(self._surprisal)[-1]
        path = self._bank / sidecar_path(feature_path(table, task.files.model, task.stimuli.name, task.recipe))
        try:
            return path.stat().st_mtime_ns
        except FileNotFoundError:
            return None


def followed(
    events: Iterable[Outcome[R] | None], tally: Tally, n_tasks: int, progress: Progress
) -> Iterator[Outcome[R]]:
    """Outcomes as they come, with progress over all tasks, and a line a unit that says how much time is left.

    Parameters
    ----------
    events
        Of an engine.
    tally
        Counts tasks.
    n_tasks
        Of all units.
    """
    begun = time.perf_counter()

    def tasks() -> Iterator[Outcome[R] | None]:
        """One a task, of which one a unit is its outcome."""
        n = 0
        for event in events:
            new = tally.new() if event is None else tally.ended(event.unit.title)
            if event is not None:
                seconds = time.perf_counter() - begun
                left = seconds * tally.left / (1 - tally.left) if tally.left < 1 else 0.0
                said = "failed" if event.error else "done"
                progress.note(f"{event.unit.title}: {said} after {_short(seconds)}; {_short(left)} left")
            for k in range(new):
                yield event if k == 0 else None
            n += new
        yield from [None] * (n_tasks - n)  # of models that could not even be planned

    steps: Sequence[int] = [1] * n_tasks
    for outcome in progress.steps(tasks(), "all models", "tasks", sizes=steps):
        if outcome is not None:
            yield outcome


def _short(seconds: float) -> str:
    for unit, size in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"
