"""The front door: what ``import brainlake`` shows, and what it says to a wrong call before any work is done."""

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import brainlake
from brainlake import (
    BrainlakeError,
    behavioral_alignment,
    brain_alignment,
    compare,
    indistinguishable,
    open_bank,
    property_correlations,
    published,
    summary,
    surprisal_shapes,
    training_curves,
    tuning_effect,
    tuning_pairs,
)


def test_it_shows_what_is_public_and_nothing_else():
    importlib.import_module("brainlake.cli")
    assert dir(brainlake) == sorted(brainlake.__all__)
    assert all(getattr(brainlake, name) is not None for name in brainlake.__all__)


def test_it_shows_the_same_to_a_type_checker():
    tree = ast.parse(Path(brainlake.__file__).read_text())
    imported = [alias.asname for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert set(brainlake.__all__) == set(imported) - {None}


def test_it_loads_nothing_until_a_name_is_used():
    heavy = "torch transformers datasets matplotlib rich sklearn scipy duckdb polars pyarrow numpy"
    assert loaded("brainlake", heavy) == "[]"


def test_scoring_loads_nothing_that_takes_a_second_and_is_seldom_needed():
    heavy = "sklearn scipy.stats scipy.optimize pandas"
    assert loaded("brainlake.brain_alignment", heavy) == "[]"


def loaded(used: str, names: str) -> str:
    code = f"import sys, brainlake; {used}; print([m for m in '{names}'.split() if m in sys.modules])"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_a_name_that_is_not_there_suggests_one():
    code = "import brainlake; brainlake.brain_alignmnt"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "Did you mean: 'brain_alignment'?" in done.stderr


def brain(bank, benchmark="toy.brain", **options):
    return brain_alignment(bank, benchmark, **{"n_boot": 0, "threads": 1} | options)


def reading(bank, benchmark="toy.reading", **options):
    return behavioral_alignment(bank, benchmark, **{"n_boot": 0} | options)


NAMES = "a name, or a list of names"
SOME = "a name, or a list of names with one at least"
LAYERS = "a whole number, 0 or more, or a list of them"
WRONG = {
    "brain: n_boot=-1": (lambda b: brain(b, n_boot=-1), "a whole number, 0 or more"),
    "brain: n_boot=True": (lambda b: brain(b, n_boot=True), "a whole number, 0 or more"),
    "brain: n_boot=10.0": (lambda b: brain(b, n_boot=10.0), "a whole number, 0 or more"),
    "brain: n_boot=None": (lambda b: brain(b, n_boot=None), "a whole number, 0 or more"),
    "brain: n_boot=10000000": (lambda b: brain(b, n_boot=10**7), "a whole number, 1000000 or less"),
    "brain: n_permutations=10000000": (lambda b: brain(b, n_permutations=10**7), "a whole number, 1000000 or less"),
    "brain: progress=5": (lambda b: brain(b, progress=5), "a function of the layers of a model, and a label"),
    "brain: failures=None": (lambda b: brain(b, failures=None), "a brainlake.errors.Failures"),
    "brain: recipes=[]": (lambda b: brain(b, recipes=[]), SOME),
    "brain: n_permutations=-3": (lambda b: brain(b, n_permutations=-3), "a whole number, 0 or more"),
    "brain: threads=0": (lambda b: brain(b, threads=0), "a whole number, 1 or more"),
    "brain: threads='2'": (lambda b: brain(b, threads="2"), "a whole number, 1 or more"),
    "brain: layers=[-1]": (lambda b: brain(b, layers=[-1]), LAYERS),
    "brain: layers=[]": (lambda b: brain(b, layers=[]), LAYERS),
    "brain: layers=1.0": (lambda b: brain(b, layers=1.0), LAYERS),
    "brain: layers='1'": (lambda b: brain(b, layers="1"), LAYERS),
    "brain: layers=[[1, 2]]": (lambda b: brain(b, layers=[[1, 2]]), LAYERS),
    "brain: layers=True": (lambda b: brain(b, layers=True), LAYERS),
    "brain: models=[['m']]": (lambda b: brain(b, models=[["m"]]), NAMES),
    "brain: models=3": (lambda b: brain(b, models=3), NAMES),
    "brain: models=[None]": (lambda b: brain(b, models=[None]), NAMES),
    "brain: models={'m': 1}": (lambda b: brain(b, models={"m": 1}), NAMES),
    "brain: models=''": (lambda b: brain(b, models=""), NAMES),
    "brain: models=b'm'": (lambda b: brain(b, models=b"m"), NAMES),
    "brain: recipes=0": (lambda b: brain(b, recipes=0), NAMES),
    "brain: baselines=[1]": (lambda b: brain(b, baselines=[1]), NAMES),
    "brain: by=1": (lambda b: brain(b, by=1), NAMES),
    "brain: benchmark=None": (lambda b: brain(b, None), "a name, as text"),
    "brain: benchmark=['toy.brain']": (lambda b: brain(b, ["toy.brain"]), "a name, as text"),
    "brain: protocol=None": (lambda b: brain(b, protocol=None), "a name, as text"),
    "brain: bank=None": (lambda _: brain(None), "a folder, or owner/name[@revision] on the Hub"),
    "brain: bank=5": (lambda _: brain(5), "a folder, or owner/name[@revision] on the Hub"),
    "reading: n_boot=-1": (lambda b: reading(b, n_boot=-1), "a whole number, 0 or more"),
    "reading: models=[1.5]": (lambda b: reading(b, models=[1.5]), NAMES),
    "reading: recipes=[['document']]": (lambda b: reading(b, recipes=[["document"]]), NAMES),
    "reading: benchmark=7": (lambda b: reading(b, 7), "a name, as text"),
    "reading: pooled='no'": (lambda b: reading(b, pooled="no"), "True or False"),
    "reading: recipes=()": (lambda b: reading(b, recipes=()), SOME),
    "reading: protocol=[]": (lambda b: reading(b, protocol=[]), SOME),
    "reading: measures=[]": (lambda b: reading(b, measures=[]), SOME),
    "reading: words=['all']": (lambda b: reading(b, words=["all"]), "a name, as text"),
    "reading: frequency=5": (lambda b: reading(b, protocol="pearson", frequency=5), "a name, as text"),
    "shapes: models=[]": (lambda b: surprisal_shapes(b, "toy.reading", models=[]), SOME),
    "compare: protocol=[]": (lambda b: compare(b, "toy.brain", protocol=[]), "a name, as text"),
    "compare: protocol=''": (lambda b: compare(b, "toy.brain", protocol=""), "a name, as text"),
    "compare: models=[]": (lambda b: compare(b, "toy.reading", models=[]), SOME),
    "compare: recipes=[]": (lambda b: compare(b, "toy.reading", recipes=[]), SOME),
    "compare: measures=[]": (lambda b: compare(b, "toy.reading", measures=[]), SOME),
    "compare: stimuli=[]": (lambda b: compare(b, "toy.reading", stimuli=[]), SOME),
    "compare: frequency=['a']": (lambda b: compare(b, "toy.reading", frequency=["a"]), "a name, as text"),
    "compare: n_boot=10000000": (lambda b: compare(b, "toy.brain", n_boot=10**7), "a whole number, 1000000 or less"),
    "published: gpt2='no'": (lambda _: published(gpt2="no"), "True or False"),
    "shapes: benchmark=['toy.reading']": (lambda b: surprisal_shapes(b, ["toy.reading"]), "a name, as text"),
    "open_bank: download='no'": (lambda b: open_bank("x", download="no"), "True or False"),
    "sql: unrestricted='no'": (lambda b: b.sql("select 1", unrestricted="no"), "True or False"),
    "sql: seconds=-1": (lambda b: b.sql("select 1", seconds=-1), "a number above 0"),
    "sql: seconds='1'": (lambda b: b.sql("select 1", seconds="1"), "a number above 0"),
    "sql: seconds=True": (lambda b: b.sql("select 1", seconds=True), "a number above 0"),
    "sql: seconds=nan": (lambda b: b.sql("select 1", seconds=float("nan")), "a number above 0"),
    "sql: query='a\\ud800'": (lambda b: b.sql("a\ud800"), "one select statement, as text"),
    "table: model='a\\ud800'": (lambda b: b.table("models", model="a\ud800"), "a text or a number"),
    "feature_file: table=['activations']": (
        lambda b: b.feature_file(["activations"], "m", "toy", "document"),
        "a name, as text",
    ),
    "sql: memory=0": (lambda b: b.sql("select 1", memory=0), "a whole number, 1 or more"),
    "sql: memory='4GB'": (lambda b: b.sql("select 1", memory="4GB"), "a whole number, 1 or more"),
    "summary: layers='no'": (lambda b: summary(brain(b, n_boot=0), layers="no"), "True or False"),
    "open_bank: bank=''": (lambda _: open_bank(""), "a folder, or owner/name[@revision] on the Hub"),
    "open_bank: bank=b'demo'": (lambda _: open_bank(b"demo"), "a folder, or owner/name[@revision] on the Hub"),
    "open_bank: bank=['x']": (lambda _: open_bank([["x"]]), "a folder, or owner/name[@revision] on the Hub"),
    "activations: layer='1'": (lambda b: b.activations("m", "toy", "1"), "a whole number, 0 or more"),
    "activations: layer=-1": (lambda b: b.activations("m", "toy", -1), "a whole number, 0 or more"),
    "activations: layer=True": (lambda b: b.activations("m", "toy", True), "a whole number, 0 or more"),
    "activations: model=None": (lambda b: b.activations(None, "toy", 1), "a name, as text"),
    "activations: stimulus_set=1": (lambda b: b.activations("m", 1, 1), "a name, as text"),
    "activations: recipe=['document']": (lambda b: b.activations("m", "toy", 1, ["document"]), "a name, as text"),
    "table: table=5": (lambda b: b.table(5), "a name, as text"),
    "table: model=None": (lambda b: b.table("models", model=None), "a text or a number"),
    "table: model=['m']": (lambda b: b.table("models", model=["m"]), "a text or a number"),
    "sql: query=None": (lambda b: b.sql(None), "one select statement, as text"),
    "stimuli: name=None": (lambda b: b.stimuli(None), "a name, as text"),
    "names: kind=3": (lambda b: b.names(3), "a name, as text"),
    "sidecar: name=[]": (lambda b: b.sidecar("models", []), "a name, as text"),
    "feature_files: model=0": (lambda b: b.feature_files("kernels", "toy", 0), "a name, as text"),
    "feature_files: table=0": (lambda b: b.feature_files(0, "toy"), "a name, as text"),
}


@pytest.mark.parametrize("call", WRONG)
def test_a_wrong_argument_is_shown_with_what_is_possible(toy_bank, call):
    wrong, possible = WRONG[call]
    message = f"{call.partition(': ')[2]} is not possible: it is {possible}"
    with pytest.raises(BrainlakeError, match=f"^{re.escape(message)}$"):
        wrong(open_bank(toy_bank))


UNKNOWN = {
    "unknown brain benchmark 'toy.brian' (did you mean 'toy.brain'?); there is: toy.brain": lambda b: brain(
        b, "toy.brian"
    ),
    "unknown model 'n'; there is: m": lambda b: brain(b, models="n"),
    "unknown layer '9'; there is: 0, 1, 2": lambda b: brain(b, layers=9),
    "unknown recipe 'documents' (did you mean 'document'?); there is: document": lambda b: brain(
        b, recipes="documents"
    ),
    "unknown level 'rio' (did you mean 'roi'?); there is: roi, subject, target": lambda b: brain(b, by="rio"),
    "unknown protocol 'groupd' (did you mean 'grouped'?); there is: aw2024, cka, grouped, rsa": lambda b: brain(
        b, protocol="groupd"
    ),
    "unknown reading-time benchmark 'toy.readings' (did you mean 'toy.reading'?); there is: toy.reading": lambda b: (
        reading(b, "toy.readings")
    ),
    "unknown table with named files 'model' (did you mean 'models'?); there is: benchmarks, ceilings": lambda b: (
        b.names("model")
    ),
    "unknown table with named files 'activations'; there is: benchmarks": lambda b: b.names("activations"),
    "unknown table 'surprisals' (did you mean 'surprisal'?); there is: activations, benchmarks": lambda b: b.table(
        "surprisals"
    ),
    "unknown column of models 'modell' (did you mean 'model'?); there is: adapter": lambda b: b.table(
        "models", modell="m"
    ),
    "unknown model 'mm' (did you mean 'm'?); there is: m": lambda b: b.models["mm"],
}


@pytest.mark.parametrize("message", UNKNOWN)
def test_an_unknown_name_suggests_the_nearest(toy_bank, message):
    with pytest.raises(brainlake.UnknownNameError) as error:
        UNKNOWN[message](open_bank(toy_bank))
    assert str(error.value).startswith(message)


def test_one_of_several_may_be_given_by_itself(toy_bank):
    bank = open_bank(toy_bank)
    options = {"models": ["m"], "recipes": ["document"], "layers": [1], "baselines": ["length"], "by": ["roi"]}
    several = brain(bank, **options)
    single = brain(bank, **{name: value for name, (value,) in options.items()})
    assert single.equals(several)
    assert set(single["model"]) == {"m", "baseline:length"}
    assert brain(bank, **options | {"layers": np.array([1, 1])}).equals(several)
    assert reading(bank, models="m", recipes="document").equals(reading(bank, models=["m"], recipes=["document"]))


def test_names_of_a_bank_or_a_frame_are_taken(toy_bank):
    bank = open_bank(toy_bank)
    every = brain(bank)
    assert brain(bank, models=bank.models, recipes=pl.Series(["document"])).equals(every)
    assert brain(bank, bank.benchmarks["toy.brain"], baselines=(n for n in ("position", "length"))).height


@pytest.mark.parametrize("place", [str, lambda p: p, lambda p: [p], lambda p: (str(p),), lambda p: f"~/{p.name}"])
def test_a_place_is_a_bank(toy_bank, place, monkeypatch):
    monkeypatch.setenv("HOME", str(toy_bank.parent))
    assert brain(place(toy_bank)).equals(brain(open_bank(toy_bank)))
    assert reading(place(toy_bank)).equals(reading(open_bank(toy_bank)))
    assert open_bank(place(toy_bank)).models == ("m",)


@pytest.mark.parametrize("given", [None, 5, "toy.brain", [], pl.DataFrame({"a": [1]})])
def test_what_is_no_table_of_scores_or_comparisons(given):
    with pytest.raises(BrainlakeError, match="give what brain_alignment returns"):
        summary(given)
    with pytest.raises(BrainlakeError, match="give what compare returns"):
        indistinguishable(given)


@pytest.mark.parametrize("given", [None, 5, "scores", [], {"model": ["m"]}, pl.Series(["m"])])
def test_what_is_no_table_of_a_study(given):
    there = published()
    for call, tables in {
        tuning_pairs: ("scores", "models", "benchmarks"),
        tuning_effect: ("scores", "models", "benchmarks"),
        training_curves: ("scores", "models"),
        property_correlations: ("scores", "models", "properties", "benchmarks"),
    }.items():
        known = {name: getattr(there, "model_properties" if name == "properties" else name) for name in tables}
        for name in tables:
            if name != "benchmarks" or given is not None:
                with pytest.raises(BrainlakeError, match=f"^{name}=.* is not possible: it is a polars frame: "):
                    call(**known | {name: given})


def test_a_misspelt_source_of_frequencies_is_said_where_none_is_taken(toy_bank):
    for call in (
        lambda: reading(toy_bank, protocol="pearson", frequency="corpus"),
        lambda: compare(toy_bank, "toy.reading", protocol="pearson", frequency="corpus"),
    ):
        with pytest.raises(brainlake.UnknownNameError, match="unknown source of log_frequency 'corpus'"):
            call()


def test_what_is_compared_is_known_before_anything_is_scored(toy_bank, monkeypatch):
    def scored(*_):
        raise AssertionError("scored")

    monkeypatch.setattr("brainlake.alignment.brain_comparison._choose", scored)
    with pytest.raises(brainlake.UnknownNameError, match=r"unknown baseline 'lenght' .did you mean 'length'"):
        compare(toy_bank, "toy.brain", baselines="lenght")


def test_a_bank_that_is_named_twice_is_opened_once(toy_bank, tmp_path):
    (tmp_path / "link").symlink_to(toy_bank)
    assert len(open_bank(toy_bank, [str(toy_bank), tmp_path / "link"]).roots) == 1


def test_no_time_is_too_long_for_a_query(toy_bank):
    for seconds in (float("inf"), 10**30):
        assert open_bank(toy_bank).sql("select 1 as one", seconds=seconds)["one"].to_list() == [1]


def test_a_place_that_can_be_none(toy_bank):
    for place in ("a\0b", Path("a\0b")):
        with pytest.raises(BrainlakeError, match="cannot be opened: embedded null byte"):
            open_bank(place)
