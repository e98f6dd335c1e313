"""What a human dataset is: the raw files it needs, whom it comes from, and how its files become tables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from brainlake.schema import TABLES
from brainlake_builder.humans.source import RawFile


@dataclass(frozen=True)
class HumanTables:
    """The tables that a dataset's raw files become.

    Attributes
    ----------
    stimuli
        One table of ``stimuli`` a stimulus set.
    recordings
        ``responses``, ``targets``, ``nuisance``, ``reading_times`` and ``ceilings``, as there are.
    features
        One table of ``stimulus_features`` a (stimulus set, source).
    """

    stimuli: dict[str, pa.Table] = field(default_factory=dict)
    recordings: dict[str, pa.Table] = field(default_factory=dict)
    features: dict[tuple[str, str], pa.Table] = field(default_factory=dict)


@dataclass(frozen=True)
class HumanDataset:
    """A benchmark, its raw files, and the function from files to tables.

    Attributes
    ----------
    benchmark, stimulus_sets
        Name of the benchmark, and of the stimulus sets that its rows refer to.
    files
        Raw files, required and optional.
    citation, licence, redistributable, origin
        BibTeX; licence of the data; whether it allows to publish them again; where the files come from.
    build
        Function from the paths of the files found, by ``RawFile.name``, to the tables.
    unit, tr_s, response_shift_s, modality, composite_of, default_folds
        As in ``schema.BENCHMARKS``.
    """

    benchmark: str
    stimulus_sets: tuple[str, ...]
    files: tuple[RawFile, ...]
    citation: str
    licence: str
    redistributable: bool
    origin: str
    build: Callable[[Mapping[str, Path]], HumanTables]
    modality: str
    unit: str | None = None
    tr_s: float | None = None
    response_shift_s: float | None = None
    composite_of: tuple[str, ...] = ()
    default_folds: str | None = None

    def benchmarks_row(self) -> pa.Table:
        """The dataset's row of ``benchmarks``."""
        row = {name: getattr(self, name) for name in TABLES["benchmarks"].names}
        row["stimulus_sets"] = list(self.stimulus_sets)
        row["composite_of"] = list(self.composite_of) or None
        return pa.Table.from_pylist([row], schema=TABLES["benchmarks"])


def table_of(table: str, n: int, **columns: Any) -> pa.Table:
    """``n`` rows of a table of the contract; a scalar fills its column, a column not given is null.

    Examples
    --------
    >>> table_of("targets", 2, benchmark="b", subject="s1", index=[0, 1], target_id=["IFG", "MFG"]).num_rows
    2
    """
    schema = TABLES[table]
    unknown = set(columns) - set(schema.names)
    if unknown:
        raise ValueError(f"{table} has no column {', '.join(sorted(unknown))}")
    arrays = []
    for column in schema:
        value = columns.get(column.name)
        scalar = value is None or isinstance(value, str | int | float)
        arrays.append(pa.repeat(pa.scalar(value, column.type), n) if scalar else pa.array(value, column.type))
    return pa.Table.from_arrays(arrays, schema=schema)
