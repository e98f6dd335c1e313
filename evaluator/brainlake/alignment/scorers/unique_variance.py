"""What a model explains beyond the baselines: variance partitioning with the choice over layers."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from brainlake.alignment.design.features import Features
from brainlake.alignment.design.fitting import PartTargets
from brainlake.alignment.design.score_row import BASELINE, ScoreRow
from brainlake.alignment.scorers.layer_choice import NestedChoice
from brainlake.alignment.scorers.regression import Regression
from brainlake.alignment.uncertainty.intervals import unique_interval
from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.bands import band_weights, banded_ridge
from brainlake.encoding.thin import Thin, of_trace_n, thin_features, thin_kernel

_MIXTURES = 2
"""Steps of the mixture of model and baselines: nearly all of either, and half of each."""


class Beyond:
    """Out-of-fold R² of a model and the baselines together, less that of the baselines alone.

    Gram matrices are brought to equal trace. Those of the baselines are summed; the model's is added with a weight of
    its own (banded ridge, Dupré la Tour et al., 2022), chosen with the penalty inside the training folds. Layers, and
    widths of baselines, are those that each outer fold chose without itself. What depends on the baselines alone is
    computed here, once for all models.

    Parameters
    ----------
    regression
        Folds and targets.
    baselines
        What to be beyond, at least one, and the choice over its widths.
    """

    def __init__(self, regression: Regression, baselines: Sequence[tuple[Features, NestedChoice]]) -> None:
        self.regression = regression
        self.names = ", ".join(source.identity.model.removeprefix(BASELINE) for source, _ in baselines)
        widths = list(zip(*(choice.layers for _, choice in baselines), strict=True))
        different = list(dict.fromkeys(widths))
        self._combination = [different.index(one) for one in widths]
        self._kernels = [
            thin_kernel(
                np.sum([self._kernel(source, w) for (source, _), w in zip(baselines, one, strict=True)], axis=0)
            )
            for one in different
        ]
        self._alone = self._predictions(self._combination, lambda k: [self._kernels[k]])
        self._power = self._total()

    def rows(self, source: Features, choice: NestedChoice) -> Iterator[ScoreRow]:
        """A row of kind ``beyond`` a group of targets; the score is the median over targets of the difference in R²."""
        setting, scheme = self.regression.setting, self.regression.scheme
        gained = np.full(self._power.shape, np.nan)
        different = list(dict.fromkeys(zip(choice.layers, self._combination, strict=True)))
        layers = {layer: self._band(source, layer) for layer, _ in different}
        joint = self._predictions(
            [different.index(one) for one in zip(choice.layers, self._combination, strict=True)],
            lambda k: [layers[different[k][0]], self._kernels[different[k][1]]],
        )
        for one, both, alone in zip(scheme.parts, joint, self._alone, strict=True):
            Y = self._observed(one)
            gained[:, one.part.columns] = np.square(Y - alone) - np.square(Y - both)
        for group in setting.groups:
            gain, power = gained[:, group.columns], self._power[:, group.columns]
            score, interval = unique_interval(setting, gain, power, scheme.folds, group)
            yield setting.row(
                source.identity,
                group,
                scheme.folds,
                kind="beyond",
                metric="unique_r2",
                selection="nested",
                selected_layers=tuple(choice.layers),
                aggregation=f"{'median over targets of ' if len(group.columns) > 1 else ''}R2 beyond {self.names}",
                controls=self.names,
                score=score,
                interval=interval,
            )

    def _predictions(
        self, of_folds: Sequence[int], kernels: Callable[[int], list[FloatArray | Thin]]
    ) -> list[FloatArray]:
        """Out-of-fold predictions (rows tested, v) of each part by kernels, each fold with those that it chose."""
        scheme, threads = self.regression.scheme, self.regression.setting.threads
        targets, nuisance = [one.targets for one in scheme.parts], [one.part.nuisance for one in scheme.parts]
        shapes = [(len(scheme.folds.rows), len(one.part.columns)) for one in scheme.parts]
        found: list[FloatArray] = [np.empty(shape) for shape in shapes]
        # One pool waits for combinations, the other fits their mixtures: neither leaves a processor idle.
        with ThreadPoolExecutor(threads) as fitting, ThreadPoolExecutor(threads) as waiting:

            def fitted(k: int) -> list[FloatArray]:
                bands = kernels(k)
                weights = band_weights(len(bands), _MIXTURES)
                asking = [fold for fold, of_fold in enumerate(of_folds) if of_fold == k]
                return banded_ridge(bands, targets, nuisance, weights, each=fitting.map, outer=asking).predictions

            for k, predictions in enumerate(waiting.map(fitted, range(max(of_folds) + 1))):
                for rows in (s for s, of_fold in zip(scheme.folds.slices, of_folds, strict=True) if of_fold == k):
                    for mine, theirs in zip(found, predictions, strict=True):
                        mine[rows] = theirs[rows]
        return found

    def _total(self) -> FloatArray:
        """Squared deviations (rows tested, v) from what nuisance regressors predict; nan where there is no response."""
        setting, scheme = self.regression.setting, self.regression.scheme
        total = np.full((len(scheme.folds.rows), len(setting.recording.subjects)), np.nan)
        for one in scheme.parts:
            expected = one.targets.mean + one.targets.expected()
            total[:, one.part.columns] = np.square(self._observed(one) - expected)
        return total

    def _observed(self, one: PartTargets) -> FloatArray:
        targets, rows = one.targets, self.regression.scheme.folds.rows
        Y = (targets.responses + targets.mean)[rows]
        return Y if targets.gaps is None else np.where(targets.gaps.present[rows], Y, np.nan)

    def _kernel(self, source: Features, layer: int) -> FloatArray:
        return of_trace_n(source.read(layer).kernel(self.regression.setting.recording))

    def _band(self, source: Features, layer: int) -> FloatArray | Thin:
        """Gram matrix of a layer; of few features, these."""
        recording, read = self.regression.setting.recording, source.read(layer)
        features = read.narrow(recording)
        found = None if features is None else thin_features(features)
        return of_trace_n(read.kernel(recording)) if found is None else found
