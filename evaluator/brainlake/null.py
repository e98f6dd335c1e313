"""p values of cross-validated scores: responses exchanged in whole blocks, and predicted anew each time.

Predictions must not be kept while responses are exchanged: with y also the training responses change, and since the
operator that maps responses to predictions is nearly symmetric, the variance of a score is up to twice that of a score
of fixed predictions. On AR(1) noise of .8 the latter finds 12 % of targets significant at .05, and this 4 to 5 %
(`tests/benchmarks/bench_null.py`). Folds, features and penalties stay, so that a permutation costs one matrix product.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from brainlake.encoding.arrays import FloatArray, IntArray, column_blocks
from brainlake.encoding.folds import Folds
from brainlake.encoding.spectrum import projection, unpenalised_basis
from brainlake.errors import BrainlakeError
from brainlake.fitting import CONSTANT, Fit, PartTargets, Scheme
from brainlake.permutation import fdr
from brainlake.setting import Row, Setting


@dataclass(frozen=True, eq=False)
class NullScores:
    """Scores of each group of targets as they are, and in every permutation; and p values of single targets.

    Attributes
    ----------
    observed : array [groups]
        Median over targets of the mean over folds.
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
    parts = [_Part(one, stack) for one, stack in zip(scheme.parts, fit.stacks, strict=True)]
    v = len(setting.recording.subjects)
    labels = np.unique(setting.recording.exchanged[0], return_inverse=True)[1].ravel()

    def scores(orders: list[IntArray]) -> FloatArray:
        found = np.full(v, np.nan)
        for part, order in zip(parts, orders, strict=True):
            found[part.columns] = part.scores(order)
        return found

    def permuted(k: int) -> FloatArray:
        return scores([_exchange(labels[part.rows], np.random.default_rng([seed, k])) for part in parts])

    def grouped(r: FloatArray) -> list[float]:
        return [_median(r[group.columns]) for group in setting.groups]

    observed = scores([np.arange(len(part.rows)) for part in parts])
    above, replicates = np.zeros(v), []
    with ThreadPoolExecutor(setting.threads) as pool:
        for r in pool.map(permuted, range(setting.n_permutations)):
            above += r >= observed - 1e-6
            replicates.append(grouped(r))
    p = (1 + above) / (1 + setting.n_permutations)
    return NullScores(np.array(grouped(observed)), np.array(replicates), np.where(np.isnan(observed), np.nan, p))


def p_values(setting: Setting, null: NullScores) -> list[Row]:
    """The columns of a p value of each group of targets; those of single targets are adjusted for their number."""
    how = f"{setting.n_permutations} exchanges of {setting.recording.exchanged[1]}"
    adjusted = fdr(null.p_of_targets)
    rows: list[Row] = []
    for g, group in enumerate(setting.groups):
        if group.target_id is None:
            p = share_above(null.replicates[:, g], null.observed[g])
            rows.append({"p_value": p, "p_method": f"{how}: median over targets"})
        else:
            method = f"{how}: false discovery rate over {len(adjusted)} targets"
            rows.append({"p_value": float(adjusted[group.columns[0]]), "p_method": method})
    return rows


def share_above(replicates: FloatArray, observed: float) -> float:
    """Share of permutations that score as high or higher, the data as they are counted as one."""
    if not np.isfinite(observed):
        return float("nan")
    return float((1 + (replicates >= observed - 1e-6).sum()) / (1 + len(replicates)))


class _Part:
    """Operators of one part, their lines of mean 0 in every fold, and responses without nuisance."""

    def __init__(self, one: PartTargets, stack: FloatArray) -> None:
        targets = one.targets
        self.rows, self.columns, self.folds = one.part.rows, one.part.columns, targets.folds
        nothing = np.zeros_like(stack) if targets.nuisance_operator is None else targets.nuisance_operator
        observe = np.eye(self.folds.n)[self.folds.rows] - nothing
        self._predict = _centred(stack - nothing, self.folds).astype(targets.dtype)
        self._observe = None if targets.nuisance_operator is None else _centred(observe, self.folds)
        self._responses, self._size = targets.responses, targets.size
        if one.part.nuisance is not None and targets.nuisance_operator is not None:
            basis = unpenalised_basis(self.folds.n, one.part.nuisance)
            self._responses = projection(basis).astype(targets.dtype) @ targets.responses
        self._undefined = targets.undefined.any(0)

    def scores(self, order: IntArray) -> FloatArray:
        """Mean over folds, weighted by their size, of the correlations of permuted responses, [v]."""
        scores = np.empty(len(self.columns))
        for block in column_blocks(len(self.columns)):
            Y = self._responses[order, block]
            P = self._predict @ Y
            T = _centred(Y[self.folds.rows], self.folds) if self._observe is None else self._observe @ Y
            total = np.zeros(Y.shape[1])
            for s in self.folds.slices:
                p, t = P[s], T[s]
                sizes = np.sqrt(np.einsum("ij,ij->j", p, p)), np.sqrt(np.einsum("ij,ij->j", t, t))
                flat = np.minimum(*sizes) <= CONSTANT * self._size[block]
                product = np.einsum("ij,ij->j", p, t) / np.where(flat, 1.0, sizes[0] * sizes[1])
                total += (s.stop - s.start) * np.where(flat, 0.0, product)
            scores[block] = total / len(self.folds.rows)
        scores[self._undefined] = np.nan
        return scores


def _centred(values: FloatArray, folds: Folds) -> FloatArray:
    return np.concatenate([values[s] - values[s].mean(0) for s in folds.slices])


def _exchange(labels: IntArray, rng: np.random.Generator) -> IntArray:
    """Rows in a random order in which blocks of equal length have changed places."""
    member = np.unique(labels, return_inverse=True)[1].ravel()
    blocks = np.split(np.argsort(member, kind="stable"), np.cumsum(np.bincount(member))[:-1])
    lengths = np.array([len(rows) for rows in blocks])
    order = np.arange(len(labels))
    if np.bincount(lengths).max() < 2:
        raise BrainlakeError("no two blocks have the same number of rows: there is nothing to exchange")
    for length in np.unique(lengths):
        alike = np.flatnonzero(lengths == length)
        for to, source in zip(alike, rng.permutation(alike), strict=True):
            order[blocks[to]] = blocks[source]
    return order


def _median(r: FloatArray) -> float:
    defined = r[~np.isnan(r)]
    return float(np.median(defined)) if defined.size else float("nan")
