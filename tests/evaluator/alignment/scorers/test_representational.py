"""Representations compared as they are, against SciPy."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy.spatial.distance import pdist
from scipy.stats import kendalltau, spearmanr

from brainlake import BrainlakeError
from brainlake.alignment.design.features import Features, Layer, LayerFits
from brainlake.alignment.design.protocols import PROTOCOLS, protocol_named
from brainlake.alignment.design.score_row import Identity
from brainlake.alignment.design.setting import Setting, TargetGroup, target_groups
from brainlake.alignment.scorers.representational import Similarity
from brainlake.encoding.small_samples import MIN_PEOPLE
from brainlake.recordings.recording import Recording
from brainlake.recordings.volumes import Volumes

N = 30
SOURCE = Features(Identity("m"), (0,), lambda k: None)


def setting(protocol, n_subjects=2, n_boot=0, v=3, **facts):
    rng = np.random.default_rng(0)
    subjects = np.repeat([f"s{i}" for i in range(n_subjects)], v)
    rois = np.tile([f"r{min(j, 1)}" for j in range(v)], n_subjects)
    Y = rng.standard_normal((N, len(subjects)))
    ids = np.arange(len(subjects)).astype(str)
    recording = Recording("b", pl.DataFrame(), Y, subjects, rois, ids, "stimuli", None, **facts)
    return Setting(recording, PROTOCOLS[protocol], [TargetGroup(np.arange(len(subjects)))], n_boot, 0, pl.DataFrame())


def measured(one, X):
    return Similarity(one).measure(SOURCE, 0, LayerFits(Layer(X), one.recording))


def expected(protocol, X, Y):
    if protocol == "rsa":
        return spearmanr(pdist(X, "correlation"), pdist(Y, "correlation")).statistic
    K, L = ((A - A.mean(0)) @ (A - A.mean(0)).T for A in (X, Y))
    return (K * L).sum() / np.sqrt((K * K).sum() * (L * L).sum())


@pytest.mark.parametrize("protocol", ["rsa", "cka"])
def test_a_score_is_the_mean_over_subjects_each_over_the_stimuli_that_it_has(protocol):
    one = setting(protocol)
    one.recording.responses[:6, 3] = np.nan
    X, Y = np.random.default_rng(1).standard_normal((N, 7)), one.recording.responses
    (row,) = measured(one, X).rows
    wanted = np.mean([expected(protocol, X, Y[:, :3]), expected(protocol, X[6:], Y[6:, 3:])])
    assert row.score == pytest.approx(wanted, abs=1e-8)
    assert (row.folds, row.aggregation, row.alpha) == (None, "mean over subjects", None)
    assert row.interval.method == "none: not asked for"


def test_a_variant_measures_and_compares_as_it_says():
    one = setting("rsa", n_subjects=1)
    variant = replace(one, protocol=protocol_named("rsa+dissimilarity=cosine+comparison=kendall"))
    X = np.random.default_rng(1).standard_normal((N, 7))
    (row,) = measured(variant, X).rows
    wanted = kendalltau(pdist(X, "cosine"), pdist(one.recording.responses, "cosine")).statistic
    assert row.score == pytest.approx(wanted, abs=1e-9)
    assert row.metric == "kendall of dissimilarities"


def test_debiased_alignment_of_noise_is_about_nothing():
    one = setting("cka")
    X = np.random.default_rng(1).standard_normal((N, 500))
    plain = measured(one, X).rows[0].score
    unbiased = measured(replace(one, protocol=replace(one.protocol, debiased=True)), X).rows[0].score
    assert plain > 0.2
    assert abs(unbiased) < 0.1


def test_a_single_feature_has_no_dissimilarities_but_a_kernel():
    x = np.random.default_rng(1).standard_normal((N, 1))
    assert np.isnan(measured(setting("rsa"), x).rows[0].score)
    assert np.isfinite(measured(setting("cka"), x).rows[0].score)


def test_regions_in_which_a_subject_has_one_target_have_no_score():
    one = setting("rsa")
    one = replace(one, groups=target_groups(one.recording, ["roi"]))
    assert [row.roi for row in measured(one, np.random.default_rng(1).standard_normal((N, 4))).rows] == [None, "r1"]


def test_there_is_an_interval_where_there_are_enough_subjects():
    X = np.random.default_rng(1).standard_normal((N, 4))
    few = measured(setting("rsa", n_subjects=MIN_PEOPLE - 1, n_boot=100), X).rows[0]
    assert few.interval.method.startswith(f"none: {MIN_PEOPLE - 1} subject(s)")
    many = measured(setting("rsa", n_subjects=MIN_PEOPLE, n_boot=100), X).rows[0]
    assert many.interval.low < many.score < many.interval.high
    assert many.interval.method == "t of subjects"


def test_what_has_no_similarity_is_refused():
    with pytest.raises(BrainlakeError, match="b: rsa is undefined for a subject with one target; use protocol grouped"):
        Similarity(setting("rsa", v=1))
    times = 2.0 * np.arange(N)
    scans = Volumes(times, times, np.full(N, "1"), np.arange(N), 2.0)
    with pytest.raises(BrainlakeError, match="b: cka compares stimuli, and its rows are TRs"):
        Similarity(setting("cka", volumes=scans))
    gaps = setting("rsa")
    gaps.recording.responses[: N - 2, 0] = np.nan
    with pytest.raises(BrainlakeError, match="only 2 stimuli have a response in every target of subject s0"):
        Similarity(gaps)
