"""Significands: how many bits of a float32 a pass can give, and rounding to them."""

import numpy as np
import numpy.typing as npt

from brainlake.contract.recipe import Recipe

FLOAT32_BITS = 23
BITS = {"float32": FLOAT32_BITS, "bfloat16": 7, "float16": 10}
LEAST_BITS_OF_A_MEAN = 12


def significand_bits(recipe: Recipe) -> int:
    """Bits after the leading one that an activation has: those of the pass; a mean is taken in float32 and has more."""
    bits = BITS[recipe.dtype]
    return max(bits, LEAST_BITS_OF_A_MEAN) if recipe.pool == "mean" else bits


def round_significand(values: npt.NDArray[np.float32], bits: int) -> npt.NDArray[np.float32]:
    """Round to the nearest float32 with ``bits`` bits after the leading one, ties to even.

    Examples
    --------
    >>> round_significand(np.array([1.0001, 1.9999], np.float32), 7).tolist()
    [1.0, 2.0]
    """
    drop = FLOAT32_BITS - bits
    if drop == 0:
        return values
    raw = np.ascontiguousarray(values, np.float32).view(np.uint32)
    below_half = np.uint32((1 << (drop - 1)) - 1)
    odd = (raw >> np.uint32(drop)) & np.uint32(1)
    kept = np.uint32(0xFFFFFFFF ^ ((1 << drop) - 1))
    rounded: npt.NDArray[np.float32] = ((raw + below_half + odd) & kept).view(np.float32)
    return rounded
