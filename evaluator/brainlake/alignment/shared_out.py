"""Brain alignment shared out: a few models a process, put together as if one process had scored them all."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import polars as pl

from brainlake.alignment.brain import brain_alignment
from brainlake.alignment.candidates import benchmark_tree, candidates
from brainlake.alignment.score_table import put_together
from brainlake.bank.catalogue import open_bank
from brainlake.engines.unit import Engine, Unit
from brainlake.errors import BrainlakeError, Failures

MODELS: Final = 4
"""Models that a process scores one behind the other: what baselines and responses alone decide is computed once."""

MEMORY_BYTES: Final = 2 << 30
"""Memory of such a process: 33 layers of 12,155 voxels with intervals and baselines took 1.3 GB."""


def shared_brain_alignment(
    engine: Engine,
    banks: Sequence[str],
    benchmark: str,
    *,
    models: Sequence[str] | None,
    recipes: Sequence[str] | None,
    cpus: int,
    failures: Failures,
    note: Callable[[str], None],
    **how: Any,
) -> pl.DataFrame:
    """As :func:`~brainlake.alignment.brain.brain_alignment`, by an engine.

    Parameters
    ----------
    engine
        Who scores.
    banks
        Where they lie, for every process.
    benchmark, models, recipes, failures
        As there.
    cpus
        Layers that a process scores at a time.
    note
        Says one line.
    **how
        Further arguments, as there.

    Raises
    ------
    BrainlakeError
        As there.
    """
    places = [str(Path(bank).absolute()) if Path(bank).exists() else bank for bank in banks]
    chosen = candidates(benchmark_tree(open_bank(*places), benchmark), models, recipes)
    names = list(dict.fromkeys(candidate.model for candidate in chosen))
    parts = [names[k : k + MODELS] for k in range(0, len(names), MODELS)] or [[]]
    asked = how | {"recipes": recipes, "threads": cpus}
    units = [
        Unit(
            f"{benchmark}, {', '.join(part) or 'baselines'}",
            partial(_score, places, benchmark, {**asked, "models": part or None}),
            cpus=cpus,
            memory_bytes=MEMORY_BYTES,
        )
        for part in parts
    ]
    scored: dict[str, pl.DataFrame] = {}
    for outcome in filter(None, engine(units)):
        with failures.of(outcome.unit.title):
            table, failed = outcome.taken()
            scored[outcome.unit.title] = table
            note(f"{outcome.unit.title}: scored, {len(scored)} of {len(units)}")
            for title, text in failed.items():
                with failures.of(title):
                    raise BrainlakeError(text)
    if not scored:
        failures.raise_all()
    return put_together([scored[unit.title] for unit in units if unit.title in scored])


def _score(places: Sequence[str], benchmark: str, asked: dict[str, Any]) -> tuple[pl.DataFrame, dict[str, str]]:
    """What a process does; errors travel as their texts."""
    failures = Failures()
    table = brain_alignment(open_bank(*places), benchmark, failures=failures, **asked)
    return table, {title: str(error) for title, error in failures.found.items()}
