"""Brain alignment against scikit-learn, fold by fold, and what a table of scores promises."""

import numpy as np
import polars as pl
import pytest
from scipy.stats import pearsonr
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import ShuffleSplit

from brainlake import KINDS, BrainlakeError, UnknownNameError, behavioral_alignment, brain_alignment, open_bank
from brainlake.alignment.baselines import BASELINES, Baseline
from brainlake.bank.manifest import rebuild_manifest
from brainlake.contract.schema import SCORES
from brainlake.encoding.folds import grouped

ROIS = ("front", "back", "all")


def naive_aw2024(X, Y):
    """Median over targets, mean over the ten shuffled splits, of least squares."""
    splits = []
    for train, test in ShuffleSplit(10, train_size=0.9, random_state=1).split(X):
        P = LinearRegression().fit(X[train], Y[train]).predict(X[test])
        splits.append(np.median([pearsonr(P[:, v], Y[test, v])[0] for v in range(Y.shape[1])]))
    return np.mean(splits)


@pytest.fixture(scope="module")
def aw2024(toy_bank):
    return brain_alignment(open_bank(toy_bank), "toy.brain", protocol="aw2024", by=("roi",), n_boot=200)


@pytest.fixture(scope="module")
def nested(toy_bank):
    return brain_alignment(open_bank(toy_bank), "toy.brain", by=("roi",), n_boot=200)


def test_aw2024_equals_the_plain_loop(aw2024, toy_arrays):
    X, Y, *_ = toy_arrays
    for layer in range(len(X)):
        here = aw2024.filter(layer=layer, folds="shuffled", selection="none")
        assert here.filter(pl.col("roi").is_null())["score"].item() == pytest.approx(
            naive_aw2024(X[layer], Y), abs=1e-6
        )
        for i, roi in enumerate(ROIS):
            expected = naive_aw2024(X[layer], Y[:, i : i + 1])
            assert here.filter(roi=roi)["score"].item() == pytest.approx(expected, abs=1e-6)


def test_aw2024_takes_the_best_layer_on_the_test_folds(aw2024):
    here = aw2024.filter(pl.col("roi").is_null(), folds="shuffled", model="m")
    best = here.filter(selection="test")
    assert best["score"].item() == here.filter(selection="none")["score"].max()
    assert best["selected_layers"].item().to_list() == [1]
    assert best["ci_low"].item() is None
    assert best["ci_method"].item() == "none: the layer was chosen on the test folds"


def test_shuffled_splits_have_no_interval(aw2024):
    here = aw2024.filter(folds="shuffled", selection="none")
    assert here["ci_low"].null_count() == len(here)
    assert set(here["ci_method"]) == {"none: the splits overlap"}


def test_nested_choice_finds_the_layer_and_has_an_interval(nested):
    here = nested.filter(pl.col("roi").is_null(), model="m", kind="headline")
    assert set(here["selected_layers"].item()) == {1}
    assert here["ci_low"].item() < here["score"].item() < here["ci_high"].item()
    assert here["ci_method"].item() == "t from a bootstrap of folds, corrected for shared training data"


def test_both_kinds_of_folds_and_the_baselines_stand_beside(nested):
    assert set(nested.select("folds", "kept_whole", "n_folds").rows()) == {
        ("disjoint", "groups", 6),
        ("shuffled", None, 10),
    }
    assert set(nested["model"]) == {"m", *(f"baseline:{b}" for b in ("position", "length", "oasm", "random_embedding"))}


def test_ceilings_belong_to_their_region(nested):
    assert nested.filter(pl.col("roi").is_null())["ceiling"].null_count() == len(nested.filter(pl.col("roi").is_null()))
    regions = nested.filter(pl.col("roi").is_not_null(), pl.col("score").is_not_null(), metric="pearson")
    np.testing.assert_allclose(regions["normalized"], regions["score"] / 0.8)


def test_columns_are_those_of_the_contract(nested):
    assert nested.columns == SCORES.names
    assert set(nested["n_stimuli"]) == {60}


def test_every_row_is_of_one_known_kind_and_headlines_come_first(nested):
    assert set(nested["kind"]) == set(KINDS) - {"centred", "curvature", "left_out"}  # those of reading
    places = [list(KINDS).index(kind) for kind in nested["kind"]]
    assert places == sorted(places)
    headlines = nested.filter(kind="headline")
    assert headlines.row(0) == nested.row(0)
    assert headlines["model"][0] == "m"
    baselines = headlines["model"].str.starts_with("baseline:").to_list()
    assert baselines == sorted(baselines)


