"""Named, frozen protocols: what is fitted, on which folds, how a layer is chosen and targets are aggregated."""

from dataclasses import dataclass
from typing import Final, Literal

from brainlake.errors import UnknownNameError


@dataclass(frozen=True)
class Protocol:
    """How brain alignment is scored.

    Attributes
    ----------
    name
        Name, stored with every score.
    regression
        ``ols``, or ``ridge`` with one penalty a layer chosen by nested folds.
    folds
        Folds of the headline score: ``shuffled``, or the ``default`` ones of the benchmark, which never split
        a group.
    beside
        Folds of the same score shown beside it.
    selection
        How the layer of the headline is chosen: ``test`` (the highest score on the test folds) or ``nested``
        (without the outer test fold in any term).
    aggregation
        ``median_then_mean``: median over targets in each fold, mean over folds; ``mean_then_median``: mean over
        folds weighted by their size for each target, median over targets.
    divides_by_reliability
        Whether a reliability is used as a ceiling as it is (Brain-Score), or by its square root.
    """

    name: str
    regression: Literal["ols", "ridge"]
    folds: Literal["shuffled", "default"]
    beside: Literal["shuffled", "default"]
    selection: Literal["test", "nested"]
    aggregation: Literal["median_then_mean", "mean_then_median"]
    divides_by_reliability: bool


PROTOCOLS: Final[dict[str, Protocol]] = {
    protocol.name: protocol
    for protocol in (
        Protocol("grouped", "ridge", "default", "shuffled", "nested", "mean_then_median", False),
        Protocol("aw2024", "ols", "shuffled", "default", "test", "median_then_mean", True),
    )
}
"""``grouped`` is the default; ``aw2024`` is what Aw et al. (2023) ran, through Brain-Score Language."""


def protocol_named(name: str) -> Protocol:
    """Return the protocol of that name, or raise ``UnknownNameError``."""
    if name not in PROTOCOLS:
        raise UnknownNameError("protocol", name, tuple(PROTOCOLS))
    return PROTOCOLS[name]
