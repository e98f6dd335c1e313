"""Benchmarks whose rows are TRs, against the features widened by delays and scikit-learn."""

import numpy as np
import polars as pl
import pytest
from scipy.stats import pearsonr
from sklearn.linear_model import Ridge

from banks import build_story, put_recording
from brainlake import BrainlakeError, brain_alignment, open_bank
from brainlake.alignment.baselines import oasm
from brainlake.alignment.design.protocols import PROTOCOLS
from brainlake.encoding.ridge import DEFAULT_ALPHAS
from brainlake.recordings.responses import load_recording

PLAN = PROTOCOLS["grouped"].folds


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    root = tmp_path_factory.mktemp("story")
    return root, *build_story(root)


@pytest.fixture(scope="module")
def scores(story):
    return brain_alignment(open_bank(story[0]), "story", by=("subject",), n_boot=100, n_permutations=50)


def widened(X, onsets, times):
    """Averages of the words of a TR, side by side at delays of 1 to 4 TRs; absent ones are the mean word."""
    X = X.astype(np.float64)
    X = X - X.mean(0)
    trs = [[x for x, t in zip(X, onsets, strict=True) if start < t <= start + 2] for start in times]
    averaged = np.array([np.mean(words, axis=0) if words else np.zeros(X.shape[1]) for words in trs])
    return np.hstack([np.vstack([np.zeros((k, X.shape[1])), averaged[:-k]]) for k in (1, 2, 3, 4)])


def naive_best_alpha(X, y, motion, folds):
    """Pearson per fold of ridge beside free nuisance, at every penalty; both less what nuisance alone predicts."""
    r = []
    scale = np.square(X - X.mean(0)).sum() / len(X)
    for alpha in DEFAULT_ALPHAS:
        fold = []
        for train, test in zip(folds.train, folds.test, strict=True):
            N = np.c_[np.ones(len(y)), motion]
            free = np.linalg.lstsq(N[train], np.c_[X, y][train], rcond=None)[0]
            left = np.c_[X, y] - N @ free
            model = Ridge(alpha=alpha * scale, fit_intercept=False).fit(left[train, :-1], left[train, -1])
            fold.append(pearsonr(model.predict(left[test, :-1]), left[test, -1])[0])
        r.append(np.average(fold, weights=[len(t) for t in folds.test]))
    return r


def test_kernel_of_the_recording_is_that_of_widened_features(story):
    root, X, *_ = story
    recording = load_recording(open_bank(root), "story")
    onsets = np.arange(600) * 0.5 + 0.1
    wide = widened(X[1], onsets, np.arange(160) * 2.0)
    np.testing.assert_allclose(recording.volumes.kernel(X[1]), wide @ wide.T, atol=1e-9)
    np.testing.assert_allclose(recording.standardised.std(0), 1)


def test_folds_keep_segments_and_a_gap(story):
    recording = load_recording(open_bank(story[0]), "story")
    folds = recording.make_folds(PLAN)
    assert (folds.name, folds.whole) == ("disjoint", "groups")
    for train, test in zip(folds.train, folds.test, strict=True):
        assert not set(recording.groups[train]) & set(recording.groups[test])
        assert np.abs(train[:, None] - test).min() > 5


def test_the_lagged_signal_is_found_beside_nuisance(story, scores):
    chosen = scores.filter(model="m", folds="disjoint", selection="nested", metric="pearson")
    whole = chosen.filter(pl.col("subject").is_null())
    assert set(whole["selected_layers"].item()) == {1}
    assert whole["score"].item() > 0.5
    assert whole["ci_low"].item() < whole["score"].item() < whole["ci_high"].item()
    assert whole["p_value"].item() < 0.1
    assert "shifts of the series" in whole["p_method"].item()
    assert set(chosen["subject"]) == {None, "a", "b"}
    unique = scores.filter(pl.col("subject").is_null(), model="m", metric="unique_r2")
    assert unique["score"].item() > 0.2


def test_a_subject_with_nuisance_against_scikit_learn(story):
    root, X, Y, motion = story
    recording = load_recording(open_bank(root), "story")
    found = brain_alignment(open_bank(root), "story", by=("target",), layers=[1], baselines=(), n_boot=0).filter(
        layer=1, folds="disjoint", subject="a", target_id="t0"
    )
    wide = widened(X[1], np.arange(600) * 0.5 + 0.1, np.arange(160) * 2.0)
    expected = naive_best_alpha(wide, Y["a"][:, 0], motion["a"], recording.make_folds(PLAN))
    # The penalty is chosen inside the folds; on a strong signal every fold chooses near the best.
    assert max(expected) - 0.02 < found["score"].item() < max(expected) + 1e-3


def test_the_papers_pipeline_serves_scans(story):
    scores = brain_alignment(open_bank(story[0]), "story", protocol="aw2024", by=())
    assert set(scores.select("folds", "kept_whole", "n_folds").rows()) == {("disjoint", "stretches", 4)}
    best = scores.filter(model="m", selection="test")
    assert best["selected_layers"].item().to_list() == [1]
    assert best["n_stimuli"].item() == 160 - 35


def test_permutations_of_scans_are_refused_under_the_papers_protocol(story):
    with pytest.raises(BrainlakeError, match=r"aw2024 has no p values of scans \(story\)"):
        brain_alignment(open_bank(story[0]), "story", protocol="aw2024", n_permutations=99)


def test_shifted_responses_and_similarity_are_refused(story, tmp_path):
    root, *_ = story
    with pytest.raises(BrainlakeError, match="rows are TRs"):
        brain_alignment(open_bank(root), "story", protocol="rsa")
    build_story(tmp_path)
    rows = [("w", f"tr{k}", "1", 2.0 * k) for k in range(160)]
    Y = {"a": np.random.default_rng(0).standard_normal((160, 2))}
    put_recording(tmp_path, "shifted", ["w"], rows, Y, unit="tr", tr_s=2.0, response_shift_s=4.0)
    with pytest.raises(BrainlakeError, match="responses were shifted by"):
        load_recording(open_bank(tmp_path), "shifted")


def test_oasm_knows_neighbours_in_a_document_alone():
    stimuli = pl.DataFrame({"stimulus_set": ["s"] * 4, "document_id": ["a", "a", "b", "b"]})
    X = oasm(stimuli, 1.0)
    np.testing.assert_allclose(X[0], [1, np.exp(-0.5), 0, 0])
    np.testing.assert_allclose(X, X.T)
