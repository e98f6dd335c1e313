"""The pipeline against a plain transcription of its description, loop by loop."""

import numpy as np
import pytest
from scipy.stats import zscore
from sklearn.decomposition import PCA
from sklearn.model_selection import KFold

from brainlake.encoding.wehbe import PENALTIES, wehbe_fit, wehbe_folds
from brainlake.errors import BrainlakeError


def story(seed: int = 0, v: int = 6):
    rng = np.random.default_rng(seed)
    runs = np.repeat([1, 2, 3, 4], [80, 90, 75, 85])
    times = np.arange(len(runs)) * 2.0
    # Half a second a word, and silence where a run begins and ends.
    onsets = np.arange(21.0, times[-1], 0.5) + 0.01
    starts = np.flatnonzero(np.diff(runs, prepend=0)) * 2.0
    onsets = onsets[[all(not (s - 10 < t < s + 20) for s in starts) for t in onsets]]
    words = rng.standard_normal((len(onsets), 30)).cumsum(0) * 0.1 + rng.standard_normal((len(onsets), 30))
    responses = rng.standard_normal((len(runs) - 4 * 35, v))
    return words, onsets, times, runs, responses


def transcription(words, onsets, times, runs, responses):
    n = len(responses)
    size = n // 4
    index = np.full(n, 3)
    for i in range(3):
        index[i * size : (i + 1) * size] = i
    volume = np.array([np.flatnonzero(t > times)[-1] for t in onsets])
    predictions, observed = [], []
    for fold in range(4):
        train, test = index != fold, index == fold
        training_word = np.zeros(len(onsets), dtype=bool)
        for i, w in enumerate(volume):
            if w <= len(runs) - 15:
                offset = runs[w] * 20 + (runs[w] - 1) * 15
                training_word[i] = train[w - offset - 1]
        components = PCA(10, svd_solver="full").fit(words[training_word]).transform(words)
        averaged = np.array(
            [components[volume == i].mean(0) if (volume == i).any() else np.full(10, np.nan) for i in range(len(runs))]
        )
        delayed = []
        for d in (1, 2, 3, 4):
            moved = np.zeros_like(averaged)
            moved[d:] = averaged[:-d]
            delayed.append(moved)
        wide = np.concatenate(delayed, 1)
        wide = np.nan_to_num(np.vstack([zscore(wide[runs == r][20:-15]) for r in (1, 2, 3, 4)]))
        X, Y, X_test, Y_test = wide[train], responses[train], wide[test], responses[test]
        if fold == 0:
            X, Y = X[5:], Y[5:]
        elif fold == 3:
            X, Y = X[:-5], Y[:-5]
        else:
            X_test, Y_test = X_test[5:-5], Y_test[5:-5]
        X, Y, X_test, Y_test = (np.nan_to_num(zscore(a)) for a in (X, Y, X_test, Y_test))

        def weights(X, Y, penalty):
            return np.linalg.solve(X.T @ X + penalty * np.eye(40), X.T @ Y)

        cost = np.zeros((len(PENALTIES), Y.shape[1]))
        for a, b in KFold(10).split(X):
            for i, penalty in enumerate(PENALTIES):
                left = ((Y[b] - X[b] @ weights(X[a], Y[a], penalty)) ** 2).mean(0)
                cost[i] += 1 - np.nan_to_num(1 - left / Y[b].var(0))
        best = cost.argmin(0)
        columns = [X_test @ weights(X, Y[:, [j]], PENALTIES[best[j]]) for j in range(Y.shape[1])]
        predictions.append(np.hstack(columns))
        observed.append(Y_test)
    return np.vstack(predictions), np.vstack(observed)


def test_the_pipeline_is_its_transcription() -> None:
    data = story()
    fit = wehbe_fit(*data)
    predictions, observed = transcription(*data)
    np.testing.assert_allclose(fit.predictions, predictions, atol=1e-8)
    np.testing.assert_allclose(fit.observed, observed, atol=1e-12)
    assert fit.penalties.shape == (4, 6)


def test_the_folds_of_1211_volumes() -> None:
    folds = wehbe_folds(1211)
    assert [len(t) for t in folds.test] == [302, 292, 292, 305]
    assert len(folds.rows) == 1191
    assert [len(t) for t in folds.train] == [904, 909, 909, 901]


def test_arrays_that_do_not_fit_are_refused() -> None:
    words, onsets, times, runs, responses = story()
    with pytest.raises(BrainlakeError, match="rows where"):
        wehbe_fit(words, onsets, times, runs, responses[1:])
    with pytest.raises(BrainlakeError, match="every word needs its TR"):
        wehbe_fit(words, onsets[1:], times, runs, responses)
    with pytest.raises(BrainlakeError, match="1 of them in none"):
        wehbe_fit(words, [-1.0, *onsets[1:]], times, runs, responses)
    with pytest.raises(BrainlakeError, match="too few"):
        wehbe_folds(40)
