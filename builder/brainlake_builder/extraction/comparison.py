"""One self-check as a sidecar keeps it: a value, what rounding would do, and where it fails."""

from typing import Any

import numpy as np
import numpy.typing as npt

from brainlake.errors import BrainlakeError
from brainlake_builder.extraction.rounding import SAFETY, Rounding, distance

Check = dict[str, Any]
Float32 = npt.NDArray[np.float32]


def check(name: str, value: float, tolerance: float, comparand: str, floor: float = 0.0) -> Check:
    """One check as it stands in a sidecar."""
    return {
        "name": name,
        "value": float(value),
        "floor": float(floor),
        "tolerance": float(tolerance),
        "passed": bool(value <= tolerance),
        "comparand": comparand,
    }


def across(
    name: str, pairs: list[tuple[Float32, Float32]], rounding: Rounding, what: str, safety: float = SAFETY
) -> Check:
    """The layer that is furthest from what rounding explains, over all pairs."""
    floor = rounding.states
    far = np.max([distance(found, expected, rounding.scale) for found, expected in pairs], axis=0)
    worst = int(np.argmax(far / floor))
    return check(name, far[worst], safety * floor[worst], f"{what}; row {worst} of layers", floor[worst])


def require(checks: list[Check], what: str) -> None:
    """Raise if a check failed."""
    for failed in (c for c in checks if not c["passed"]):
        raise BrainlakeError(
            f"{what}: self-check {failed['name']} gave {failed['value']:.3g}, more than {failed['tolerance']:.3g} "
            f"(against {failed['comparand']}); nothing is written. "
            f"This model may not be run the way its architecture says"
        )
