"""What a model explains beyond the baselines: variance partitioning with the choice over layers."""

from collections.abc import Iterator

import numpy as np

from brainlake.alignment.design.features import Features
from brainlake.alignment.design.fitting import PartTargets
from brainlake.alignment.design.score_row import BASELINE, ScoreRow
from brainlake.alignment.scorers.layer_choice import NestedChoice
from brainlake.alignment.scorers.regression import Regression
from brainlake.alignment.uncertainty.intervals import unique_interval
from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.bands import band_weights, banded_ridge, of_trace_n
from brainlake.encoding.predict import predict
from brainlake.encoding.ridge import ridge
from brainlake.encoding.spectrum import spectrum_of_kernel

_MIXTURES = 2
"""Steps of the mixture of model and baselines: nearly all of either, and half of each."""


class Beyond:
    """Out-of-fold R² of a model and the baselines together, less that of the baselines alone.

    Gram matrices are brought to equal trace. Those of the baselines are summed; the model's is added with a weight of
    its own (banded ridge, Dupré la Tour et al., 2022), chosen with the penalty inside the training folds. Layers, and
    widths of baselines, are those that each outer fold chose without itself.
    """

    def __init__(self, regression: Regression) -> None:
        self.regression = regression
        self._baselines: list[tuple[Features, list[int]]] = []
        self._kernels: dict[tuple[str, int], FloatArray] = {}

    def rows(self, source: Features, choice: NestedChoice) -> Iterator[ScoreRow]:
        """Remember a baseline; of a model, a row of kind ``beyond`` a group of targets.

        Baselines come first. The score is the median over targets of the difference in R².
        """
        if not source.numbered:
            self._baselines.append((source, choice.layers))
            return
        if not self._baselines:
            return
        setting, scheme = self.regression.setting, self.regression.scheme
        n, v = len(setting.recording.responses), len(setting.recording.subjects)
        gained, total = np.full((2, n, v), np.nan)
        self._kernels = {}
        for one in scheme.parts:
            gain, power = self._gain(source, choice.layers, one)
            rows = one.part.rows[one.targets.folds.rows]
            gained[np.ix_(rows, one.part.columns)] = gain
            total[np.ix_(rows, one.part.columns)] = power
        names = ", ".join(b.identity.model.removeprefix(BASELINE) for b, _ in self._baselines)
        for group in setting.groups:
            gain, power = gained[:, group.columns], total[:, group.columns]
            score, interval = unique_interval(setting, gain, power, group)
            yield setting.row(
                source.identity,
                group,
                scheme.folds,
                kind="beyond",
                metric="unique_r2",
                selection="nested",
                selected_layers=tuple(choice.layers),
                aggregation=f"{'median over targets of ' if len(group.columns) > 1 else ''}R2 beyond {names}",
                controls=names,
                score=score,
                interval=interval,
            )

    def _gain(self, source: Features, layers: list[int], one: PartTargets) -> tuple[FloatArray, FloatArray]:
        """Squared error of the baselines less that with the model, and squared deviation, both (rows tested, v)."""
        targets, folds = one.targets, one.targets.folds
        together, alone = np.empty((2, len(folds.rows), folds.n))
        choices = [(layers[k], *(widths[k] for _, widths in self._baselines)) for k in one.numbers]
        for combination in dict.fromkeys(choices):
            layer, *widths = combination
            model = self._kernel(source, layer, one)
            known = [self._kernel(b, w, one) for (b, _), w in zip(self._baselines, widths, strict=True)]
            baselines = of_trace_n(np.sum(known, axis=0))
            nuisance = one.part.nuisance
            joint = banded_ridge([model, baselines], targets, band_weights(2, _MIXTURES), nuisance=nuisance).operator
            without = ridge(spectrum_of_kernel(baselines, nuisance), targets).operator
            for rows in (s for s, c in zip(folds.slices, choices, strict=True) if c == combination):
                together[rows], alone[rows] = joint[rows], without[rows]
        Y = (targets.responses + targets.mean)[folds.rows]
        known_mean = targets.nuisance_operator
        if known_mean is not None:
            expected = known_mean @ targets.responses + targets.mean
        else:
            means = [targets.responses[train].mean(0) + targets.mean for train in folds.train]
            expected = np.repeat(means, [len(t) for t in folds.test], axis=0)
        gain = np.square(Y - predict(alone, targets)) - np.square(Y - predict(together, targets))
        return gain, np.square(Y - expected)

    def _kernel(self, source: Features, layer: int, one: PartTargets) -> FloatArray:
        key = (source.identity.model, layer)
        if key not in self._kernels:
            self._kernels[key] = source.read(layer).kernel(self.regression.setting.recording)
        rows = one.part.rows
        return of_trace_n(self._kernels[key][np.ix_(rows, rows)])
