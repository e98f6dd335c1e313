"""The choice over the layers of a model: strictly nested, and the best one on the test folds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from brainlake.alignment.design.features import Features
from brainlake.alignment.design.fitting import Fit, Scheme
from brainlake.alignment.design.score_row import Interval, PValue, ScoreRow, Selection
from brainlake.alignment.uncertainty.exchanged_choice import ExchangedChoice
from brainlake.alignment.uncertainty.exchanges import Exchanges
from brainlake.alignment.uncertainty.permutations import NullScores, share_above
from brainlake.encoding.arrays import FloatArray

# Relative differences of errors that say nothing: widths of a baseline may be the same features.
_ROUNDING = 1e-10
_ON_TEST = "none: the layer was chosen on the test folds"


@dataclass(frozen=True, eq=False)
class Measure:
    """A fit of one layer: a row a group of targets and, where p values are asked for, what every exchange gives.

    ``null`` has the scores of fits that choose nothing, ``exchanged`` the penalties of those that do.

    ``number`` is the layer, or which width of a baseline it is.
    """

    number: int
    rows: list[ScoreRow]
    fit: Fit | None = None
    null: NullScores | None = None
    exchanged: ExchangedChoice | None = None


class NestedChoice:
    """The best layer of each outer fold so far; the fold itself is in no term of the errors compared."""

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        self.layers = [0] * len(scheme.folds)
        self.fit: Fit | None = None

    def offer(self, number: int, fit: Fit) -> None:
        """Take the folds in which this layer is better than all before, by more than rounding."""
        if self.fit is None:
            self.fit = fit.copy()
            self.layers = [number] * len(self.layers)
            return
        for k in np.flatnonzero(fit.errors < self.fit.errors * (1 - _ROUNDING)):
            self.fit.take(fit, int(k), self.scheme.folds.slices[k])
            self.layers[k] = number


class NestedLedger:
    """Layers of one model, and the choice that has the outer test fold in no term.

    ``measure_choice`` scores that choice, given `of_chosen`.
    """

    def __init__(
        self,
        scheme: Scheme,
        source: Features,
        measure_choice: Callable[[Fit, ExchangedChoice | None, FloatArray], list[ScoreRow]],
    ) -> None:
        self.source, self._measure = source, measure_choice
        self.choice = NestedChoice(scheme)
        self._exchanged: ExchangedChoice | None = None
        self._layers: list[Measure] = []

    def offer(self, measure: Measure) -> None:
        """Take the next layer; its fit is not kept longer than some fold needs it."""
        assert measure.fit is not None
        self.choice.offer(measure.number, measure.fit)
        if self._exchanged is None:
            self._exchanged = measure.exchanged
        elif measure.exchanged is not None:
            self._exchanged.offer(measure.exchanged)
        self._layers.append(replace(measure, fit=None, exchanged=None))

    def of_chosen(self) -> FloatArray:
        """What the layer that each fold chose scores over all folds, (F, groups)."""
        scores = {one.number: [row.score for row in one.rows] for one in self._layers}
        return np.array([scores[number] for number in self.choice.layers])

    def rows(self) -> Iterator[ScoreRow]:
        """Every layer, the choice and, beside it, the best layer on the test folds; of a baseline the choice alone."""
        assert self.choice.fit is not None
        chosen = self._measure(self.choice.fit, self._exchanged, self.of_chosen())
        if not self.source.numbered:
            selection: Selection = "nested" if len(self._layers) > 1 else "none"
            yield from (replace(row, kind="headline", selection=selection) for row in chosen)
            return
        yield from _each(self._layers)
        for g, row in enumerate(chosen):
            yield replace(row, kind="headline", selection="nested", selected_layers=tuple(self.choice.layers))
            best = _best(self._layers, g)
            untested = row.p and PValue(_ON_TEST)
            yield replace(_chosen_on_test(best.rows[g], best.number), kind="best_on_test", p=untested)


class TestLedger:
    """Layers of one model, and the best of them on the test folds for each group of targets.

    ``exchanges`` are those of its measures' null scores.
    """

    __test__ = False

    def __init__(self, source: Features, exchanges: Exchanges | None = None) -> None:
        self.source, self._exchanges = source, exchanges
        self._layers: list[Measure] = []

    def offer(self, measure: Measure) -> None:
        """Take the next layer."""
        self._layers.append(measure)

    def rows(self) -> Iterator[ScoreRow]:
        """Every layer, then the choice; of a baseline the choice alone."""
        if self.source.numbered:
            yield from _each(self._layers)
        nulls = [one.null for one in self._layers if one.null is not None]
        for g in range(len(self._layers[0].rows)):
            best = _best(self._layers, g)
            row = replace(best.rows[g], kind="headline")
            if self.source.numbered or len(self._layers) > 1:
                row = _chosen_on_test(row, best.number if self.source.numbered else None)
            if nulls and self._exchanges is not None:
                highest = np.max([null.scores[:, g] for null in nulls], axis=0)
                how = f"{self._exchanges.name}: median over targets, the layer chosen again in each"
                p = share_above(highest[1:], highest[0])
                row = replace(row, p=PValue(how, p, self._exchanges.smallest_p))
            yield row


def _each(layers: list[Measure]) -> Iterator[ScoreRow]:
    for one in layers:
        yield from (replace(row, layer=one.number) for row in one.rows)


def _best(layers: list[Measure], group: int) -> Measure:
    """The layer of the highest score of a group of targets."""
    return max(layers, key=lambda one: float(np.nan_to_num(one.rows[group].score, nan=-np.inf)))


def _chosen_on_test(row: ScoreRow, number: int | None) -> ScoreRow:
    selected = None if number is None else (number,)
    return replace(row, selection="test", selected_layers=selected, interval=Interval(_ON_TEST))
