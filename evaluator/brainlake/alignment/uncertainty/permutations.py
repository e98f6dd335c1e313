"""p values of cross-validated scores: responses exchanged, layer and penalty chosen and predicted anew each time.

Stimuli are exchanged in their groups, series of TRs are shifted around the circle. Nuisance regressors are taken from
the responses before they are exchanged (Freedman and Lane, 1983). Where responses are missing, exchanged rows take
their gaps along, the same exchange for all targets. The statistic is then computed alike for the data as they are and
for each exchange: training rows without a response count as the mean of the target, and correlations are over the rows
that have one.

Predictions must not be kept while responses are exchanged: with y also the training responses change, and since the
operator that maps responses to predictions is nearly symmetric, the variance of a score is up to twice that of a score
of fixed predictions. Nor must the layer and the penalty: they were chosen by the true pairing.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from brainlake.alignment.design.fitting import CONSTANT, Fit, PartTargets, Scheme
from brainlake.alignment.design.score_row import PValue
from brainlake.alignment.design.setting import Setting
from brainlake.alignment.uncertainty.exchanged_choice import ExchangedChoice, exchangeable
from brainlake.alignment.uncertainty.exchanges import Exchanges
from brainlake.encoding.arrays import BoolArray, FloatArray, IntArray
from brainlake.encoding.holdout import fold_operator
from brainlake.encoding.ridge import DEFAULT_ALPHAS, mean_scale

# So many values (exchanges x rows x targets) are held at once by a thread.
_VALUES = 2**23
# Scores that differ by less are the same up to rounding in float32: an exchange may change nothing.
_TIE = 1e-5


@dataclass(frozen=True, eq=False)
class NullScores:
    """Scores (1 + exchanges, groups of targets), the first as they are; and p values of single targets, (v,)."""

    scores: FloatArray
    p_of_targets: FloatArray


def null_of_choice(choice: ExchangedChoice, scheme: Scheme, setting: Setting, exchanges: Exchanges) -> NullScores:
    """Score the choice over layers and penalties in every exchange."""
    parts = [_Part(one) for one in scheme.parts]
    total, tested = np.zeros((2, len(exchanges.orders), len(setting.recording.subjects)))
    with ThreadPoolExecutor(setting.threads) as pool:
        for layer, a in np.unique(np.stack([choice.layer.ravel(), choice.alpha.ravel()]), axis=1).T:
            spectra = choice.layers[layer]
            penalty = DEFAULT_ALPHAS[a] * mean_scale(spectra)
            chosen = (choice.layer == layer) & (choice.alpha == a)
            for part, spectrum in zip(parts, spectra, strict=True):
                G = spectrum.residual_maker(penalty)
                for k in np.flatnonzero(chosen.any(0)):
                    lines = fold_operator(G, scheme.folds, int(k))
                    part.add(total, tested, lines, int(k), np.flatnonzero(chosen[:, k]), exchanges.orders, pool)
    return _null(parts, total, tested, setting)


def null_of_operators(fit: Fit, scheme: Scheme, setting: Setting, exchanges: Exchanges) -> NullScores:
    """Score fits that choose nothing, such as least squares, in every exchange."""
    parts = [_Part(one) for one in scheme.parts]
    total, tested = np.zeros((2, len(exchanges.orders), len(setting.recording.subjects)))
    everything = np.arange(len(exchanges.orders))
    with ThreadPoolExecutor(setting.threads) as pool:
        for part, operator in zip(parts, fit.operators, strict=True):
            assert operator is not None
            for k, s in enumerate(scheme.folds.slices):
                part.add(total, tested, operator[s], k, everything, exchanges.orders, pool)
    return _null(parts, total, tested, setting)


def p_values(setting: Setting, null: NullScores, exchanges: Exchanges) -> list[PValue]:
    """The p value of each group of targets; those of single targets are adjusted for their number."""
    how = f"{exchanges.name}, layer and penalty chosen again in each"
    adjusted = fdr(null.p_of_targets)
    found: list[PValue] = []
    for g, group in enumerate(setting.groups):
        if group.target_id is None:
            p = share_above(null.scores[1:, g], null.scores[0, g])
            found.append(PValue(f"{how}: median over targets", p, exchanges.smallest_p))
        else:
            method = f"{how}: false discovery rate over the {len(adjusted)} targets of the benchmark"
            found.append(PValue(method, float(adjusted[group.columns[0]]), exchanges.smallest_p))
    return found


def share_above(replicates: FloatArray, observed: float) -> float:
    """Share of exchanges that score as high or higher, the data as they are counted as one."""
    if not np.isfinite(observed):
        return float("nan")
    return float((1 + (replicates >= observed - _TIE).sum()) / (1 + len(replicates)))


def fdr(p_values: FloatArray) -> FloatArray:
    """Return p values adjusted for the false discovery rate (Benjamini & Hochberg 1995); nan stays nan."""
    # Imported here: scipy.stats takes a second to load, and only p values of targets need it.
    from scipy.stats import false_discovery_control

    defined = ~np.isnan(p_values)
    adjusted = np.full(p_values.shape, np.nan)
    if defined.any():
        adjusted[defined] = false_discovery_control(p_values[defined])
    return adjusted


class _Part:
    """Targets of one part, their responses without nuisance."""

    def __init__(self, one: PartTargets) -> None:
        self._targets = targets = one.targets
        self._columns, self._folds = one.part.columns, targets.folds
        self._responses, self._size = exchangeable(targets), targets.size
        self._present = None if targets.gaps is None else targets.gaps.present
        self.undefined = self._columns[(targets.undefined & (targets.tested > 0)).any(0) | ~targets.tested.any(0)]

    def add(
        self,
        total: FloatArray,
        tested: FloatArray,
        lines: FloatArray,
        k: int,
        rows: IntArray,
        orders: IntArray,
        pool: ThreadPoolExecutor,
    ) -> None:
        """Add rows times correlations in fold k, and those rows, of some exchanges; lines [n_k, n] predict the fold."""
        s, test = self._folds.slices[k], self._folds.test[k]
        observe = None
        if self._targets.nuisance_operator is not None:
            nuisance = self._targets.nuisance_operator[s]
            lines = lines - nuisance
            observe = _centred(np.eye(self._folds.n)[test] - nuisance)
        lines = _centred(lines)
        dtype = self._responses.dtype
        width = max(1, min(len(self._columns), _VALUES // (64 * len(test))))
        height = max(1, _VALUES // (len(test) * max(width, self._folds.n)))

        def add_columns(block: slice) -> None:
            Y, columns = self._responses[:, block], self._columns[block]
            for start in range(0, len(rows), height):
                some = rows[start : start + height]
                back = np.argsort(orders[some], axis=1)
                P = _applied(lines.astype(dtype), back, Y)
                T = Y[orders[some][:, test]] if observe is None else _applied(observe.astype(dtype), back, Y)
                there = None if self._present is None else self._present[:, block][orders[some][:, test]]
                r, n = _weighted(P, T, there, CONSTANT * self._size[block])
                at = np.ix_(some, columns)
                total[at] += r
                tested[at] += n

        list(pool.map(add_columns, [slice(i, i + width) for i in range(0, len(self._columns), width)]))


def _applied(lines: FloatArray, back: IntArray, Y: FloatArray) -> FloatArray:
    """What lines [m, n] make of responses in every exchange, [exchanges, m, v]: their columns are put back instead."""
    turned = lines[:, back].transpose(1, 0, 2)
    return np.asarray((turned.reshape(-1, len(Y)) @ Y).reshape(len(back), len(lines), Y.shape[1]))


def _weighted(
    P: FloatArray, T: FloatArray, there: BoolArray | None, smallest: FloatArray
) -> tuple[FloatArray, FloatArray | int]:
    """Rows times correlations [exchanges, v] of predictions of mean 0 with observations, and rows, where there are."""
    if there is None:
        n: FloatArray | int = P.shape[1]
    else:
        n = there.sum(1)
        P = np.where(there, P - (P * there).sum(1, keepdims=True) / np.maximum(n, 1)[:, None], 0.0)
        T = np.where(there, T, 0.0)
    power = np.einsum("jiv,jiv->jv", T, T) - np.square(T.sum(1)) / np.maximum(n, 1)
    sizes = np.sqrt(np.einsum("jiv,jiv->jv", P, P)), np.sqrt(np.maximum(power, 0))
    flat = np.minimum(*sizes) <= smallest
    r = np.einsum("jiv,jiv->jv", P, T) / np.where(flat, 1.0, sizes[0] * sizes[1])
    return n * np.where(flat, 0.0, r), n


def _null(parts: Sequence[_Part], total: FloatArray, tested: FloatArray, setting: Setting) -> NullScores:
    r = total / np.maximum(tested, 1)
    for part in parts:
        r[:, part.undefined] = np.nan
    p = np.where(np.isnan(r[0]), np.nan, (r >= r[0] - _TIE).sum(0) / len(r))
    return NullScores(np.stack([_median(r[:, group.columns]) for group in setting.groups], axis=1), p)


def _centred(lines: FloatArray) -> FloatArray:
    return np.asarray(lines - lines.mean(0))


def _median(r: FloatArray) -> FloatArray:
    """Median over the targets that have a score, [1 + exchanges]."""
    defined = r[:, np.isfinite(r.sum(0))]
    return np.median(defined, axis=1) if defined.shape[1] else np.full(len(r), np.nan)
