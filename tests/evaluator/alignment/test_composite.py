"""Composite benchmarks: the paper's ``aw2024.brain``, TRs and stimuli mixed, is the mean by hand; what is lacking."""

import shutil

import numpy as np
import polars as pl
import pytest

from banks import build_story, build_wide, put, put_model, put_recording, put_stimuli
from brainlake import BrainlakeError, UnknownNameError, brain_alignment, open_bank
from brainlake.alignment.score_table import together
from brainlake.bank.manifest import rebuild_manifest

SENTENCES = ("pereira2018.243", "pereira2018.384", "blank2014")
PARTS = {"pereira2018": SENTENCES[:2], "aw2024.brain": ("pereira2018", "blank2014", "wehbe2014")}


def put_composite(root, name, parts):
    put(root, "benchmarks", name, [{"benchmark": name, "stimulus_sets": ["s"], "composite_of": list(parts)}])
    rebuild_manifest(root)


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    """Simulated recordings of the three parts, the first in two experiments; wehbe2014 in TRs, under its own recipe."""
    root = tmp_path_factory.mktemp("papers")
    rng = np.random.default_rng(3)
    for name in SENTENCES:
        rows = [{"group_id": f"g{i // 6}", "document_id": f"g{i // 6}", "text": f"w{i % 7} x"} for i in range(60)]
        put_stimuli(root, name, rows)
        X = rng.standard_normal((2, 60, 8))
        Y = X[1] @ rng.standard_normal((8, 4)) + 2 * rng.standard_normal((60, 4))
        put_model(root, "m", name, X, "aw2024")
        put_recording(root, name, [name], [(name, f"{name}.{i}", None, None) for i in range(60)], {"a": Y})
    X, Y, _ = build_story(root)
    for path in (root / "activations/m/w").iterdir():
        path.unlink()
    put_model(root, "m", "w", X, "aw2024.wehbe")
    rows = [("w", f"tr{k}", "1", 2.0 * k) for k in range(160)]
    put_recording(root, "wehbe2014", ["w"], rows, Y, unit="tr", tr_s=2.0, response_shift_s=0.0)
    for name, parts in PARTS.items():
        put_composite(root, name, parts)
    return root


def mean_by_hand(headline, benchmark):
    if benchmark in PARTS:
        return np.mean([mean_by_hand(headline, part) for part in PARTS[benchmark]])
    return headline[benchmark]


@pytest.mark.parametrize("protocol", ["aw2024", "grouped"])
def test_scans_and_sentences_have_a_mean(papers, protocol):
    bank, baselines = open_bank(papers), ("position",)

    def headlines(benchmark):
        scores = brain_alignment(bank, benchmark, protocol=protocol, baselines=baselines, n_boot=0)
        return scores.filter(kind="headline").select("model", "benchmark", "score").rows()

    together, alone = headlines("aw2024.brain"), [row for part in (*SENTENCES, "wehbe2014") for row in headlines(part)]
    for model in ("m", "baseline:position"):
        found = {benchmark: score for name, benchmark, score in together if name == model}
        by_part = {benchmark: score for name, benchmark, score in alone if name == model}
        assert len(by_part) == 4
        assert {part: found[part] for part in by_part} == by_part
        for benchmark in PARTS:
            assert found[benchmark] == pytest.approx(mean_by_hand(by_part, benchmark), abs=1e-12)


def test_the_row_says_what_it_is_made_of(papers):
    scores = brain_alignment(open_bank(papers), "aw2024.brain", protocol="aw2024", baselines=(), n_boot=0)
    first = scores.row(0, named=True)
    expected = {"benchmark": "aw2024.brain", "model": "m", "recipe": "aw2024", "recipe_digest": None}
    expected |= {"folds": "shuffled, disjoint", "n_stimuli": 3 * 60 + 125, "n_targets": 3 * 4 + 6, "selection": "test"}
    assert {name: first[name] for name in expected} == expected
    inner = scores.filter(benchmark="pereira2018", kind="headline").row(0, named=True)
    assert (inner["recipe"], inner["folds"], inner["n_folds"]) == ("aw2024", "shuffled", 10)
    assert inner["recipe_digest"] is not None
    assert scores.filter(benchmark="aw2024.brain", kind="other_folds").is_empty()


@pytest.mark.parametrize("recipes", [["aw2024"], ["aw2024.wehbe"], ["aw2024", "aw2024.wehbe"]])
def test_a_recipe_stands_for_its_family_in_the_parts(papers, recipes):
    scores = brain_alignment(open_bank(papers), "aw2024.brain", recipes=recipes, baselines=(), n_boot=0)
    made_of = scores.filter(kind="headline").select("benchmark", "recipe").rows()
    assert sorted(made_of)[1:] == [
        ("blank2014", "aw2024"),
        *((name, "aw2024") for name in ("pereira2018", *SENTENCES[:2])),
        ("wehbe2014", "aw2024.wehbe"),
    ]


