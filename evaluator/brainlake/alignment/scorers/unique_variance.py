"""What a model explains beyond the baselines: variance partitioning with the choice over layers."""

from collections.abc import Iterator

import numpy as np

from brainlake.alignment.design.features import Features
from brainlake.alignment.design.score_row import BASELINE, ScoreRow
from brainlake.alignment.scorers.layer_choice import NestedChoice
from brainlake.alignment.scorers.regression import Regression
from brainlake.alignment.uncertainty.intervals import unique_interval
from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.bands import band_weights, banded_ridge, of_trace_n

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
        rows = scheme.folds.rows
        gained, total = np.full((2, len(rows), len(setting.recording.subjects)), np.nan)
        self._kernels = {}
        together, alone = self._predictions(source, choice.layers)
        for one, joint, without in zip(scheme.parts, together, alone, strict=True):
            targets, columns = one.targets, one.part.columns
            Y = (targets.responses + targets.mean)[rows]
            if targets.gaps is not None:
                Y = np.where(targets.gaps.present[rows], Y, np.nan)
            gained[:, columns] = np.square(Y - without) - np.square(Y - joint)
            total[:, columns] = np.square(Y - targets.mean - targets.expected())
        names = ", ".join(b.identity.model.removeprefix(BASELINE) for b, _ in self._baselines)
        for group in setting.groups:
            gain, power = gained[:, group.columns], total[:, group.columns]
            score, interval = unique_interval(setting, gain, power, scheme.folds, group)
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

    def _predictions(self, source: Features, layers: list[int]) -> tuple[list[FloatArray], list[FloatArray]]:
        """Out-of-fold predictions (rows tested, v) of each part, by model and baselines and by the baselines alone."""
        folds, parts = self.regression.scheme.folds, self.regression.scheme.parts
        targets, nuisance = [one.targets for one in parts], [one.part.nuisance for one in parts]
        shapes = [(len(folds.rows), len(one.part.columns)) for one in parts]
        together: list[FloatArray] = [np.empty(shape) for shape in shapes]
        alone: list[FloatArray] = [np.empty(shape) for shape in shapes]
        choices = [(layer, *(widths[k] for _, widths in self._baselines)) for k, layer in enumerate(layers)]
        for combination in dict.fromkeys(choices):
            layer, *widths = combination
            model = self._kernel(source, layer)
            known = [self._kernel(b, w) for (b, _), w in zip(self._baselines, widths, strict=True)]
            baselines = of_trace_n(np.sum(known, axis=0))
            joint = banded_ridge([model, baselines], targets, nuisance, band_weights(2, _MIXTURES)).predictions
            without = banded_ridge([baselines], targets, nuisance).predictions
            for rows in (s for s, c in zip(folds.slices, choices, strict=True) if c == combination):
                for p in range(len(parts)):
                    together[p][rows], alone[p][rows] = joint[p][rows], without[p][rows]
        return together, alone

    def _kernel(self, source: Features, layer: int) -> FloatArray:
        key = (source.identity.model, layer)
        if key not in self._kernels:
            self._kernels[key] = of_trace_n(source.read(layer).kernel(self.regression.setting.recording))
        return self._kernels[key]
