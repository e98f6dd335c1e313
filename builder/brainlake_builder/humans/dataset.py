"""What a human dataset is: the raw files it needs, whom it comes from, and how its files become tables."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from brainlake.contract.schema import TABLES
from brainlake_builder.humans.source import RawFile

Paths = Mapping[str, Path]
"""Where each raw file was found, by ``RawFile.name``."""


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
    notes
        What the reader left out, and why; kept in the sidecar and shown by the command.
    """

    stimuli: dict[str, pa.Table] = field(default_factory=dict)
    recordings: dict[str, pa.Table] = field(default_factory=dict)
    features: dict[tuple[str, str], pa.Table] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


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
        Function from the paths of the files found to the tables.
    what, size, use
        For people: what was recorded, how much of it, and what it is good for.
    modality, unit, tr_s, response_shift_s, composite_of, default_folds
        As in ``schema.BENCHMARKS``. A composite has no files and no tables but its row of ``benchmarks``.
    """

    benchmark: str
    stimulus_sets: tuple[str, ...]
    files: tuple[RawFile, ...]
    citation: str
    licence: str
    redistributable: bool
    origin: str
    build: Callable[[Paths], HumanTables]
    modality: str
    unit: str | None = None
    tr_s: float | None = None
    response_shift_s: float | None = None
    composite_of: tuple[str, ...] = ()
    default_folds: str | None = None
    what: str = ""
    size: str = ""
    use: str = ""

    def benchmarks_row(self) -> pa.Table:
        """The dataset's row of ``benchmarks``."""
        row = {name: getattr(self, name) for name in TABLES["benchmarks"].names}
        row["stimulus_sets"] = list(self.stimulus_sets)
        row["composite_of"] = list(self.composite_of) or None
        return pa.Table.from_pylist([row], schema=TABLES["benchmarks"])


@dataclass(frozen=True, eq=False)
class Subject:
    """Responses of one subject.

    Attributes
    ----------
    name
        Participant, or what was averaged over.
    values
        float32, shape (rows, targets); NaN where missing.
    target_ids, rois
        Labels of the targets; no regions where there are none.
    made_of
        For each target the targets that it is the mean of; None for one that is measured.
    """

    name: str
    values: npt.NDArray[np.float32]
    target_ids: Sequence[str]
    rois: Sequence[str] | None = None
    made_of: Sequence[Sequence[str] | None] | None = None


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
    return pa.Table.from_arrays([_column(columns.get(c.name), c.type, n) for c in schema], schema=schema)


def responses_and_targets(
    benchmark: str,
    stimulus_set: str | Sequence[str],
    row_ids: Sequence[str],
    subjects: Sequence[Subject],
    **columns: Any,
) -> dict[str, pa.Table]:
    """Tables of ``responses`` and ``targets`` of subjects that were all recorded on the same rows.

    Parameters
    ----------
    benchmark, stimulus_set
        Benchmark, and stimulus set of every row.
    row_ids
        Stimulus, or name of the TR, of every row.
    subjects
        Their responses, with one line a row id.
    **columns
        ``run`` and ``time_s``, where there are.
    """
    responses, targets = [], []
    for subject in subjects:
        n, v = subject.values.shape
        shared = {"benchmark": benchmark, "subject": subject.name}
        row = {
            "stimulus_set": stimulus_set,
            "row_id": row_ids,
            "presentation": 0,
            "response": list_array(subject.values),
        }
        responses.append(table_of("responses", n, **shared, **row, **columns))
        labels: dict[str, Any] = {
            "index": range(v),
            "target_id": subject.target_ids,
            "roi": subject.rois,
            "made_of": subject.made_of,
        }
        targets.append(table_of("targets", v, **shared, **labels))
    return {"responses": pa.concat_tables(responses), "targets": pa.concat_tables(targets)}


def list_array(values: npt.NDArray[np.float32]) -> pa.Array:
    """The lines of a matrix [n, v] as one list each."""
    n, v = values.shape
    flat = pa.array(np.ascontiguousarray(values, np.float32).reshape(-1), pa.float32())
    return pa.ListArray.from_arrays(pa.array(np.arange(n + 1) * v, pa.int32()), flat)


def spaced(document_ids: Sequence[str]) -> list[str]:
    """Separators of items joined by single spaces inside each document.

    Examples
    --------
    >>> spaced(["a", "a", "b"])
    ['', ' ', '']
    """
    before = [None, *document_ids[:-1]]
    return [" " if document == last else "" for document, last in zip(document_ids, before, strict=True)]


def _column(value: Any, kind: pa.DataType, n: int) -> pa.Array:
    if isinstance(value, pa.Array):
        return value
    if value is None or isinstance(value, str | int | float):
        return pa.repeat(pa.scalar(value, kind), n)
    return pa.array(value, kind)
