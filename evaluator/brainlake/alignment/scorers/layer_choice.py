"""The choice over the layers of a model: strictly nested, and the best one on the test folds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from brainlake.alignment.design.features import Features
from brainlake.alignment.design.fitting import Fit, Scheme
from brainlake.alignment.design.setting import Row
from brainlake.alignment.uncertainty.permutations import NullScores, share_above

_ON_TEST = "none: the layer was chosen on the test folds"


@dataclass(frozen=True, eq=False)
class Measure:
    """A fit of one layer: a row a group of targets and, for the best layer on the test folds, its null scores."""

    rows: list[Row]
    fit: Fit | None = None
    null: NullScores | None = None


class NestedChoice:
    """The best layer of each outer fold so far; the fold itself is in no term of the errors compared."""

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        self.layers = [0] * len(scheme.folds)
        self.fit: Fit | None = None

    def offer(self, number: int, fit: Fit) -> None:
        """Take the folds in which this layer is better than all before."""
        if self.fit is None:
            self.fit = fit.copy()
            self.layers = [number] * len(self.layers)
            return
        for k in np.flatnonzero(fit.errors < self.fit.errors):
            self.fit.take(fit, int(k), self.scheme.folds.slices[k])
            self.layers[k] = number


class NestedLedger:
    """Layers of one model, and the choice that has the outer test fold in no term.

    ``measure_choice`` scores that choice.
    """

    def __init__(self, scheme: Scheme, source: Features, measure_choice: Callable[[Fit], list[Row]]) -> None:
        self.source, self._measure = source, measure_choice
        self.choice = NestedChoice(scheme)
        self._layers: list[tuple[int, list[Row]]] = []

    def offer(self, number: int, measure: Measure) -> None:
        """Take the next layer; its fit is not kept longer than some fold needs it."""
        assert measure.fit is not None
        self.choice.offer(number, measure.fit)
        self._layers.append((number, measure.rows))

    def rows(self) -> Iterator[Row]:
        """Every layer, the choice and, beside it, the best layer on the test folds; of a baseline the choice alone."""
        assert self.choice.fit is not None
        chosen = self._measure(self.choice.fit)
        if not self.source.numbered:
            facts: Row = {"selection": "nested" if len(self._layers) > 1 else "none"}
            yield from (row | facts for row in chosen)
            return
        yield from _each(self._layers)
        for g, row in enumerate(chosen):
            yield row | {"selection": "nested", "selected_layers": self.choice.layers}
            number, best = _best(self._layers, g)
            yield best | _chosen_on_test(number) | {"p_method": row.get("p_method") and _ON_TEST}


class TestLedger:
    """Layers of one model, and the best of them on the test folds for each group of targets.

    ``tested`` says how the p values of its measures' tests were found.
    """

    __test__ = False

    def __init__(self, source: Features, tested: str = "") -> None:
        self.source, self._tested = source, tested
        self._layers: list[tuple[int, list[Row]]] = []
        self._nulls: list[NullScores] = []

    def offer(self, number: int, measure: Measure) -> None:
        """Take the next layer."""
        self._layers.append((number, measure.rows))
        if measure.null is not None:
            self._nulls.append(measure.null)

    def rows(self) -> Iterator[Row]:
        """Every layer, then the choice; of a baseline the choice alone."""
        if self.source.numbered:
            yield from _each(self._layers)
        for g in range(len(self._layers[0][1])):
            number, best = _best(self._layers, g)
            facts: Row = {"selection": "none"}
            if self.source.numbered or len(self._layers) > 1:
                facts = _chosen_on_test(number if self.source.numbered else None)
            if self._nulls:
                highest = np.max([null.replicates[:, g] for null in self._nulls], axis=0)
                facts["p_value"] = share_above(highest, max(null.observed[g] for null in self._nulls))
                facts["p_method"] = self._tested
            yield best | facts


def _each(layers: list[tuple[int, list[Row]]]) -> Iterator[Row]:
    for number, rows in layers:
        yield from (row | {"layer": number, "selection": "none"} for row in rows)


def _best(layers: list[tuple[int, list[Row]]], group: int) -> tuple[int, Row]:
    """The layer of the highest score of a group of targets."""
    number, rows = max(layers, key=lambda one: np.nan_to_num(one[1][group]["score"], nan=-np.inf))
    return number, rows[group]


def _chosen_on_test(number: int | None) -> Row:
    return {
        "selection": "test",
        "selected_layers": None if number is None else [number],
        "ci_low": None,
        "ci_high": None,
        "ci_method": _ON_TEST,
    }
