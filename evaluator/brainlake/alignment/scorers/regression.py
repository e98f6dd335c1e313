"""Rows of scores of encoding models under one kind of folds: every layer, and the choice over layers."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from brainlake.alignment.design.features import Features, LayerFits
from brainlake.alignment.design.fitting import Fit, Scheme, Scores, fit_layer, score
from brainlake.alignment.design.score_row import PValue, ScoreRow
from brainlake.alignment.design.setting import Setting, TargetGroup
from brainlake.alignment.scorers.layer_choice import Measure, NestedLedger, TestLedger
from brainlake.alignment.uncertainty.exchanged_choice import ExchangedChoice
from brainlake.alignment.uncertainty.exchanges import Exchanges, too_few_exchanges
from brainlake.alignment.uncertainty.intervals import interval
from brainlake.alignment.uncertainty.permutations import null_of_choice, null_of_operators, p_values
from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.folds import FoldPlan


class Regression:
    """Scores layers under the folds of a plan."""

    def __init__(self, setting: Setting, plan: FoldPlan) -> None:
        self.setting = setting
        self.scheme = Scheme.of(setting.recording, plan, with_nuisance=setting.protocol.method == "ridge")
        self._untested = self._why_untested()
        tested = setting.n_permutations and not self._untested
        self._exchanges = Exchanges.of(setting) if tested else None

    def measure(self, source: Features, number: int, layer: LayerFits) -> Measure:
        """Score one layer."""
        return measured([self], source, number, layer)[0]

    def measure_fit(self, source: Features, number: int, layer: LayerFits, fit: Fit) -> Measure:
        """Score the fit of one layer."""
        rows = self._rows(source, fit)
        if self.setting.protocol.selection == "nested":
            if self._exchanges is None:
                return Measure(number, rows, fit)
            spectra = [layer.spectrum(one.part) for one in self.scheme.parts]
            exchanged = ExchangedChoice.of_layer(spectra, self.scheme, self._exchanges)
            return Measure(number, rows, fit, exchanged=exchanged)
        if self._exchanges is None:
            return Measure(number, rows)
        return Measure(number, rows, null=null_of_operators(fit, self.scheme, self.setting, self._exchanges))

    def ledger(self, source: Features) -> NestedLedger | TestLedger:
        """What collects the layers of one model or baseline, in order."""
        if self.setting.protocol.selection == "nested":
            return NestedLedger(self.scheme, source, partial(self.measure_choice, source))
        return TestLedger(source, self._exchanges)

    def measure_choice(
        self, source: Features, fit: Fit, exchanged: ExchangedChoice | None, of_chosen: FloatArray | None = None
    ) -> list[ScoreRow]:
        """Score a choice over layers, with p values if asked for.

        ``of_chosen`` is that of `NestedLedger`.
        """
        rows = self._rows(source, fit, of_chosen)
        if not self.setting.n_permutations:
            return rows
        if exchanged is None or self._exchanges is None:
            return [replace(row, p=PValue(f"none: {self._untested}")) for row in rows]
        null = null_of_choice(exchanged, self.scheme, self.setting, self._exchanges)
        found = p_values(self.setting, null, self._exchanges)
        return [replace(row, p=p) for row, p in zip(rows, found, strict=True)]

    def _why_untested(self) -> str | None:
        """Why there are no p values, or None if there are."""
        if self.scheme.folds.overlapping:
            return "the splits overlap"
        return too_few_exchanges(self.setting.recording)

    def _rows(self, source: Features, fit: Fit, of_chosen: FloatArray | None = None) -> list[ScoreRow]:
        scores, groups = score(fit, self.scheme), self.setting.groups
        of_groups = [None] * len(groups) if of_chosen is None else of_chosen.T
        return [self._row(source, fit, scores, group, of) for group, of in zip(groups, of_groups, strict=True)]

    def _row(
        self, source: Features, fit: Fit, scores: Scores, group: TargetGroup, of_chosen: FloatArray | None
    ) -> ScoreRow:
        setting, folds = self.setting, self.scheme.folds
        found = scores.aggregate(group.columns, setting.protocol)
        return setting.row(
            source.identity,
            group,
            folds,
            metric="pearson",
            aggregation="mean over folds" if len(group.columns) == 1 else setting.protocol.aggregation,
            alpha=fit.alpha,
            score=found,
            ceiling=setting.ceiling(group, folds),
            interval=interval(setting, scores, found, folds, group, of_chosen),
            n_targets=int((~np.isnan(scores.targets[group.columns])).sum()),
        )


def measured(scorers: Sequence[Regression], source: Features, number: int, layer: LayerFits) -> list[Measure]:
    """Score one layer under several folds of a recording; what does not depend on them is computed once."""
    fits = fit_layer(layer, [one.scheme for one in scorers], scorers[0].setting.protocol)
    return [one.measure_fit(source, number, layer, fit) for one, fit in zip(scorers, fits, strict=True)]
