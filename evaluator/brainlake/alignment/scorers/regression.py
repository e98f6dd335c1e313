"""Rows of scores of encoding models under one kind of folds: every layer, and the choice over layers."""

import numpy as np

from brainlake.alignment.design.features import Features, LayerFits
from brainlake.alignment.design.fitting import Fit, Scheme, fit_layer, out_of_fold, score
from brainlake.alignment.design.setting import Row, Setting
from brainlake.alignment.scorers.layer_choice import Measure, NestedLedger, TestLedger
from brainlake.alignment.uncertainty.intervals import interval
from brainlake.alignment.uncertainty.permutations import null_scores, p_values


class Regression:
    """Scores layers under one kind of folds, ``shuffled`` or ``default``."""

    def __init__(self, setting: Setting, kind: str) -> None:
        self.setting = setting
        self.scheme = Scheme.of(setting.recording, kind, with_nuisance=setting.protocol.method == "ridge")

    def measure(self, layer: LayerFits) -> Measure:
        """Score one layer."""
        fit = fit_layer(layer, self.scheme, self.setting.protocol)
        if self.setting.protocol.selection == "nested":
            return Measure(self._rows(fit), fit)
        return Measure(self._rows(fit), null=null_scores(fit, self.scheme, self.setting) if self._tested else None)

    def ledger(self, source: Features) -> NestedLedger | TestLedger:
        """What collects the layers of one model or baseline, in order."""
        if self.setting.protocol.selection == "nested":
            return NestedLedger(self.scheme, source, self.measure_choice)
        how = f"{self.setting.n_permutations} exchanges of {self.setting.recording.exchanged[1]}"
        return TestLedger(source, f"{how}: median over targets, the layer chosen again in each")

    def measure_choice(self, fit: Fit) -> list[Row]:
        """Score a choice over layers, with p values if asked for."""
        rows = self._rows(fit)
        if not self._tested:
            why = (
                "the splits overlap"
                if self.scheme.folds.overlapping
                else "penalties of single targets are not refitted"
            )
            return [row | {"p_method": f"none: {why}"} for row in rows] if self.setting.n_permutations else rows
        found = p_values(self.setting, null_scores(fit, self.scheme, self.setting))
        return [row | p for row, p in zip(rows, found, strict=True)]

    @property
    def _tested(self) -> bool:
        """Whether there are p values: not of overlapping splits, nor where each target has an operator of its own."""
        per_target = self.setting.protocol.penalty == "target"
        return bool(self.setting.n_permutations) and not self.scheme.folds.overlapping and not per_target

    def _rows(self, fit: Fit) -> list[Row]:
        setting, folds = self.setting, self.scheme.folds
        predictions = None
        if setting.n_boot and not folds.overlapping:
            predictions = out_of_fold(fit, self.scheme)
        scores = score(fit, self.scheme)
        rows = []
        for group in setting.groups:
            one = len(group.columns) == 1
            rows.append(
                setting.row(group, folds.name)
                | {
                    "metric": "pearson",
                    "aggregation": "mean over folds" if one else setting.protocol.aggregation,
                    "alpha": fit.alpha,
                    "score": scores.aggregate(group.columns, setting.protocol),
                    "ceiling": setting.ceiling(group, folds.name),
                    "n_targets": int((~np.isnan(scores.targets[group.columns])).sum()),
                }
                | (
                    {"ci_method": "none: the splits overlap"}
                    if folds.overlapping
                    else interval(setting, predictions, group)
                )
            )
        return rows
