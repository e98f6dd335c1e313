"""One layer fitted to all targets of a recording under given folds, and the strictly nested choice over layers."""

from dataclasses import dataclass

import numpy as np

from brainlake.alignment.design.features import LayerFits
from brainlake.alignment.design.protocols import Protocol
from brainlake.encoding.arrays import FloatArray, IntArray
from brainlake.encoding.folds import FoldPlan, Folds
from brainlake.encoding.predict import fold_scores, predict, prediction_scores, target_scores, without_nuisance
from brainlake.encoding.ridge import ridge
from brainlake.encoding.target_ridge import ridge_per_target
from brainlake.encoding.targets import Targets, prepare
from brainlake.recordings.recording import Part, Recording

CONSTANT = 1e-9
"""A prediction that varies this much less than the response is constant up to rounding, and scores 0."""
FLOAT32_TARGETS = 1000
"""With more targets than this, products with responses are float32: 2e-7 in r, half the time and memory."""


@dataclass(frozen=True, eq=False)
class PartTargets:
    """Targets of one part; ``numbers`` are those of its folds among all folds of the scheme."""

    part: Part
    targets: Targets
    numbers: IntArray


@dataclass(frozen=True, eq=False)
class Scheme:
    """A recording under its folds."""

    recording: Recording
    folds: Folds
    parts: list[PartTargets]

    @classmethod
    def of(cls, recording: Recording, plan: FoldPlan, with_nuisance: bool) -> "Scheme":
        """Prepare all parts under the folds that are planned."""
        folds = recording.make_folds(plan)
        n, v = recording.responses.shape
        dtype = np.float32 if v > FLOAT32_TARGETS else np.float64
        parts = []
        for part in recording.parts:
            whole = len(part.rows) == n
            numbers = [k for k, test in enumerate(folds.test) if whole or np.isin(test, part.rows).any()]
            own = folds if whole else folds.subset(part.rows)
            Y = recording.standardised[np.ix_(part.rows, part.columns)]
            targets = prepare(Y, own, dtype, part.nuisance if with_nuisance else None)
            parts.append(PartTargets(part, targets, np.array(numbers, dtype=np.intp)))
        return cls(recording, folds, parts)


@dataclass(eq=False)
class Fit:
    """A cross-validated fit of one layer, or of a choice of layers.

    Attributes
    ----------
    stacks
        For each part what gives its out-of-fold predictions: an operator (rows tested, rows), or, with a penalty a
        target, the predictions themselves (rows tested, targets).
    alphas
        For each part penalties, shape (folds of the part,) or (folds, targets); None for least squares.
    errors
        Shape (F,): inner error of each outer fold, by which layers are compared.
    """

    stacks: list[FloatArray]
    alphas: list[FloatArray] | None
    errors: FloatArray

    @property
    def alpha(self) -> float | None:
        """Geometric mean of the penalties."""
        return (
            None
            if self.alphas is None
            else float(np.exp(np.concatenate([np.log(a).ravel() for a in self.alphas]).mean()))
        )


def fit_layer(layer: LayerFits, scheme: Scheme, protocol: Protocol) -> Fit:
    """Fit one layer to every part."""
    stacks, alphas, errors = [], [], np.zeros(len(scheme.folds))
    for one in scheme.parts:
        if protocol.method == "ols":
            stacks.append(layer.ols_operator(one.part, one.targets.folds))
            continue
        spectrum = layer.spectrum(one.part)
        weight = len(one.part.columns)
        if protocol.penalty == "target":
            per_target = ridge_per_target(spectrum, one.targets, inner=protocol.inner)
            stacks.append(per_target.predictions.astype(one.targets.dtype))
            alphas.append(per_target.alphas)
            errors[one.numbers] += weight * per_target.inner_error
        else:
            shared = ridge(spectrum, one.targets, inner=protocol.inner)
            stacks.append(shared.operator)
            alphas.append(shared.alphas)
            errors[one.numbers] += weight * shared.inner_error
    return Fit(stacks, alphas or None, errors)


@dataclass(frozen=True, eq=False)
class Scores:
    """Correlations of a fit: ``folds`` (F, v), and ``targets`` (v,), their mean weighted by fold size."""

    folds: FloatArray
    targets: FloatArray

    def aggregate(self, columns: IntArray, protocol: Protocol) -> float:
        """One number for some targets; those without a score are left out."""
        defined = columns[~np.isnan(self.targets[columns])]
        if not defined.size:
            return float("nan")
        if protocol.aggregation == "mean_then_median":
            return float(np.median(self.targets[defined]))
        return float(np.nanmedian(self.folds[:, defined], axis=1).mean())


def score(fit: Fit, scheme: Scheme, protocol: Protocol) -> Scores:
    """Correlate the predictions of a fit with the responses, fold by fold."""
    v = scheme.recording.responses.shape[1]
    folds, targets = np.full((len(scheme.folds), v), np.nan), np.full(v, np.nan)
    compare = prediction_scores if protocol.penalty == "target" else fold_scores
    for one, stack in zip(scheme.parts, fit.stacks, strict=True):
        r = compare(stack, one.targets)
        folds[np.ix_(one.numbers, one.part.columns)] = r
        targets[one.part.columns] = target_scores(r, one.targets.folds)
    return Scores(folds, targets)


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """Predictions (m, v) stacked as ``folds.rows``, and responses (n, v) less what nuisance regressors explain.

    ``rows`` are those of the recording, ``columns`` its targets.
    """

    predictions: FloatArray
    responses: FloatArray
    folds: Folds
    rows: IntArray
    columns: IntArray

    def of(self, columns: IntArray) -> tuple[FloatArray, FloatArray]:
        """Predictions and responses of some targets of the recording."""
        place = np.searchsorted(self.columns, columns)
        return self.predictions[:, place], self.responses[:, place]


def out_of_fold(fit: Fit, scheme: Scheme, protocol: Protocol) -> OutOfFold | None:
    """Predictions of all parts side by side; None if the parts have different rows."""
    first = scheme.parts[0]
    if any(not np.array_equal(one.part.rows, first.part.rows) for one in scheme.parts):
        return None
    pairs = []
    for one, stack in zip(scheme.parts, fit.stacks, strict=True):
        P = stack if protocol.penalty == "target" else predict(stack, one.targets)
        P, Y = without_nuisance(P, one.targets)
        pairs.append((_flattened(P, one.targets), Y))
    columns = np.concatenate([one.part.columns for one in scheme.parts])
    order = np.argsort(columns)
    P, Y = (np.concatenate(side, axis=1) for side in zip(*pairs, strict=True))
    if not (np.diff(order) == 1).all():
        P, Y = P[:, order], Y[:, order]
    return OutOfFold(P, Y, first.targets.folds, first.part.rows, columns[order])


def _flattened(P: FloatArray, targets: Targets) -> FloatArray:
    """Make predictions that are constant in a fold up to rounding exactly so: they score 0, in every replicate too."""
    for rows in targets.folds.slices:
        mean = P[rows].mean(0)
        flat = np.sqrt(np.square(P[rows] - mean).sum(0)) <= CONSTANT * targets.size
        P[rows] = np.where(flat, mean, P[rows])
    return P
