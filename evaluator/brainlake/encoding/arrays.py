"""Array types, the checks that every array passes on its way in, and blocks of columns."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from brainlake.errors import BrainlakeError

FloatArray = NDArray[np.floating[Any]]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]
Labels = NDArray[np.str_]

MIN_ROWS = 3
# So many targets at a time stay in cache between a product and the passes over its result.
_BLOCK = 512


def matrix(values: ArrayLike, name: str, *, rows: int | None = None) -> FloatArray:
    """Return `values` as a finite 2-D floating array (a vector becomes one column), or refuse it.

    Raises
    ------
    BrainlakeError
        Not 1-D or 2-D, no columns, fewer than 3 rows, another number of rows than `rows`, NaN or infinity.
    """
    array = np.asarray(values)
    if not np.issubdtype(array.dtype, np.floating):
        array = array.astype(np.float64)
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2 or array.shape[1] == 0:
        raise BrainlakeError(f"{name}: expected rows x columns, got an array of shape {array.shape}")
    if rows is not None and len(array) != rows:
        raise BrainlakeError(f"{name}: {len(array)} rows where {rows} are expected")
    if len(array) < MIN_ROWS:
        raise BrainlakeError(f"{name}: {len(array)} rows; at least {MIN_ROWS} are needed")
    # The sum is finite if every value is, unless it overflows: a cheap first look without a Boolean copy.
    if not np.isfinite(array.sum(dtype=np.float64)):
        bad = ~np.isfinite(array)
        if bad.any():
            row, column = (int(i) for i in np.argwhere(bad)[0])
            raise BrainlakeError(
                f"{name}: {int(bad.sum())} values are not finite, the first at row {row}, column {column}; "
                "drop those rows or columns, or fit targets with equal gaps together"
            )
    return array


def column_blocks(v: int) -> Iterator[slice]:
    """Yield slices that cut v columns into blocks."""
    for start in range(0, v, _BLOCK):
        yield slice(start, min(start + _BLOCK, v))
