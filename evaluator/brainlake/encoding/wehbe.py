"""The Wehbe2014 pipeline of Aw et al. (2024), step for step.

Matches the behaviour of their published code (github.com/awwkl/brain_language_summarization at f341823,
`utils/utils.py` and `utils/ridge_tools.py`), quirks included: delays run across runs, the TR that decides
whether a word is in the training part is one too early, features and responses are standardised apart in the
training and test part, five TRs are cut from the training part of the first and last fold and from both
ends of the test part of the others.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.decomposition import PCA
from sklearn.model_selection import KFold

from brainlake.encoding.arrays import BoolArray, FloatArray, IntArray, column_blocks, matrix
from brainlake.encoding.folds import Folds
from brainlake.encoding.resample import average, tr_of_words
from brainlake.encoding.timeseries import delayed_features, standardised_by_run, trimmed, zscored
from brainlake.errors import BrainlakeError

N_COMPONENTS = 10
DELAYS = (1, 2, 3, 4)
FIRST, LAST = 20, 15
N_FOLDS, N_INNER, EDGE = 4, 10, 5
PENALTIES = tuple(10.0**i for i in range(-6, 10))


@dataclass(frozen=True, eq=False)
class WehbeFit:
    """Out-of-fold predictions of the pipeline.

    Attributes
    ----------
    folds : Folds
        Rows of the trimmed TRs; edges cut off are in neither part.
    predictions, observed : arrays [m, v]
        Stacked as `folds.rows`; observed responses are standardised inside each fold.
    penalties : array [4, v]
    """

    folds: Folds
    predictions: FloatArray
    observed: FloatArray
    penalties: FloatArray


def wehbe_fit(
    words: ArrayLike,
    onsets: ArrayLike,
    tr_times: ArrayLike,
    runs: ArrayLike,
    responses: ArrayLike,
    tr_s: float = 2.0,
) -> WehbeFit:
    """Predict the responses of one subject from features of words.

    Parameters
    ----------
    words : array [n_words, d]
        Features (the first 20 words of the story, which have no full context, already left out).
    onsets : array [n_words], s
    tr_times : array [n_tr], s
    runs : array of n_tr labels, each run contiguous
    responses : array [n_trimmed, v]
        TRs without the first 20 and last 15 of each run.
    tr_s : float
        Repetition time, s.

    Raises
    ------
    BrainlakeError
        Arrays that do not fit together.
    """
    X = matrix(words, "word features").astype(np.float64)
    labels = np.asarray(runs)
    kept = trimmed(labels, FIRST, LAST)
    Y = matrix(responses, "responses", rows=len(kept)).astype(np.float64)
    trs = tr_of_words(onsets, tr_times, tr_s, closed="right")
    if len(trs) != len(X) or np.size(tr_times) != len(labels) or (trs < 0).any():
        raise BrainlakeError(
            f"{len(trs)} onsets of {len(X)} words, {(trs < 0).sum()} of them in none of the {len(labels)} TRs: "
            "every word needs its TR"
        )
    empty = np.setdiff1d(np.arange(len(labels)), trs)
    folds = wehbe_folds(len(kept))
    predictions, observed, penalties = [], [], []
    for quarter, (train, test) in enumerate(zip(folds.train, folds.test, strict=True)):
        in_training = _training_words(trs, labels, _quarters(len(kept)) != quarter)
        components = PCA(N_COMPONENTS, svd_solver="full").fit(X[in_training]).transform(X)
        averaged = average(components, trs, len(labels))
        averaged[empty] = np.nan
        features = standardised_by_run(delayed_features(averaged, DELAYS)[kept], labels[kept])
        features = np.nan_to_num(features)
        fitted, chosen = _ridge(zscored(features[train]), zscored(Y[train]), zscored(features[test]))
        predictions.append(fitted)
        observed.append(zscored(Y[test]))
        penalties.append(chosen)
    return WehbeFit(folds, np.concatenate(predictions), np.concatenate(observed), np.stack(penalties))


def wehbe_folds(n: int) -> Folds:
    """Return the four quarters, each but the last of floor(n / 4) rows, with their edges cut."""
    quarter = _quarters(n)
    train = [np.flatnonzero(quarter != k) for k in range(N_FOLDS)]
    test = [np.flatnonzero(quarter == k) for k in range(N_FOLDS)]
    train[0], train[-1] = train[0][EDGE:], train[-1][:-EDGE]
    test[1:-1] = [t[EDGE:-EDGE] for t in test[1:-1]]
    if min(map(len, test)) < 2:
        raise BrainlakeError(f"{n} TRs are too few for four quarters without their edges")
    return Folds("disjoint", n, tuple(train), tuple(test), overlapping=False, whole="stretches")


def _quarters(n: int) -> IntArray:
    return np.minimum(np.arange(n) // max(n // N_FOLDS, 1), N_FOLDS - 1)


def _training_words(trs: IntArray, runs: NDArray[Any], in_training: BoolArray) -> BoolArray:
    """Words of TRs in the training part, found with the original's indices (negative ones wrap)."""
    run = np.unique(runs, return_inverse=True)[1][trs] + 1
    row = trs - (run * FIRST + (run - 1) * LAST) - 1
    early = trs <= len(runs) - LAST
    words = np.zeros(len(trs), dtype=np.bool_)
    words[early] = in_training[row[early]]
    return words


def _ridge(X: FloatArray, Y: FloatArray, X_test: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Ridge without intercept, a penalty per target by the summed 1 - R^2 of ten contiguous inner folds."""
    penalties = np.array(PENALTIES)
    cost = np.zeros((len(penalties), Y.shape[1]))
    for train, test in KFold(N_INNER).split(X):
        values, V = np.linalg.eigh(X[train].T @ X[train])
        P = X[test] @ V
        for block in column_blocks(Y.shape[1]):
            y = Y[test, block]
            Z = V.T @ (X[train].T @ Y[train, block])
            variance = y.var(0)
            for i, penalty in enumerate(penalties):
                E = y - P @ (Z / (values + penalty)[:, None])
                with np.errstate(divide="ignore", invalid="ignore"):
                    unexplained = np.einsum("ij,ij->j", E, E) / len(E) / variance
                cost[i, block] += 1 - np.nan_to_num(1 - unexplained)
    best = cost.argmin(0)
    values, V = np.linalg.eigh(X.T @ X)
    Z = (V.T @ (X.T @ Y)) / (values[:, None] + penalties[best])
    return X_test @ V @ Z, penalties[best]
