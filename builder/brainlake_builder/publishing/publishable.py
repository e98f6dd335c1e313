"""What may be published: banks that are whole and checked, and human data whose licence allows it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from brainlake.bank.sidecars import read_sidecars
from brainlake.bank.verification import verify_bank
from brainlake.contract.schema import FEATURE_TABLES
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError, UnknownNameError

HUMAN_TABLES = ("responses", "targets", "nuisance", "reading_times", "ceilings")
"""Tables with what people did, or what was computed from it."""

SHOWN = 3
"""Problems that a message names; `brainlake verify` has them all."""


def choose(bank: Path, models: Sequence[str] | None, metadata_only: bool) -> list[Sidecar]:
    """Files of a bank to publish.

    Parameters
    ----------
    models
        Models whose features go along; by default all.
    metadata_only
        Leave the feature tables out.

    Raises
    ------
    UnknownNameError
        If the bank has no such model.
    BrainlakeError
        If it is no bank, or nothing is left.
    """
    if not bank.is_dir():
        raise BrainlakeError(f"there is no bank at {bank}: no such folder")
    found = read_sidecars(bank)
    known = sorted({s.model for s in found if s.model})
    for model in models or ():
        if model not in known:
            raise UnknownNameError("model", model, known)
    chosen = [
        s
        for s in found
        if not (metadata_only and s.kind in FEATURE_TABLES) and (models is None or s.model is None or s.model in models)
    ]
    if not chosen:
        raise BrainlakeError(f"{bank} holds nothing to publish")
    return sorted(chosen, key=lambda s: s.path)


def has_human_data(sidecars: Sequence[Sidecar]) -> bool:
    """Whether there is anything in which people did something."""
    return any(s.kind in HUMAN_TABLES for s in sidecars)


def check_publishable(bank: Path, sidecars: Sequence[Sidecar], *, may_pass_on: bool) -> None:
    """Refuse what must not be published.

    Parameters
    ----------
    bank
        Folder of the bank.
    sidecars
        Files of it that would travel.
    may_pass_on
        The publisher says that human data may be passed on although their licence does not.

    Raises
    ------
    BrainlakeError
        If a file is damaged, activations come without checks passed, or human data may not be passed on.
    """
    problems = verify_bank(bank)
    if problems:
        shown = "; ".join(f"{p.path}: {p.what}" for p in problems[:SHOWN])
        more = f" (and {len(problems) - SHOWN} more)" if len(problems) > SHOWN else ""
        raise BrainlakeError(f"{bank} is not sound: {shown}{more}. `brainlake verify {bank}` shows all")
    for sidecar in sidecars:
        if sidecar.kind == "activations" and not (sidecar.checks and all(c["passed"] for c in sidecar.checks)):
            raise BrainlakeError(
                f"{sidecar.path} records no checks, or one that failed: extract it again, so that others can rely on it"
            )
    if not may_pass_on:
        _check_licences(benchmark_rows(bank, sidecars), sidecars)


def benchmark_rows(bank: Path, sidecars: Sequence[Sidecar]) -> list[dict[str, Any]]:
    """Rows of ``benchmarks`` of a local bank."""
    return [row for s in sidecars if s.kind == "benchmarks" for row in pq.read_table(bank / s.path).to_pylist()]


def check_one_source(sidecars: Sequence[Sidecar], where: str) -> None:
    """Refuse files of one catalogue that speak of different models, or stimuli, under one name.

    Raises
    ------
    BrainlakeError
        If a model has two revisions, or features were made from other stimuli than those beside them.
    """
    revisions: dict[str, Sidecar] = {}
    stimuli = {s.name: s for s in sidecars if s.kind == "stimuli"}
    for sidecar in sidecars:
        if sidecar.model and sidecar.model_revision:
            other = revisions.setdefault(sidecar.model, sidecar)
            if other.model_revision != sidecar.model_revision:
                raise BrainlakeError(
                    f"{where} would hold two models named {sidecar.model}: {sidecar.path} is from "
                    f"{sidecar.model_revision}, {other.path} from {other.model_revision}"
                )
        own = stimuli.get(sidecar.stimulus_set)
        if own and sidecar.stimuli_sha256 and own.stimuli_sha256 != sidecar.stimuli_sha256:
            raise BrainlakeError(f"{where} would hold {sidecar.path}, made from other stimuli than its {own.path}")


def _check_licences(benchmarks: Sequence[dict[str, Any]], sidecars: Sequence[Sidecar]) -> None:
    known = {b["benchmark"]: b for b in benchmarks}
    restricted = {name for name, b in known.items() if b["redistributable"] is not True}
    texts = {stimulus_set for name in restricted for stimulus_set in known[name]["stimulus_sets"]}
    for sidecar in sidecars:
        recorded = sidecar.kind in HUMAN_TABLES and (sidecar.name in restricted or sidecar.name not in known)
        if recorded or (sidecar.kind == "stimuli" and sidecar.name in texts):
            stated = sidecar.licence or known.get(sidecar.name, {}).get("licence") or "not known"
            raise BrainlakeError(
                f"{sidecar.path} may not be passed on (licence: {stated}): keep human data like this in a bank of "
                f"their own, or confirm with --may-pass-on that you may"
            )
