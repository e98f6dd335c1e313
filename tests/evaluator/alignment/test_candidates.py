"""What is scored on a benchmark, and what stands for a recipe in its parts."""

import pytest

from brainlake import BrainlakeError, UnknownNameError, open_bank
from brainlake.alignment.candidates import Benchmark, Candidate, benchmark_tree, candidates

ONE = Benchmark("one", models=(("m", "aw2024"), ("n", "aw2024"), ("m", "document")))
SCANS = Benchmark("scans", models=(("m", "aw2024.wehbe"), ("m", "document")), has_scans=True)
BOTH = Benchmark("both", parts=(ONE, SCANS))
NESTED = Benchmark("all", parts=(BOTH, Benchmark("more", models=(("m", "document"),))))


def test_leaves_are_the_benchmarks_with_recordings_in_order():
    assert [leaf.name for leaf in NESTED.leaves()] == ["one", "scans", "more"]
    assert list(ONE.leaves()) == [ONE]


def test_everything_by_default_and_what_is_named_else():
    assert {(c.model, c.recipe) for c in candidates(ONE, None, None)} == set(ONE.models)
    assert [(c.model, c.recipe) for c in candidates(ONE, ["n"], None)] == [("n", "aw2024")]
    (found,) = candidates(ONE, ["m"], ["document+pool=last"])
    assert found.on("one") == ("m", "document")


def test_a_recipe_stands_for_its_family_in_every_part():
    for asked in ("aw2024", "aw2024.wehbe"):
        (found,) = candidates(BOTH, ["m"], [asked])
        assert found.recipe == asked
        assert (found.on("one"), found.on("scans")) == (("m", "aw2024"), ("m", "aw2024.wehbe"))


def test_two_names_of_the_same_thing_are_scored_once():
    recipes = [(dict(c.recipes)["one"], dict(c.recipes)["scans"]) for c in candidates(BOTH, ["m"], None)]
    assert sorted(recipes) == [("aw2024", "aw2024.wehbe"), ("document", "document")]


def test_changes_of_a_recipe_belong_to_its_family():
    changed = Benchmark("a", models=(("m", "aw2024+dtype=float16"),))
    plain = Benchmark("b", models=(("m", "aw2024.wehbe+dtype=float16"), ("m", "aw2024.wehbe")))
    (found,) = candidates(Benchmark("c", (changed, plain)), None, ["aw2024+dtype=float16"])
    assert found == Candidate(
        "m", "aw2024+dtype=float16", (("a", "aw2024+dtype=float16"), ("b", "aw2024.wehbe+dtype=float16"))
    )


@pytest.mark.parametrize(
    ("models", "recipes", "message"),
    [(["x"], None, "unknown model 'x'"), (None, ["nope"], "unknown recipe 'nope'")],
)
def test_what_no_part_has(models, recipes, message):
    with pytest.raises(UnknownNameError, match=message):
        candidates(BOTH, models, recipes)


def test_a_part_that_lacks_the_features_is_named():
    with pytest.raises(BrainlakeError, match="both: its part scans has no features of n under aw2024; extract them"):
        candidates(BOTH, ["n"], None)
    with pytest.raises(BrainlakeError, match="all: its part more has no features of m under aw2024"):
        candidates(NESTED, ["m"], ["aw2024"])


def test_a_tree_is_read_from_a_bank(toy_bank):
    bank = open_bank(toy_bank)
    assert benchmark_tree(bank, "toy.brain") == Benchmark("toy.brain", models=(("m", "document"),))
    with pytest.raises(UnknownNameError, match=r"unknown brain benchmark 'toy\.reading'.*there is: toy\.brain"):
        benchmark_tree(bank, "toy.reading")
