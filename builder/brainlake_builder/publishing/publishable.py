"""What of a bank is published: what was chosen, where it is whole and checked, and may be passed on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from brainlake.bank.contradictions import contradictions
from brainlake.bank.sidecars import read_sidecars
from brainlake.bank.verification import verify_bank
from brainlake.contract.schema import FEATURE_TABLES
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError, UnknownNameError
from brainlake_builder.publishing.permission import HUMAN_TABLES, forbidden

SHOWN = 3
"""Problems that a message names; `brainlake verify` has them all."""

FEATURES = (*FEATURE_TABLES, "models", "model_properties", "stimuli", "stimulus_features")
"""Tables that are published as features; stimuli where they may be passed on."""

MODEL_COLUMNS = {
    "model_properties": ("model",),
    "scores": ("model",),
    "comparisons": ("model_a", "model_b"),
    "shapes": ("model",),
}
"""Columns that name models, in tables whose files are about several."""


@dataclass(frozen=True)
class Held:
    """A file that stays at home, and why."""

    path: str
    why: str


@dataclass(frozen=True)
class Choice:
    """What of a bank travels, what stays at home, and the rows of its table ``benchmarks``."""

    travels: list[Sidecar]
    stays: list[Held]
    benchmarks: list[dict[str, Any]]

    @property
    def human(self) -> bool:
        """Whether anything travels in which people did something."""
        return any(s.kind in HUMAN_TABLES for s in self.travels)


def choose(
    bank: Path,
    models: Sequence[str] | None = None,
    *,
    metadata_only: bool = False,
    features: bool = False,
    may_pass_on: bool = False,
) -> Choice:
    """Choose the files of a bank to publish.

    Parameters
    ----------
    bank
        Folder of the bank.
    models
        Models whose features go along, and results that are of no others; by default all.
    metadata_only
        Leave the feature tables out.
    features
        Leave all human data at home, and stimuli that may not be passed on.
    may_pass_on
        The publisher says that everything may be passed on, whatever its licence.

    Raises
    ------
    UnknownNameError
        If the bank has no such model.
    BrainlakeError
        If it is no bank, nothing is left, or, but for ``features``, something may not be passed on.
    """
    if not bank.is_dir():
        raise BrainlakeError(f"there is no bank at {bank}: no such folder")
    found = read_sidecars(bank)
    known = sorted({s.model for s in found if s.model})
    for model in models or ():
        if model not in known:
            raise UnknownNameError("model", model, known)
    benchmarks = [row for s in found if s.kind == "benchmarks" for row in pq.read_table(bank / s.path).to_pylist()]
    travels, stays = [], []
    for sidecar in found:
        why = None
        if metadata_only and sidecar.kind in FEATURE_TABLES:
            why = "is a table of features"
        elif features and sidecar.kind not in FEATURES:
            why = "is human data" if sidecar.kind in HUMAN_TABLES else "is no table of features"
        elif models is not None and (others := sorted(_models(bank, sidecar) - set(models))):
            why = f"is of {', '.join(others)}"
        elif not may_pass_on and (why := forbidden(sidecar, benchmarks)) and not features:
            raise BrainlakeError(
                f"{sidecar.path} {why}: publish with --features, which leaves such data at home, or confirm with "
                f"--may-pass-on that you may pass them on"
            )
        if why is None:
            travels.append(sidecar)
        else:
            stays.append(Held(sidecar.path, why))
    if not travels:
        raise BrainlakeError(f"{bank} holds nothing to publish")
    return Choice(travels, stays, benchmarks)


def check_publishable(bank: Path, sidecars: Sequence[Sidecar]) -> None:
    """Refuse a bank that is not sound, or whose files cannot be relied on.

    Parameters
    ----------
    bank
        Folder of the bank.
    sidecars
        Files of it that would travel.

    Raises
    ------
    BrainlakeError
        If a file is damaged, was made from what is no longer there, or activations come without checks passed.
    """
    problems = [(problem.path, problem.what) for problem in verify_bank(bank)]
    problems += contradictions(read_sidecars(bank)).items()
    if problems:
        shown = "; ".join(f"{path}: {what}" for path, what in problems[:SHOWN])
        more = f" (and {len(problems) - SHOWN} more)" if len(problems) > SHOWN else ""
        raise BrainlakeError(f"{bank} is not sound: {shown}{more}. `brainlake verify {bank}` shows all")
    for sidecar in sidecars:
        if sidecar.kind == "activations" and not (sidecar.checks and all(c["passed"] for c in sidecar.checks)):
            raise BrainlakeError(
                f"{sidecar.path} records no checks, or one that failed: extract it again, so that others can rely on it"
            )


def _models(bank: Path, sidecar: Sidecar) -> set[str]:
    """Models that a file is about; baselines are none."""
    if sidecar.kind not in MODEL_COLUMNS:
        return {sidecar.model} if sidecar.model else set()
    columns = MODEL_COLUMNS[sidecar.kind]
    table = pq.read_table(bank / sidecar.path, columns=list(columns))
    names = {name for column in columns for name in table.column(column).unique().to_pylist()}
    return {name for name in names if not name.startswith("baseline:")}
