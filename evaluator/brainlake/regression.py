"""Rows of scores of encoding models under one kind of folds: every layer, and the choice over layers."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from brainlake.features import Features, LayerFits
from brainlake.fitting import Fit, NestedChoice, OutOfFold, Scheme, fit_layer, out_of_fold, score
from brainlake.inference import interval, p_values, permutation_tests
from brainlake.permutation import PermutationTest, best_of
from brainlake.setting import Row, Setting


@dataclass(frozen=True, eq=False)
class Measure:
    """A fit of one layer: a row a group of targets and, for the best layer on the test folds, their tests."""

    rows: list[Row]
    fit: Fit | None = None
    tests: list[PermutationTest | None] | None = None


class Regression:
    """Scores layers under one kind of folds, ``shuffled`` or ``default``."""

    def __init__(self, setting: Setting, kind: str) -> None:
        self.setting = setting
        self.scheme = Scheme.of(setting.recording, kind, with_nuisance=setting.protocol.method == "ridge")

    def measure(self, layer: LayerFits) -> Measure:
        """Score one layer."""
        fit = fit_layer(layer, self.scheme, self.setting.protocol)
        predictions = self._predictions(fit)
        tests = None
        if self.setting.protocol.selection == "test" and self.setting.n_permutations and predictions is not None:
            tests = permutation_tests(self.setting, predictions)
        nested = self.setting.protocol.selection == "nested"
        return Measure(self._rows(fit, predictions), fit if nested else None, tests)

    def ledger(self, source: Features) -> "NestedLedger | TestLedger":
        """What collects the layers of one model or baseline, in order."""
        if self.setting.protocol.selection == "nested":
            return NestedLedger(self, source)
        how = f"{self.setting.n_permutations} exchanges of {self.setting.recording.exchanged[1]}"
        return TestLedger(source, f"{how}: median over targets, the layer chosen again in each")

    def measure_choice(self, fit: Fit) -> list[Row]:
        """Score a choice over layers, with p values if asked for."""
        predictions = self._predictions(fit)
        rows = self._rows(fit, predictions)
        if not self.setting.n_permutations or predictions is None:
            return rows
        tests = permutation_tests(self.setting, predictions)
        return [row | p for row, p in zip(rows, p_values(self.setting, predictions, tests), strict=True)]

    def _predictions(self, fit: Fit) -> OutOfFold | None:
        wanted = self.setting.n_boot or self.setting.n_permutations
        if self.scheme.folds.overlapping or not wanted:
            return None
        return out_of_fold(fit, self.scheme, self.setting.protocol)

    def _rows(self, fit: Fit, predictions: OutOfFold | None) -> list[Row]:
        setting, folds = self.setting, self.scheme.folds
        scores = score(fit, self.scheme, setting.protocol)
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
                }
                | (
                    {"ci_method": "none: the splits overlap"}
                    if folds.overlapping
                    else interval(setting, predictions, group)
                )
            )
        return rows


class NestedLedger:
    """Layers of one model, and the choice that has the outer test fold in no term."""

    def __init__(self, regression: Regression, source: Features) -> None:
        self.regression, self.source = regression, source
        self.choice = NestedChoice(regression.scheme)
        self._rows: list[Row] = []
        self._n = 0

    def offer(self, number: int, measure: Measure) -> None:
        """Take the next layer; its fit is not kept longer than some fold needs it."""
        assert measure.fit is not None
        self.choice.offer(number, measure.fit)
        self._n += 1
        if self.source.numbered:
            self._rows += [row | {"layer": number, "selection": "none"} for row in measure.rows]

    def rows(self) -> Iterator[Row]:
        """Every layer, then the choice; of a baseline the choice alone."""
        assert self.choice.fit is not None
        yield from self._rows
        facts: Row = {"selection": "nested" if self.source.numbered or self._n > 1 else "none"}
        if self.source.numbered:
            facts["selected_layers"] = self.choice.layers
        yield from (row | facts for row in self.regression.measure_choice(self.choice.fit))


class TestLedger:
    """Layers of one model, and the best of them on the test folds for each group of targets.

    ``tested`` says how the p values of its measures' tests were found.
    """

    __test__ = False

    def __init__(self, source: Features, tested: str = "") -> None:
        self.source, self._tested = source, tested
        self._layers: list[tuple[int, Measure]] = []

    def offer(self, number: int, measure: Measure) -> None:
        """Take the next layer."""
        self._layers.append((number, measure))

    def rows(self) -> Iterator[Row]:
        """Every layer, then the choice; of a baseline the choice alone."""
        if self.source.numbered:
            for number, measure in self._layers:
                yield from (row | {"layer": number, "selection": "none"} for row in measure.rows)
        for g in range(len(self._layers[0][1].rows)):
            number, best = max(self._layers, key=lambda one: np.nan_to_num(one[1].rows[g]["score"], nan=-np.inf))
            facts: Row = {"selection": "none"}
            if self.source.numbered or len(self._layers) > 1:
                facts = {
                    "selection": "test",
                    "ci_low": None,
                    "ci_high": None,
                    "ci_method": "none: the layer was chosen on the test folds",
                }
            if self.source.numbered:
                facts["selected_layers"] = [number]
            tests = [measure.tests[g] for _, measure in self._layers if measure.tests is not None]
            found = [test for test in tests if test is not None]
            if found:
                facts |= {"p_value": best_of(found), "p_method": self._tested}
            yield best.rows[g] | facts