def test_what_models_explain_beyond_baselines_has_a_mean_although_the_baselines_differ(papers):
    beyond = brain_alignment(open_bank(papers), "aw2024.brain", n_boot=0).filter(kind="beyond")
    by_part = dict(beyond.select("benchmark", "score").iter_rows())
    assert by_part["aw2024.brain"] == pytest.approx(mean_by_hand(by_part, "aw2024.brain"), abs=1e-12)
    texts = dict(beyond.select("benchmark", "aggregation").iter_rows())
    assert "word_rate" in texts["wehbe2014"]
    assert "word_rate" not in texts["blank2014"]


def test_a_model_that_a_part_lacks_is_named_with_the_part(papers, tmp_path):
    shutil.copytree(papers, tmp_path / "bank")
    bank = tmp_path / "bank"
    put_model(bank, "n", "blank2014", np.random.default_rng(0).standard_normal((1, 60, 8)), "aw2024")
    message = r"aw2024.brain: its part pereira2018.243 has no features of n under aw2024; .* or score the parts by name"
    with pytest.raises(BrainlakeError, match=message):
        brain_alignment(open_bank(bank), "aw2024.brain", n_boot=0)
    scores = brain_alignment(open_bank(bank), "aw2024.brain", models=["m"], baselines=(), n_boot=0)
    assert "aw2024.brain" in scores["benchmark"]
    with pytest.raises(UnknownNameError, match="unknown model 'nope'"):
        brain_alignment(open_bank(bank), "aw2024.brain", models=["nope"])


def test_a_part_that_the_bank_lacks_is_named(papers, tmp_path):
    shutil.copytree(papers, tmp_path / "bank")
    for path in (tmp_path / "bank").rglob("wehbe2014.parquet*"):
        path.unlink()
    rebuild_manifest(tmp_path / "bank")
    with pytest.raises(BrainlakeError, match=r"no responses of its part wehbe2014; .* by name: pereira2018, blank2014"):
        brain_alignment(open_bank(tmp_path / "bank"), "aw2024.brain")


def test_recipes_of_one_family_in_one_part_are_scored_each_on_its_own(papers, tmp_path):
    shutil.copytree(papers, tmp_path / "bank")
    put_model(tmp_path / "bank", "m", "w", np.random.default_rng(0).standard_normal((2, 600, 8)), "aw2024")
    both = brain_alignment(open_bank(tmp_path / "bank"), "aw2024.brain", baselines=(), n_boot=0)
    recipes = both.filter(benchmark="aw2024.brain", kind="headline")["recipe"]
    assert sorted(recipes) == ["aw2024", "aw2024.wehbe"]


def test_a_part_beside_its_composite_counts_once(papers):
    bank = open_bank(papers)
    both = [brain_alignment(bank, name, baselines=(), n_boot=0) for name in ("pereira2018", "pereira2018.243")]
    assert together(both).equals(both[0])


def test_ceilings_have_a_mean_where_each_part_has_one(tmp_path):
    *_, Y = build_wide(tmp_path)
    rows = [("s", f"s.{i}", None, None) for i in range(60)]
    put_recording(tmp_path, "other", ["s"], rows, {"c": Y[::-1, :3]})
    put_composite(tmp_path, "both", ("wide", "other"))
    ceilings = {"protocol": "grouped", "folds": "grouped", "method": "m", "scale": "max_r", "source": "here"}
    for name, value in (("wide", 0.4), ("other", 0.2)):
        put(tmp_path, "ceilings", name, [ceilings | {"benchmark": name, "value": value}])
    rebuild_manifest(tmp_path)
    for protocol, expected in (("grouped", 0.3), ("grouped+inner=gcv", 0.3), ("grouped+folds=5", None)):
        scores = brain_alignment(open_bank(tmp_path), "both", protocol=protocol, n_boot=0)
        both = scores.filter(benchmark="both", model="m")
        headline = both.filter(kind="headline").row(0, named=True)
        assert headline["ceiling"] == pytest.approx(expected)
        assert headline["n_targets"] == 13
        assert headline["n_folds"] == (5 if "folds" in protocol else 10)
        assert set(both["folds"]) == {"disjoint", "shuffled"}
        assert both["layer"].null_count() == len(both)
        assert both.filter(pl.col("kind") == "other_folds")["ceiling"].item() is None