def test_a_kind_has_one_row_a_question(nested, aw2024):
    for scores in (nested, aw2024):
        key = ("kind", "model", "recipe", "layer", "subject", "roi", "target_id")
        assert len(scores) == len(scores.unique(key))


def test_kinds_say_what_selection_folds_and_metric_say(nested, aw2024):
    headline = nested.filter(kind="headline", model="m")
    assert set(headline.select("folds", "selection", "metric").rows()) == {("disjoint", "nested", "pearson")}
    assert set(nested.filter(kind="beyond")["metric"]) == {"unique_r2"}
    assert set(nested.filter(pl.col("kind").str.starts_with("other_folds"))["folds"]) == {"shuffled"}
    assert nested.filter(pl.col("kind").str.ends_with("layer"))["layer"].null_count() == 0
    assert set(aw2024.filter(kind="headline", model="m").select("folds", "selection").rows()) == {("shuffled", "test")}
    assert set(aw2024["kind"]) == {"headline", "layer", "other_folds", "other_folds_layer"}


def test_folds_are_as_many_as_are_asked_for(toy_bank):
    bank = open_bank(toy_bank)
    three = brain_alignment(bank, "toy.brain", protocol="grouped+folds=3", n_boot=0, baselines=())
    assert set(three.select("protocol", "folds", "n_folds").rows()) == {
        ("grouped+folds=3", "disjoint", 3),
        ("grouped+folds=3", "shuffled", 10),
    }
    assert len(three.filter(kind="headline")["selected_layers"].item()) == 3


def test_a_new_baseline_changes_no_default(toy_bank, nested, monkeypatch):
    constant = Baseline(lambda _bank, recording, _width: np.ones((len(recording.stimuli), 1)))
    monkeypatch.setitem(BASELINES, "constant", constant)
    bank = open_bank(toy_bank)
    assert brain_alignment(bank, "toy.brain", by=("roi",), n_boot=200).equals(nested)
    asked = brain_alignment(bank, "toy.brain", baselines=("constant", "length", "constant"), n_boot=0)
    assert asked.filter(kind="headline")["model"].to_list() == ["m", "baseline:constant", "baseline:length"]


@pytest.mark.parametrize("protocol", ["rsa", "cka", "grouped+penalty=target", "grouped+criterion=correlation"])
def test_permutations_that_would_be_ignored_are_refused(toy_bank, protocol):
    with pytest.raises(BrainlakeError, match="has no p values"):
        brain_alignment(open_bank(toy_bank), "toy.brain", protocol=protocol, n_permutations=99)


def test_replicates_that_give_no_interval_are_refused(toy_bank):
    for score, benchmark in ((brain_alignment, "toy.brain"), (behavioral_alignment, "toy.reading")):
        with pytest.raises(BrainlakeError, match="39 bootstrap replicates; a 95 % interval needs at least 40"):
            score(open_bank(toy_bank), benchmark, n_boot=39)


def test_folds_never_split_a_document(toy_bank):
    groups = open_bank(toy_bank).stimuli("toy")["group_id"].to_numpy()
    folds = grouped(groups)
    for train, test in zip(folds.train, folds.test, strict=True):
        assert not set(groups[train]) & set(groups[test])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"benchmark": "nope"}, "unknown brain benchmark 'nope'; there is: toy.brain"),
        ({"models": ["nope"]}, "unknown model 'nope'; there is: m"),
        ({"recipes": ["nope"]}, "unknown recipe 'nope'; there is: document"),
        ({"protocol": "nope"}, "unknown protocol 'nope'; there is: aw2024, cka, grouped, rsa"),
        ({"layers": [7]}, "unknown layer '7'; there is: 0, 1, 2"),
        ({"baselines": ["nope"]}, "unknown baseline 'nope'"),
    ],
)
def test_unknown_names(toy_bank, arguments, message):
    with pytest.raises(UnknownNameError, match=message):
        brain_alignment(open_bank(toy_bank), **{"benchmark": "toy.brain"} | arguments)


def test_activations_of_other_stimuli_are_refused(own_bank):
    path = next((own_bank / "sidecars/activations").rglob("*.json"))
    text = path.read_text()
    digest = text.split('"stimuli_sha256": "')[1][:64]
    path.write_text(text.replace(digest, "0" * 64))
    rebuild_manifest(own_bank)
    with pytest.raises(BrainlakeError, match="other stimuli"):
        brain_alignment(open_bank(own_bank), "toy.brain")
