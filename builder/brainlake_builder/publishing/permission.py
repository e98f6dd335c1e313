"""Which table may be passed on: what it says of itself decides, and what its benchmark says of the data.

Tables that hold what others wrote or did (stimuli, recordings, features of stimuli, imported surprisal) go only where
that is allowed in so many words: not known is no. Activations, surprisal, kernels, models and scores are numbers that
whoever made the bank computed, neither text nor recording: they go unless their own sidecar forbids it.
"""

from collections.abc import Sequence
from typing import Any

from brainlake.contract.sidecar import Sidecar

HUMAN_TABLES = ("responses", "targets", "nuisance", "reading_times", "ceilings")
"""Tables with what people did, or what was computed from it."""

OF_OTHERS = (*HUMAN_TABLES, "stimuli", "stimulus_features")
"""Tables that hold what others wrote, recorded or measured."""


def forbidden(sidecar: Sidecar, benchmarks: Sequence[dict[str, Any]]) -> str | None:
    """Why a table may not be passed on; None if it may.

    Parameters
    ----------
    benchmarks
        Rows of the table ``benchmarks`` of its bank.
    """
    own = [b for b in benchmarks if _belongs(sidecar, b)]
    said = {sidecar.redistributable, *(b["redistributable"] for b in own)}
    needs_permission = sidecar.kind in OF_OTHERS or sidecar.recipe == "imported"
    if False not in said and (True in said or not needs_permission):
        return None
    licence = sidecar.licence or next((b["licence"] for b in own if b["licence"]), None) or "not known"
    return f"may not be passed on (licence: {licence})"


def _belongs(sidecar: Sidecar, benchmark: dict[str, Any]) -> bool:
    """Whether what a benchmark says of its data holds for a table."""
    if sidecar.kind in HUMAN_TABLES:
        return bool(sidecar.name == benchmark["benchmark"])
    if sidecar.kind in ("stimuli", "stimulus_features"):
        return str(sidecar.name).split("/")[0] in benchmark["stimulus_sets"]
    return False
