"""One layer fitted to all targets of a recording under given folds, and the strictly nested choice over layers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from brainlake.alignment.design.features import LayerFits
from brainlake.alignment.design.protocols import Protocol
from brainlake.encoding.arrays import FloatArray, IntArray
from brainlake.encoding.folds import FoldPlan, Folds
from brainlake.encoding.predict import fold_scores, prediction_scores, target_scores
from brainlake.encoding.ridge import RidgeFit, mean_scale, ridge_under_folds
from brainlake.encoding.spectrum import Spectrum
from brainlake.encoding.target_ridge import ridge_per_target
from brainlake.encoding.targets import Targets, prepare
from brainlake.encoding.told_back import told_back
from brainlake.recordings.recording import Part, Recording

CONSTANT = 1e-9
"""A prediction that varies this much less than the response is constant up to rounding, and scores 0."""
FLOAT32_TARGETS = 1000
"""With more targets than this, products with responses are float32: 2e-7 in r, half the time and memory."""


@dataclass(frozen=True, eq=False)
class PartTargets:
    """Targets of one part, under the folds of the scheme."""

    part: Part
    targets: Targets


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
        dtype = np.float32 if recording.responses.shape[1] > FLOAT32_TARGETS else np.float64
        parts = []
        for part in recording.parts:
            Y = recording.standardised[:, part.columns]
            parts.append(PartTargets(part, prepare(Y, folds, dtype, part.nuisance if with_nuisance else None)))
        return cls(recording, folds, parts)


@dataclass(eq=False)
class Fit:
    """A cross-validated fit of one layer, or of a choice of layers.

    Attributes
    ----------
    operators
        For each part what maps whole responses to out-of-fold predictions, (rows tested, rows); None where there are
        predictions of ridge regression.
    predictions
        For each part the out-of-fold predictions, (rows tested, targets), where no one operator gives them (with gaps,
        or a penalty a target) or it would cost more than they do (with few targets); None elsewhere.
    alphas
        Penalties of each outer fold, shape (F,) or (F, v); None for least squares.
    errors
        Shape (F,): inner error of each outer fold, by which layers are compared.
    """

    operators: list[FloatArray | None]
    predictions: list[FloatArray | None]
    alphas: FloatArray | None
    errors: FloatArray

    @property
    def alpha(self) -> float | None:
        """Geometric mean of the penalties."""
        return None if self.alphas is None else float(np.exp(np.log(self.alphas).mean()))

    def copy(self) -> "Fit":
        """A fit that may be changed."""
        operators, predictions = (
            [None if stack is None else stack.copy() for stack in stacks]
            for stacks in (self.operators, self.predictions)
        )
        return Fit(operators, predictions, None if self.alphas is None else self.alphas.copy(), self.errors.copy())

    def take(self, other: "Fit", k: int, rows: slice) -> None:
        """Take over what another fit has in outer fold ``k``, whose tested rows lie at ``rows`` of the stacks."""
        for mine, theirs in zip(
            [*self.operators, *self.predictions], [*other.operators, *other.predictions], strict=True
        ):
            if mine is not None and theirs is not None:
                mine[rows] = theirs[rows]
        if self.alphas is not None and other.alphas is not None:
            self.alphas[k] = other.alphas[k]
        self.errors[k] = other.errors[k]


def fit_layer(layer: LayerFits, schemes: Sequence[Scheme], protocol: Protocol) -> list[Fit]:
    """Fit one layer to every part under each scheme; penalties are chosen by inner errors of all targets, or of each.

    What does not depend on the folds is computed once for all schemes, which are of the same recording.
    """
    if protocol.method == "ols":
        return [_least_squares(layer, scheme) for scheme in schemes]
    spectra = [layer.spectrum(part) for part in schemes[0].recording.parts]
    if protocol.penalty == "target":
        return [_penalty_per_target(spectra, scheme, protocol) for scheme in schemes]
    targets = [[one.targets for one in scheme.parts] for scheme in schemes]
    found = ridge_under_folds(spectra, targets, inner=protocol.inner, criterion=protocol.criterion)
    return [ridge_fit(fits, of_scheme) for fits, of_scheme in zip(found, targets, strict=True)]


def ridge_fit(fits: Sequence[RidgeFit], targets: Sequence[Targets]) -> Fit:
    """What is kept of ridge regression with penalties that all targets share."""
    predictions = [fit.predictions(one) for fit, one in zip(fits, targets, strict=True)]
    operators = [fit.operator if P is None else None for fit, P in zip(fits, predictions, strict=True)]
    return Fit(operators, predictions, fits[0].alphas, fits[0].inner_error)


def _least_squares(layer: LayerFits, scheme: Scheme) -> Fit:
    operator = layer.ols_operator(scheme.folds)
    targets = [one.targets for one in scheme.parts]
    gapped = [None if t.gaps is None else layer.ols_with_gaps(t).astype(t.dtype) for t in targets]
    return Fit([operator] * len(targets), gapped, None, np.zeros(len(scheme.folds)))


def _penalty_per_target(spectra: Sequence[Spectrum], scheme: Scheme, protocol: Protocol) -> Fit:
    targets, scale = [one.targets for one in scheme.parts], mean_scale(spectra)
    single = [
        ridge_per_target(s, t, inner=protocol.inner, criterion=protocol.criterion, scale=scale)
        for s, t in zip(spectra, targets, strict=True)
    ]
    return Fit(
        [None] * len(single),
        [fit.predictions.astype(t.dtype) for fit, t in zip(single, targets, strict=True)],
        np.concatenate([fit.alphas for fit in single], axis=1),
        np.sum([fit.inner_errors.sum(1) for fit in single], axis=0),
    )


@dataclass(frozen=True, eq=False)
class Scores:
    """Correlations of a fit.

    Attributes
    ----------
    folds, tested
        Of every fold and target, shape (F, v), and the rows that each is over.
    targets
        Shape (v,): their mean weighted by those rows.
    told_back
        How much of what folds learn from each other they learn both ways: the mean over parts of `told_back`.
    """

    folds: FloatArray
    tested: IntArray
    targets: FloatArray
    told_back: float = 1.0

    def aggregate(self, columns: IntArray, protocol: Protocol) -> float:
        """One number for some targets; those without a score are left out."""
        defined = columns[~np.isnan(self.targets[columns])]
        if not defined.size:
            return float("nan")
        if protocol.aggregation == "mean_then_median":
            return float(np.median(self.targets[defined]))
        r = self.folds[:, defined]
        # A fold in which none of them has a row has no score.
        return float(np.nanmedian(r[~np.isnan(r).all(1)], axis=1).mean())


def score(fit: Fit, scheme: Scheme) -> Scores:
    """Correlate the predictions of a fit with the responses, fold by fold, over the rows that a target has."""
    v = scheme.recording.responses.shape[1]
    folds, targets = np.full((len(scheme.folds), v), np.nan), np.full(v, np.nan)
    tested = np.zeros(folds.shape, dtype=np.intp)
    shares = []
    for one, operator, predictions in zip(scheme.parts, fit.operators, fit.predictions, strict=True):
        if predictions is not None:
            r = prediction_scores(predictions, one.targets)
        else:
            assert operator is not None
            r = fold_scores(operator, one.targets)
        folds[:, one.part.columns] = r
        tested[:, one.part.columns] = one.targets.tested
        targets[one.part.columns] = target_scores(r, scheme.folds, one.targets.tested)
        shares.append(told_back(operator, predictions, one.targets))
    return Scores(folds, tested, targets, float(np.mean(shares)))
