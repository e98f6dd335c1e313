"""Rows of scores of protocols ``rsa`` and ``cka``: representations compared as they are, nothing fitted."""

import numpy as np

from brainlake.alignment.design.features import Features, LayerFits
from brainlake.alignment.design.score_row import Interval, ScoreRow
from brainlake.alignment.design.setting import Setting, TargetGroup
from brainlake.alignment.scorers.layer_choice import Measure, TestLedger
from brainlake.encoding.arrays import MIN_ROWS, FloatArray, IntArray
from brainlake.encoding.packing import Gram, gram_of_features
from brainlake.encoding.similarity import compare_rdms, kernel_cka, rdm
from brainlake.encoding.small_samples import MIN_PEOPLE, mean_interval
from brainlake.errors import BrainlakeError


class Similarity:
    """Compares layers with the responses of each subject; a score is the mean over subjects.

    Raises
    ------
    BrainlakeError
        For TRs, or a subject with one target: the similarity of stimuli is then undefined.
    """

    def __init__(self, setting: Setting) -> None:
        self.setting, self.protocol = setting, setting.protocol
        if setting.recording.volumes is not None:
            raise BrainlakeError(
                f"{setting.recording.benchmark}: {self.protocol.name} compares stimuli, and its rows are TRs; "
                f"use protocol grouped"
            )
        brains = [self._brains(group) for group in setting.groups]
        if brains[0] is None:
            raise BrainlakeError(
                f"{setting.recording.benchmark}: {self.protocol.name} is undefined for a subject with one target; "
                f"use protocol grouped"
            )
        self._groups = [(g, found) for g, found in zip(setting.groups, brains, strict=True) if found is not None]

    def measure(self, source: Features, number: int, layer: LayerFits) -> Measure:
        """Score one layer; regions in which a subject has one target have no score."""
        gram = layer.layer.gram()
        whole = self._represented(gram)
        rows = []
        for group, brains in self._groups:
            r = [
                self._compared(whole if rows is None else self._represented(gram.subset(rows)), brain)
                for rows, brain in brains
            ]
            rows.append(self._row(source, group, np.array(r)))
        return Measure(number, rows)

    def ledger(self, source: Features) -> TestLedger:
        """What collects the layers of one model or baseline, in order."""
        return TestLedger(source)

    def _brains(self, group: TargetGroup) -> list[tuple[IntArray | None, FloatArray]] | None:
        """Rows (None for all) and representation of each subject; None if one has a single target."""
        recording, found = self.setting.recording, []
        for subject in dict.fromkeys(recording.subjects[group.columns].tolist()):
            Y = recording.responses[:, group.columns[recording.subjects[group.columns] == subject]]
            Y = Y[:, ~np.isnan(Y).all(0)]
            if Y.shape[1] < 2:
                return None
            rows = np.flatnonzero(~np.isnan(Y).any(1))
            if len(rows) < MIN_ROWS:
                raise BrainlakeError(
                    f"{recording.benchmark}: {self.protocol.name} compares patterns over targets, and only {len(rows)} "
                    f"stimuli have a response in every target of subject {subject}; use protocol grouped"
                )
            gram = gram_of_features(Y[rows])
            found.append((None if len(rows) == len(Y) else rows, self._represented(gram)))
        return found

    def _represented(self, gram: Gram) -> FloatArray:
        """Dissimilarities, or the kernel; nan where a single feature, or constant ones, leave none defined."""
        if self.protocol.method == "cka":
            return gram.centred
        return rdm(gram, self.protocol.dissimilarity) if gram.width > 1 else np.full(1, np.nan)

    def _compared(self, model: FloatArray, brain: FloatArray) -> float:
        if self.protocol.method == "cka":
            return kernel_cka(model, brain, self.protocol.debiased)
        return compare_rdms(model, brain, self.protocol.comparison) if np.isfinite(model).all() else float("nan")

    def _row(self, source: Features, group: TargetGroup, r: FloatArray) -> ScoreRow:
        return self.setting.row(
            source.identity,
            group,
            None,
            metric=f"{self.protocol.comparison} of dissimilarities" if self.protocol.method == "rsa" else "linear_cka",
            aggregation="mean over subjects" if len(r) > 1 else None,
            score=float(r.mean()),
            ceiling=self.setting.ceiling(group, None),
            interval=self._interval(r),
        )

    def _interval(self, r: FloatArray) -> Interval:
        if not self.setting.n_boot:
            return Interval("none: not asked for")
        if len(r) < MIN_PEOPLE or np.isnan(r).any():
            return Interval(f"none: {len(r)} subject(s), and a stimulus drawn twice is no new one")
        found = mean_interval(r, scale="fisher_z", least=MIN_PEOPLE, n_boot=self.setting.n_boot)
        return Interval("t of subjects", found.low, found.high)
