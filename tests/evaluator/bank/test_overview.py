"""What can be scored on what, from sidecars and the table of benchmarks."""

import polars as pl
import pytest

from banks import build_story, build_wide, put
from brainlake import open_bank
from brainlake.bank.manifest import rebuild_manifest
from brainlake.bank.overview import features_of, scorable
from brainlake.contract.sidecar import Sidecar

FACTS = {"sha256": "", "bytes": 1, "rows": 1, "created_at": ""}


def feature(table, model, stimulus_set, recipe="document"):
    path = f"{table}/{model}/{stimulus_set}/{recipe}"
    return Sidecar(path, kind=table, model=model, stimulus_set=stimulus_set, recipe=recipe, **FACTS)


def named(table, name):
    return Sidecar(f"{table}/{name}", kind=table, name=name, **FACTS)


def benchmarks(**of):
    """Benchmark to stimulus sets, or to (parts,) where it is composite."""
    rows = [
        {"benchmark": name, "stimulus_sets": None if isinstance(what, tuple) else what}
        | {"composite_of": list(what) if isinstance(what, tuple) else None}
        for name, what in of.items()
    ]
    kinds = {"benchmark": pl.String, "stimulus_sets": pl.List(pl.String), "composite_of": pl.List(pl.String)}
    return pl.DataFrame(rows, schema=kinds)


def models(sidecars, table):
    return {one.benchmark: set(one.models) for one in scorable(sidecars, table)}


def test_recipes_of_a_kind_are_one_feature():
    sidecars = [feature("activations", "m", "s"), feature("activations", "m", "s", "aw2024"), named("stimuli", "s")]
    assert features_of([*sidecars, feature("kernels", "m", "t")]) == {
        ("m", "s"): {"activations"},
        ("m", "t"): {"kernels"},
    }


def test_a_model_needs_features_of_every_stimulus_set_of_the_right_kind():
    sidecars = [
        *(named("responses", name) for name in ("one", "two")),
        named("reading_times", "read"),
        *(feature("activations", "both", s) for s in ("s", "t")),
        feature("kernels", "half", "s"),
        feature("surprisal", "words", "s"),
    ]
    found = models(sidecars, benchmarks(one=["s"], two=["s", "t"], read=["s"], absent=["s"]))
    assert found == {"one": {"both", "half"}, "two": {"both"}, "read": {"words"}, "absent": set()}


def test_a_composite_needs_every_part_at_any_depth():
    sidecars = [named("responses", n) for n in "ab"] + [feature("activations", "m", n) for n in "ab"]
    sidecars += [feature("activations", "n", "a")]
    table = benchmarks(a=["a"], b=["b"], inner=("a",), outer=("inner", "b"), lost=("a", "gone"))
    assert models(sidecars, table) == {"a": {"m", "n"}, "b": {"m"}, "inner": {"m", "n"}, "outer": {"m"}, "lost": set()}
    whole = {one.benchmark: one for one in scorable(sidecars, table)}
    assert whole["outer"].stimulus_sets == ("a", "b")
    assert whole["outer"].recordings == ("responses",)
    assert whole["lost"].recordings == ()


def test_a_composite_that_holds_itself_ends():
    assert models([], benchmarks(a=("b",), b=("a",))) == {"a": set(), "b": set()}


@pytest.mark.parametrize(("build", "benchmark"), [(build_wide, "wide"), (build_story, "story")])
def test_what_it_says_can_be_scored_is_scored(tmp_path, build, benchmark):
    build(tmp_path)
    put(tmp_path, "benchmarks", "other", [{"benchmark": "other", "stimulus_sets": ["none"], "unit": "stimulus"}])
    rebuild_manifest(tmp_path)
    found = open_bank(tmp_path).overview
    assert {one.benchmark: set(one.models) for one in found.benchmarks} == {benchmark: {"m"}, "other": set()}
    assert (found.models, found.recipes, found.n_files) == (("m",), ("document",), len(open_bank(tmp_path).files))
