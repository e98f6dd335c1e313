"""Protocols and their variants, missing responses, composites, several stimulus sets, and what is refused."""

import numpy as np
import polars as pl
import pytest
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr

from banks import build_wide, put_model, put_recording, put_stimuli
from brainlake import BrainlakeError, brain_alignment, open_bank
from brainlake.alignment.baselines import random_embedding
from brainlake.encoding.decomposition import spectrum_of_features
from brainlake.encoding.folds import grouped
from brainlake.encoding.predict import fold_scores, prediction_scores, target_scores
from brainlake.encoding.target_ridge import ridge_per_target
from brainlake.encoding.targets import prepare
from brainlake_builder.tables.kernels import build_kernels
from evaluator.encoding.reference import ridge

GROUPS = np.array([f"g{i // 6}" for i in range(60)])


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    root = tmp_path_factory.mktemp("wide")
    return root, *build_wide(root)


def test_by_subject_region_and_target(wide):
    root, X, Y = wide
    scores = brain_alignment(
        open_bank(root), "wide", by=("subject", "roi", "target"), baselines=(), n_boot=0, n_permutations=99
    )
    here = scores.filter(folds="disjoint", selection="nested")
    assert here["n_targets"].to_list() == [10, 5, 5, 6, 4, *[1] * 10]
    targets = here.filter(pl.col("target_id").is_not_null())
    assert here["score"][0] == pytest.approx(np.median(targets["score"]))
    assert here.filter(subject="b")["score"][0] == pytest.approx(np.median(targets.filter(subject="b")["score"]))
    assert here["p_value"][0] == pytest.approx(0.01)
    assert "false discovery rate over the 10 targets" in targets["p_method"][0]
    assert scores.filter(selection="none")["p_value"].null_count() == len(scores.filter(selection="none"))
    layer = scores.filter(folds="disjoint", selection="none", layer=2).filter(pl.col("target_id").is_not_null())
    fit = ridge(spectrum_of_features(X[2]), prepare(Y.astype(np.float32), grouped(GROUPS)))
    r = target_scores(fold_scores(fit.operator, prepare(Y.astype(np.float32), grouped(GROUPS))), grouped(GROUPS))
    np.testing.assert_allclose(layer["score"], r, atol=1e-9)


def test_a_penalty_a_target(wide):
    root, X, Y = wide
    scores = brain_alignment(
        open_bank(root), "wide", protocol="grouped+penalty=target", by=("target",), baselines=(), n_boot=0
    )
    targets = prepare(Y.astype(np.float32), grouped(GROUPS))
    fit = ridge_per_target(spectrum_of_features(X[0]), targets)
    r = target_scores(prediction_scores(fit.predictions, targets), targets.folds)
    found = scores.filter(folds="disjoint", layer=0).filter(pl.col("target_id").is_not_null())
    np.testing.assert_allclose(found["score"], r, atol=1e-9)
    assert set(scores["protocol"]) == {"grouped+penalty=target"}


def test_the_best_layer_on_the_test_folds_has_its_choice_repeated(wide):
    scores = brain_alignment(
        open_bank(wide[0]), "wide", protocol="aw2024", by=(), baselines=(), n_boot=0, n_permutations=99
    )
    best = scores.filter(selection="test")
    shuffled, group = best.filter(folds="shuffled"), best.filter(folds="disjoint")
    assert shuffled["p_value"].item() is None
    assert group["p_value"].item() == pytest.approx(0.01)
    assert "the layer chosen again in each" in group["p_method"].item()


