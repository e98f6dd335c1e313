"""Whether what a repository would hold goes together: with itself, with what it replaces, with what it lists."""

from collections.abc import Sequence

from brainlake.bank.hub_root import HubRoot
from brainlake.bank.provenance import outdated
from brainlake.contract.schema import RESULTS
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError


def check_one_source(sidecars: Sequence[Sidecar], where: str) -> None:
    """Refuse files of one catalogue that speak of different models, or stimuli, under one name.

    Raises
    ------
    BrainlakeError
        If a model has two revisions, or a file was made from another one than that beside it.
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
    for path, what in outdated(sidecars):
        raise BrainlakeError(f"{where} would hold {path}, which {what}")


def check_replaced(sidecars: Sequence[Sidecar], theirs: Sequence[Sidecar], where: str) -> None:
    """Refuse to replace what is fuller, or what is someone else's.

    Raises
    ------
    BrainlakeError
        If a file of the repository has layers or rows that the one in its place lacks, or another author; for
        results, if it is not known to have the same one.
    """
    there = {s.key: s for s in theirs}
    for own in sidecars:
        other = there.get(own.key)
        if other is None or other.sha256 == own.sha256:
            continue
        lost = _lost(own, other)
        stranger = other.author != own.author if other.author else own.kind in RESULTS
        if lost or stranger:
            whose = f"that of {other.author}" if other.author else "perhaps someone else's"
            raise BrainlakeError(
                f"{where} has another {other.path}, {f'with {lost}' if lost else whose}: replace it with --replace"
                + ("" if own.kind not in RESULTS else ", or give these another name")
            )


def check_index(sidecars: Sequence[Sidecar], roots: Sequence[HubRoot], repo: str) -> None:
    """Refuse an index that could not be opened.

    Parameters
    ----------
    sidecars
        What the index itself would hold.
    roots
        The repositories that it lists, opened.

    Raises
    ------
    BrainlakeError
        If it lists itself or an index, or two of them hold different files of one thing.
    """
    holders = {s.key: (repo, s) for s in sidecars}
    for root in roots:
        if root.snapshot.repo == repo or root.roots:
            what = "itself" if root.snapshot.repo == repo else "an index"
            raise BrainlakeError(f"{repo} cannot list {root}, which is {what}: list the banks")
        for sidecar in root.sidecars:
            where, other = holders.setdefault(sidecar.key, (str(root), sidecar))
            if other.sha256 != sidecar.sha256:
                raise BrainlakeError(
                    f"{repo} could not be opened: {where} and {root} hold different files {sidecar.path}; "
                    f"publish one of them anew, or list one of them"
                )


def _lost(own: Sidecar, other: Sidecar) -> str | None:
    """What the other file has and this one lacks."""
    layers = [e["layer"] for e in other.layers if e["layer"] not in {o["layer"] for o in own.layers}]
    if layers:
        return f"{len(layers)} layer{'s'[: len(layers) > 1]} more ({', '.join(map(str, layers))})"
    return f"{other.rows - own.rows} rows more" if other.rows > own.rows else None
