"""p values of cross-validated scores: responses exchanged in whole blocks, and predicted anew each time.

Where responses are missing, exchanged blocks take their gaps along, the same exchange for all targets. The statistic
is then computed alike for the data as they are and for each exchange: training rows without a response count as the
mean of the target, and correlations are over the rows that have one.

Predictions must not be kept while responses are exchanged: with y also the training responses change, and since the
operator that maps responses to predictions is nearly symmetric, the variance of a score is up to twice that of a score
of fixed predictions. On AR(1) noise of .8 the latter finds 12 % of targets significant at .05
(`tests/benchmarks/bench_null.py`). Folds, features and penalties stay: an exchange is a product with the operator.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy.stats import false_discovery_control

from brainlake.alignment.design.fitting import CONSTANT, Fit, PartTargets, Scheme
from brainlake.alignment.design.score_row import PValue
from brainlake.alignment.design.setting import Setting
from brainlake.encoding.arrays import BoolArray, FloatArray
from brainlake.encoding.exchange import Blocks, Turns
from brainlake.encoding.folds import Folds
from brainlake.encoding.spectrum import unpenalised_weights
from brainlake.encoding.targets import Targets

# Predictions of so many values (exchanges x rows x targets) are held at once by a thread: 32 MB in float32.
_VALUES = 2**23
# Scores that differ by less are the same up to rounding in float32: an exchange may change nothing.
_TIE = 1e-5


@dataclass(frozen=True, eq=False)
class NullScores:
    """Scores of each group of targets as they are, and in every permutation; and p values of single targets.

    Attributes
    ----------
    observed : array [groups]
        Median over targets of the mean over folds; with gaps, of the statistic that is exchanged.
    replicates : array [permutations, groups]
        Equal seeds pair those of two layers.
    p_of_targets : array [v]
    """

    observed: FloatArray
    replicates: FloatArray
    p_of_targets: FloatArray


def null_scores(fit: Fit, scheme: Scheme, setting: Setting, seed: int = 0) -> NullScores:
    """Score a fit under random exchanges of blocks of equal length, the same for all targets.

    Nuisance regressors are taken from the responses before they are exchanged (Freedman and Lane, 1983). A block whose
    length no other has stays in place.

    Raises
    ------
    BrainlakeError
        If no two blocks have the same number of rows.
    """
    parts = [
        _Part(one, stack, setting) for one, stack in zip(scheme.parts, fit.operators, strict=True) if stack is not None
    ]
    n, v = setting.n_permutations, len(setting.recording.subjects)
    n_turns = max(part.blocks.n_turns for part in parts)
    observed = np.full(v, np.nan)
    for part in parts:
        observed[part.columns] = part.observed()

    def permuted(first: int) -> FloatArray:
        found = np.full((min(n_turns, n - first), v), np.nan)
        for part in parts:
            rng = np.random.default_rng([seed, first])
            found[:, part.columns] = part.permuted(Turns.draw(part.blocks, len(found), rng))
        return found

    def grouped(r: FloatArray) -> FloatArray:
        return np.stack([_median(r[:, group.columns]) for group in setting.groups], axis=1)

    above, replicates = np.zeros(v), []
    with ThreadPoolExecutor(setting.threads) as pool:
        for r in pool.map(permuted, range(0, n, n_turns)):
            above += (r >= observed - _TIE).sum(0)
            replicates.append(grouped(r))
    p = np.where(np.isnan(observed), np.nan, (1 + above) / (1 + n))
    return NullScores(grouped(observed[None])[0], np.concatenate(replicates), p)


def p_values(setting: Setting, null: NullScores) -> list[PValue]:
    """The p value of each group of targets; those of single targets are adjusted for their number."""
    how = f"{setting.n_permutations} exchanges of {setting.recording.exchanged[1]}"
    floor = smallest_p(setting.n_permutations)
    adjusted = fdr(null.p_of_targets)
    found: list[PValue] = []
    for g, group in enumerate(setting.groups):
        if group.target_id is None:
            p = share_above(null.replicates[:, g], null.observed[g])
            found.append(PValue(f"{how}: median over targets", p, floor))
        else:
            method = f"{how}: false discovery rate over {len(adjusted)} targets"
            found.append(PValue(method, float(adjusted[group.columns[0]]), floor))
    return found


def smallest_p(n_permutations: int) -> float:
    """The p value of a score that no permutation reaches."""
    return 1 / (1 + n_permutations)


def share_above(replicates: FloatArray, observed: float) -> float:
    """Share of permutations that score as high or higher, the data as they are counted as one."""
    if not np.isfinite(observed):
        return float("nan")
    return float((1 + (replicates >= observed - _TIE).sum()) / (1 + len(replicates)))


def fdr(p_values: FloatArray) -> FloatArray:
    """Return p values adjusted for the false discovery rate (Benjamini & Hochberg 1995); nan stays nan."""
    defined = ~np.isnan(p_values)
    adjusted = np.full(p_values.shape, np.nan)
    if defined.any():
        adjusted[defined] = false_discovery_control(p_values[defined])
    return adjusted


class _Part:
    """Operators of one part, their lines of mean 0 in every fold, and responses without nuisance."""

    def __init__(self, one: PartTargets, stack: FloatArray, setting: Setting) -> None:
        targets = one.targets
        self.columns, self.folds = one.part.columns, targets.folds
        self.blocks = Blocks.of(setting.recording.exchanged[0])
        nothing = np.zeros_like(stack) if targets.nuisance_operator is None else targets.nuisance_operator
        self._predict = _centred(stack - nothing, self.folds).astype(targets.dtype)
        self._observe: FloatArray | None = None
        self._responses, self._size = targets.responses, targets.size
        self._present = None if targets.gaps is None else targets.gaps.present
        if targets.nuisance_operator is not None:
            observe = np.eye(self.folds.n)[self.folds.rows] - nothing
            self._observe = _centred(observe, self.folds).astype(targets.dtype)
            self._responses = _residuals(targets).astype(targets.dtype)
        self._undefined: BoolArray = np.asarray(
            (targets.undefined & (targets.tested > 0)).any(0) | ~targets.tested.any(0)
        )

    def observed(self) -> FloatArray:
        """Mean over folds, weighted by their size, of the correlations of the responses as they are, [v]."""
        scores = np.empty(len(self.columns))
        for block in self._column_blocks(1):
            Y = self._responses[:, block]
            T = Y[self.folds.rows] if self._observe is None else self._observe @ Y
            there = None if self._present is None else self._present[self.folds.rows, block][None]
            scores[block] = self._scores((self._predict @ Y)[None], T[None], there, block)[0]
        return scores

    def permuted(self, turns: Turns) -> FloatArray:
        """The same for each exchange, [turns, v]."""
        scores = np.empty((turns.n, len(self.columns)))
        tested = turns.orders()[:, self.folds.rows]
        predicted = turns.products(self._predict)
        observed = (lambda Y: Y[tested]) if self._observe is None else turns.products(self._observe)
        for block in self._column_blocks(turns.n):
            Y = np.ascontiguousarray(self._responses[:, block])
            there = None if self._present is None else self._present[:, block][tested]
            scores[:, block] = self._scores(predicted(Y), observed(Y), there, block)
        return scores

    def _column_blocks(self, n_turns: int) -> Iterator[slice]:
        width = max(1, _VALUES // (n_turns * len(self.folds.rows)))
        return (slice(start, start + width) for start in range(0, len(self.columns), width))

    def _scores(self, P: FloatArray, T: FloatArray, there: BoolArray | None, block: slice) -> FloatArray:
        """Correlate predictions of mean 0 in every fold with observations, both [turns, m, v], where they are there."""
        total, tested = np.zeros((2, len(P), P.shape[2]))
        for s in self.folds.slices:
            p, t = P[:, s], T[:, s]
            if there is None:
                n: FloatArray | int = s.stop - s.start
            else:
                present = there[:, s]
                n = present.sum(1)
                p = np.where(present, p - (p * present).sum(1, keepdims=True) / np.maximum(n, 1)[:, None], 0.0)
                t = np.where(present, t, 0.0)
            power = np.einsum("jiv,jiv->jv", t, t) - np.square(t.sum(1)) / np.maximum(n, 1)
            sizes = np.sqrt(np.einsum("jiv,jiv->jv", p, p)), np.sqrt(np.maximum(power, 0))
            flat = np.minimum(*sizes) <= CONSTANT * self._size[block]
            product = np.einsum("jiv,jiv->jv", p, t) / np.where(flat, 1.0, sizes[0] * sizes[1])
            total += n * np.where(flat, 0.0, product)
            tested += n
        total[:, self._undefined[block]] = np.nan
        return total / np.maximum(tested, 1)


def _residuals(targets: Targets) -> FloatArray:
    """Responses less what nuisance regressors predict of the rows that a target has, 0 where missing."""
    Y, B = targets.responses, targets.unpenalised
    present = np.ones(Y.shape, np.bool_) if targets.gaps is None else targets.gaps.present
    return np.where(present, Y - B @ unpenalised_weights(B, Y, present), 0.0)


def _centred(values: FloatArray, folds: Folds) -> FloatArray:
    return np.concatenate([values[s] - values[s].mean(0) for s in folds.slices])


def _median(r: FloatArray) -> FloatArray:
    """Median over the targets that have a score, [permutations]."""
    defined = r[:, np.isfinite(r.sum(0))]
    return np.median(defined, axis=1) if defined.shape[1] else np.full(len(r), np.nan)