def test_rsa_and_cka_against_the_definition(wide):
    root, X, Y = wide
    rsa = brain_alignment(open_bank(root), "wide", protocol="rsa", by=())
    expected = np.mean(
        [spearmanr(pdist(X[1], "correlation"), pdist(y, "correlation"))[0] for y in (Y[:, :5], Y[:, 5:])]
    )
    assert rsa.filter(layer=1)["score"].item() == pytest.approx(expected, abs=1e-5)
    assert rsa["folds"].null_count() == len(rsa)
    centred = [X[1] - X[1].mean(0, dtype=float), Y[:, :5] - Y[:, :5].mean(0), Y[:, 5:] - Y[:, 5:].mean(0)]
    K, *L = (x @ x.T for x in centred)
    expected = np.mean([(K * one).sum() / np.sqrt((K * K).sum() * (one * one).sum()) for one in L])
    cka = brain_alignment(open_bank(root), "wide", protocol="cka", by=())
    assert cka.filter(layer=1)["score"].item() == pytest.approx(expected, abs=1e-6)


def test_several_stimulus_sets_side_by_side(wide, tmp_path):
    _, X, Y = wide
    for name, part in (("one", slice(0, 24)), ("two", slice(24, 60))):
        put_stimuli(tmp_path, name, [{"group_id": g} for g in GROUPS[part]])
        put_model(tmp_path, "m", name, X[:, part])
    rows = [("one", f"one.{i}", None, None) for i in range(24)] + [("two", f"two.{i}", None, None) for i in range(36)]
    put_recording(tmp_path, "joined", ["one", "two"], rows, {"a": Y[:, :5], "b": Y[:, 5:]})
    joined = brain_alignment(open_bank(tmp_path), "joined", by=(), baselines=(), n_boot=0)
    whole = brain_alignment(open_bank(wide[0]), "wide", by=(), baselines=(), n_boot=0)
    np.testing.assert_allclose(joined["score"], whole["score"], atol=1e-9)
    list(build_kernels(tmp_path))
    for path in (tmp_path / "sidecars/activations").rglob("*.json"):
        path.unlink()
    with pytest.raises(BrainlakeError, match="no products between stimuli of different sets"):
        brain_alignment(open_bank(tmp_path), "joined")


def test_the_same_scores_with_any_number_of_threads(wide):
    one, three = (brain_alignment(open_bank(wide[0]), "wide", threads=n, n_boot=40) for n in (1, 3))
    assert one.equals(three)


def test_unique_variance_of_what_a_baseline_explains_is_nothing(tmp_path):
    build_wide(tmp_path)
    texts = [f"{a} {b}" for a, b in np.random.default_rng(0).integers(20, size=(60, 2))]
    put_stimuli(tmp_path, "t", [{"group_id": g, "text": t} for g, t in zip(GROUPS, texts, strict=True)])
    E = random_embedding(pl.DataFrame({"text": texts}))
    put_model(tmp_path, "words", "t", E[None])
    Y = E @ np.random.default_rng(1).standard_normal((100, 4)) + np.random.default_rng(2).standard_normal((60, 4))
    put_recording(tmp_path, "bow", ["t"], [("t", f"t.{i}", None, None) for i in range(60)], {"a": Y})
    scores = brain_alignment(open_bank(tmp_path), "bow", by=(), baselines=("random_embedding",), n_boot=100)
    headline = scores.filter(
        pl.col("layer").is_null(), pl.col("selection") != "test", folds="disjoint", metric="pearson"
    )
    model, baseline = (headline.filter(model=m)["score"].item() for m in ("words", "baseline:random_embedding"))
    assert model == pytest.approx(baseline, abs=1e-6)
    assert model > 0.5
    assert abs(scores.filter(metric="unique_r2")["score"].item()) < 0.01


def test_similarity_of_one_target_is_refused(tmp_path, wide):
    _, _, Y = wide
    build_wide(tmp_path)
    put_recording(tmp_path, "single", ["s"], [("s", f"s.{i}", None, None) for i in range(60)], {"a": Y[:, :1]})
    with pytest.raises(BrainlakeError, match="undefined for a subject with one target"):
        brain_alignment(open_bank(tmp_path), "single", protocol="cka")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"by": ("nope",)}, "unknown level 'nope'"), ({"baselines": ("word_rate",)}, "word rate is unknown")],
)
def test_what_is_refused(wide, arguments, message):
    with pytest.raises(BrainlakeError, match=message):
        brain_alignment(open_bank(wide[0]), "wide", **arguments)
