"""Rows of scores of encoding models under one kind of folds: every layer, and the choice over layers."""

from dataclasses import replace

import numpy as np

from brainlake.alignment.design.features import Features, LayerFits
from brainlake.alignment.design.fitting import Fit, Scheme, fit_layer, out_of_fold, score
from brainlake.alignment.design.score_row import Interval, PValue, ScoreRow
from brainlake.alignment.design.setting import Setting
from brainlake.alignment.scorers.layer_choice import Measure, NestedLedger, TestLedger
from brainlake.alignment.uncertainty.intervals import interval
from brainlake.alignment.uncertainty.permutations import null_scores, p_values
from brainlake.encoding.folds import FoldPlan


class Regression:
    """Scores layers under the folds of a plan."""

    def __init__(self, setting: Setting, plan: FoldPlan) -> None:
        self.setting = setting
        self.scheme = Scheme.of(setting.recording, plan, with_nuisance=setting.protocol.method == "ridge")

    def measure(self, source: Features, number: int, layer: LayerFits) -> Measure:
        """Score one layer."""
        fit = fit_layer(layer, self.scheme, self.setting.protocol)
        rows = self._rows(source, fit)
        if self.setting.protocol.selection == "nested":
            return Measure(number, rows, fit)
        return Measure(number, rows, null=null_scores(fit, self.scheme, self.setting) if self._tested else None)

    def ledger(self, source: Features) -> NestedLedger | TestLedger:
        """What collects the layers of one model or baseline, in order."""
        if self.setting.protocol.selection == "nested":
            return NestedLedger(self.scheme, source, lambda fit: self.measure_choice(source, fit))
        how = f"{self.setting.n_permutations} exchanges of {self.setting.recording.exchanged[1]}"
        return TestLedger(source, f"{how}: median over targets, the layer chosen again in each")

    def measure_choice(self, source: Features, fit: Fit) -> list[ScoreRow]:
        """Score a choice over layers, with p values if asked for."""
        rows = self._rows(source, fit)
        if not self.setting.n_permutations:
            return rows
        if not self._tested:
            return [replace(row, p=PValue("none: the splits overlap")) for row in rows]
        found = p_values(self.setting, null_scores(fit, self.scheme, self.setting))
        return [replace(row, p=p) for row, p in zip(rows, found, strict=True)]

    @property
    def _tested(self) -> bool:
        """Whether there are p values: splits that overlap have none."""
        return bool(self.setting.n_permutations) and not self.scheme.folds.overlapping

    def _rows(self, source: Features, fit: Fit) -> list[ScoreRow]:
        setting, folds = self.setting, self.scheme.folds
        predictions = None
        if setting.n_boot and not folds.overlapping:
            predictions = out_of_fold(fit, self.scheme)
        scores = score(fit, self.scheme)
        overlap = Interval("none: the splits overlap")
        return [
            setting.row(
                source.identity,
                group,
                folds,
                metric="pearson",
                aggregation="mean over folds" if len(group.columns) == 1 else setting.protocol.aggregation,
                alpha=fit.alpha,
                score=scores.aggregate(group.columns, setting.protocol),
                ceiling=setting.ceiling(group, folds),
                interval=overlap if folds.overlapping else interval(setting, predictions, group),
                n_targets=int((~np.isnan(scores.targets[group.columns])).sum()),
            )
            for group in setting.groups
        ]
