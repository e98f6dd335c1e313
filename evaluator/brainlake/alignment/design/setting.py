"""What one call asks of every layer: a recording, a protocol, groups of targets, and how sure to be."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import polars as pl

from brainlake.alignment.design.ceilings import Ceiling, matching_ceiling
from brainlake.alignment.design.protocols import Protocol
from brainlake.alignment.design.score_row import Identity, ScoreRow
from brainlake.encoding.arrays import IntArray
from brainlake.encoding.folds import Folds
from brainlake.errors import UnknownNameError
from brainlake.recordings.recording import Recording

LEVELS: Final = ("subject", "roi", "target")


@dataclass(frozen=True, eq=False)
class TargetGroup:
    """Targets that one score is about: all, those of a subject or of a region, or a single one."""

    columns: IntArray
    subject: str | None = None
    roi: str | None = None
    target_id: str | None = None


@dataclass(frozen=True, eq=False)
class Setting:
    """A recording, the protocol it is scored by, the groups of targets, and resampling.

    Attributes
    ----------
    groups
        What the rows are about; the first group is all targets.
    n_boot, n_permutations
        Replicates of each interval, and of each p value; 0 for none.
    threads
        Layers, or permutations, at a time.
    ceilings
        Rows of ``ceilings`` of the benchmark.
    """

    recording: Recording
    protocol: Protocol
    groups: list[TargetGroup]
    n_boot: int
    n_permutations: int
    ceilings: pl.DataFrame
    threads: int = 1
    _ceilings: dict[tuple[TargetGroup, str | None], Ceiling | None] = field(default_factory=dict)

    def row(self, identity: Identity, group: TargetGroup, folds: Folds | None, **found: Any) -> ScoreRow:
        """A row about a group of targets: one layer's, until a choice makes it something else.

        Its stimuli are those to which any of the targets has a response.

        Parameters
        ----------
        found
            Fields of :class:`ScoreRow`: ``metric``, ``score`` and what else was found.
        """
        present = self.recording.present[:, group.columns]
        answering = group.columns[present.any(0)]
        facts: dict[str, Any] = {
            "kind": "layer",
            "n_stimuli": int(present.any(1).sum()),
            "n_targets": len(answering),
            "n_subjects": len(set(self.recording.subjects[answering].tolist())),
            "subject": group.subject,
            "roi": group.roi,
            "target_id": group.target_id,
        }
        if folds is not None:
            facts |= {"folds": folds.name, "kept_whole": folds.whole, "n_folds": len(folds)}
        return ScoreRow(
            benchmark=self.recording.benchmark, identity=identity, protocol=self.protocol.name, **facts | found
        )

    def ceiling(self, group: TargetGroup, folds: Folds | None) -> Ceiling | None:
        """The noise ceiling of a group of targets under some folds, if one belongs to them."""
        key = (group, folds.name if folds is not None else None)
        if key not in self._ceilings:
            self._ceilings[key] = matching_ceiling(
                self.ceilings,
                self.protocol.ceilings or self.protocol.name,
                folds,
                group.roi,
                self.protocol.divides_by_reliability,
                self.recording.subjects[group.columns].tolist(),
                self.recording.target_ids[group.columns].tolist(),
            )
        return self._ceilings[key]


def target_groups(recording: Recording, by: Sequence[str]) -> list[TargetGroup]:
    """All targets, and those of each subject, region or target if asked for; a single region is all targets.

    Targets that are made of others, such as the mean of a network, are in no group beside their parts: they have scores
    of their own, by region and by target.

    Raises
    ------
    UnknownNameError
        If a level is none of subject, roi and target.
    """
    for level in by:
        if level not in LEVELS:
            raise UnknownNameError("level", level, LEVELS)
    groups = [TargetGroup(np.flatnonzero(recording.counted))]
    if "subject" in by:
        names = dict.fromkeys(recording.subjects.tolist())
        groups += [TargetGroup(np.flatnonzero((recording.subjects == s) & recording.counted), subject=s) for s in names]
    regions = np.unique(recording.rois[recording.rois != ""])
    if "roi" in by and len(regions) > 1:
        for roi in regions:
            here = recording.rois == roi
            parts = here & recording.counted
            groups.append(TargetGroup(np.flatnonzero(parts if parts.any() else here), roi=str(roi)))
    if "target" in by:
        labels = zip(recording.subjects, recording.rois, recording.target_ids, strict=True)
        groups += [
            TargetGroup(np.array([i]), str(subject), str(roi) or None, str(target))
            for i, (subject, roi, target) in enumerate(labels)
        ]
    return groups
