"""One layer of a file of activations as a matrix."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from brainlake.contract.digests import layer_sha256
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError, UnknownNameError
from brainlake.storage.ranges import RangedParquet

Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False, repr=False)
class Activations:
    """One layer.

    Attributes
    ----------
    stimulus_ids
        The n stimuli, in ``stimuli.position`` order.
    values
        float32, shape (n, d), C-contiguous, read-only.
    """

    stimulus_ids: list[str]
    values: Float32

    def __repr__(self) -> str:
        n, d = self.values.shape
        ids = f"; {self.stimulus_ids[0]!r} to {self.stimulus_ids[-1]!r}" if n else ""
        return f"Activations({n} stimuli, {d} features, {self.values.dtype}{ids})"


def read_layer(file: "pq.ParquetFile | RangedParquet", sidecar: Sidecar, layer: int) -> Activations:
    """Read one layer.

    Raises
    ------
    UnknownNameError
        If the file has no such layer.
    BrainlakeError
        If the values are not those that were written.
    """
    recorded = [entry["layer"] for entry in sidecar.layers]
    if layer not in recorded:
        raise UnknownNameError("layer", layer, [str(k) for k in recorded])
    groups = layer_groups(file.metadata, sidecar, layer)
    return as_matrix(file.read_row_groups(groups, columns=["layer", "stimulus_id", "activation"]), sidecar, layer)


def as_matrix(table: pa.Table, sidecar: Sidecar, layer: int) -> Activations:
    """The rows of one layer as a matrix, without a copy, checked against their number and their sha256."""
    if table.column("layer").unique().to_pylist() != [layer]:
        raise BrainlakeError(f"{sidecar.path}: what its sidecar calls layer {layer} is another; run `brainlake verify`")
    ids = table.column("stimulus_id").to_pylist()
    values = _matrix(table.column("activation"), len(ids))
    if layer_sha256([values]) != next(entry["sha256"] for entry in sidecar.layers if entry["layer"] == layer):
        raise BrainlakeError(f"{sidecar.path}: the values of layer {layer} are not those that were written")
    return Activations(ids, values)


def layer_groups(metadata: pq.FileMetaData, sidecar: Sidecar, layer: int) -> list[int]:
    """Row groups of a layer: layers follow each other as the sidecar lists them, with equally many rows."""
    each = metadata.num_rows // len(sidecar.layers)
    first = each * [entry["layer"] for entry in sidecar.layers].index(layer)
    groups, at = [], 0
    for group in range(metadata.num_row_groups):
        if first <= at < first + each:
            groups.append(group)
        at += metadata.row_group(group).num_rows
    return groups


def _matrix(column: pa.ChunkedArray, n: int) -> Float32:
    chunks: list[Any] = [chunk.flatten() for chunk in column.chunks]
    values = chunks[0] if len(chunks) == 1 else pa.concat_arrays(chunks)
    matrix: Float32 = values.to_numpy(zero_copy_only=True).reshape(n, -1)
    return matrix
