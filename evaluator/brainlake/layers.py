"""One layer of a file of activations as a matrix."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from brainlake.digests import layer_sha256
from brainlake.errors import BrainlakeError, UnknownNameError
from brainlake.manifest import Sidecar
from brainlake.ranges import RangedParquet

Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
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


def read_layer(file: "pq.ParquetFile | RangedParquet", sidecar: Sidecar, layer: int) -> Activations:
    """Read the row groups of one layer, without a copy after decoding, and check the values against their sha256.

    Raises
    ------
    UnknownNameError
        If the file has no such layer.
    BrainlakeError
        If the values are not those that were written.
    """
    recorded = {entry["layer"]: entry["sha256"] for entry in sidecar.layers}
    if layer not in recorded:
        raise UnknownNameError("layer", layer, [str(k) for k in recorded])
    table = file.read_row_groups(_groups(file.metadata, layer), columns=["stimulus_id", "activation"])
    ids = table.column("stimulus_id").to_pylist()
    values = _matrix(table.column("activation"), len(ids))
    if layer_sha256([values]) != recorded[layer]:
        raise BrainlakeError(f"{sidecar.path}: the values of layer {layer} are not those that were written")
    return Activations(ids, values)


def _groups(metadata: pq.FileMetaData, layer: int) -> list[int]:
    """Row groups of a layer, found by their statistics."""
    column = metadata.schema.names.index("layer")
    statistics = [metadata.row_group(g).column(column).statistics for g in range(metadata.num_row_groups)]
    return [g for g, s in enumerate(statistics) if s is not None and s.min == layer == s.max]


def _matrix(column: pa.ChunkedArray, n: int) -> Float32:
    chunks: list[Any] = [chunk.flatten() for chunk in column.chunks]
    values = chunks[0] if len(chunks) == 1 else pa.concat_arrays(chunks)
    matrix: Float32 = values.to_numpy(zero_copy_only=True).reshape(n, -1)
    return matrix
