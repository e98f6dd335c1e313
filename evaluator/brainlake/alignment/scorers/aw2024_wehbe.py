"""Rows of scores of protocol ``aw2024`` where rows are TRs: the paper's Wehbe2014 pipeline."""

import numpy as np

from brainlake.alignment.design.features import Features, LayerFits
from brainlake.alignment.design.score_row import Interval, ScoreRow
from brainlake.alignment.design.setting import Setting, TargetGroup
from brainlake.alignment.scorers.layer_choice import Measure, TestLedger
from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.correlation import pearson
from brainlake.encoding.timeseries import trimmed
from brainlake.encoding.wehbe import FIRST, LAST, N_COMPONENTS, wehbe_fit, wehbe_folds
from brainlake.errors import BrainlakeError

SKIPPED_WORDS = 20
"""Words at the beginning that have too little context."""


class Story:
    """Scores layers by :func:`brainlake.encoding.wehbe.wehbe_fit`, on the contiguous folds that it brings along.

    The paper does not say how voxels, folds and subjects become one number: here predictions of all folds are
    concatenated, and correlations averaged over voxels, then over subjects.

    Raises
    ------
    BrainlakeError
        If responses are missing other than in the first 20 and last 15 TRs of each run.
    """

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        volumes = setting.recording.volumes
        assert volumes is not None
        self.volumes = volumes
        everything = np.full((len(volumes.times), setting.recording.responses.shape[1]), np.nan)
        everything[volumes.kept] = setting.recording.responses
        self._responses: FloatArray = everything[trimmed(volumes.runs, FIRST, LAST)]
        self.folds = wehbe_folds(len(self._responses))
        missing = np.isnan(self._responses).any(0)
        if missing.any():
            first = setting.recording.target_ids[missing.argmax()]
            raise BrainlakeError(
                f"{setting.recording.benchmark}: the paper's pipeline for TRs standardises every target over all of "
                f"them, and {missing.sum()} target(s), {first} the first, have none in some; use protocol grouped"
            )

    def measure(self, source: Features, number: int, layer: LayerFits) -> Measure:
        """Score one layer."""
        X = layer.layer.features("the paper's pipeline, which takes principal components of the training words,")
        # Features that are 0 add components that are 0: a baseline may have fewer than the pipeline takes.
        X = np.pad(X, ((0, 0), (0, max(0, N_COMPONENTS - X.shape[1]))))[SKIPPED_WORDS:]
        trs, r = self.volumes, np.full(self._responses.shape[1], np.nan)
        if np.ptp(X, axis=0).any():
            fit = wehbe_fit(X, trs.onsets[SKIPPED_WORDS:], trs.times, trs.runs, self._responses, trs.tr_s)
            r = pearson(fit.predictions, fit.observed)
        return Measure(number, [self._row(source, group, r) for group in self.setting.groups])

    def ledger(self, source: Features) -> TestLedger:
        """What collects the layers of one model or baseline, in order."""
        return TestLedger(source)

    def _row(self, source: Features, group: TargetGroup, r: FloatArray) -> ScoreRow:
        subjects = self.setting.recording.subjects[group.columns]
        mine = [r[group.columns[subjects == s]] for s in np.unique(subjects)]
        means = [one[~np.isnan(one)].mean() for one in mine if not np.isnan(one).all()]
        return self.setting.row(
            source.identity,
            group,
            self.folds,
            metric="pearson",
            aggregation="folds concatenated, mean over targets, mean over subjects",
            score=float(np.mean(means)) if means else float("nan"),
            n_stimuli=len(self._responses),
            ceiling=self.setting.ceiling(group, self.folds),
            interval=Interval("none: the paper's pipeline"),
        )
