"""What files of banks refer to and nothing holds: stimuli, models, activations, benchmarks that are not there."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import pyarrow.parquet as pq

from brainlake.contract.schema import FEATURE_TABLES
from brainlake.contract.sidecar import Sidecar

File = tuple[Path, Sidecar]
"""Folder of a bank, and one of its files."""

OF_A_BENCHMARK = ("responses", "targets", "nuisance", "reading_times", "ceilings")


def dangling(files: Sequence[File], unsound: Collection[File] = ()) -> Iterator[tuple[str, str]]:
    """Path of each file that refers to what is not there, and what that is.

    Parameters
    ----------
    files
        Files of one bank, or of several that are opened as one: what one of them lacks another may hold.
    unsound
        Those of them that cannot be relied on: they are there, and what they refer to is not looked for.
    """
    there = {(s.kind, s.name) for _, s in files}
    for root, sidecar in (file for file in files if file not in unsound):
        for kind, name in dict.fromkeys(named(root, sidecar)):
            if (kind, name) not in there:
                yield sidecar.path, f"refers to {kind}/{name}, which is not there: build or fetch it"


def named(root: Path, sidecar: Sidecar) -> Iterator[tuple[str, str]]:
    """Table and name of each file that a file refers to."""
    if sidecar.kind in FEATURE_TABLES:
        yield "stimuli", str(sidecar.stimulus_set)
        yield "models", str(sidecar.model)
    elif sidecar.kind == "stimulus_features":
        yield "stimuli", str(sidecar.name).split("/")[0]
    elif sidecar.kind == "benchmarks":
        for row in pq.read_table(root / sidecar.path, columns=["stimulus_sets", "composite_of"]).to_pylist():
            yield from (("stimuli", name) for name in row["stimulus_sets"])
            yield from (("benchmarks", name) for name in row["composite_of"] or ())
    elif sidecar.kind in OF_A_BENCHMARK:
        yield "benchmarks", str(sidecar.name)
        if sidecar.kind == "responses":
            yield "targets", str(sidecar.name)
        if sidecar.kind in ("responses", "reading_times"):
            column = pq.read_table(root / sidecar.path, columns=["stimulus_set"]).column(0)
            yield from (("stimuli", name) for name in column.unique().to_pylist())
