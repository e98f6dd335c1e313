"""What lies in roots, from their sidecars alone."""

from dataclasses import dataclass, field

import pytest

from brainlake import BrainlakeError, UnknownNameError
from brainlake.bank.agreement import Agreement
from brainlake.bank.contents import Contents
from brainlake.contract.sidecar import Sidecar


@dataclass
class Place:
    """A root of which nothing but its sidecars may be asked."""

    name: str
    sidecars: list[Sidecar] = field(default_factory=list)
    agreement: Agreement = field(default_factory=Agreement)

    def __str__(self):
        return self.name


def table(kind, name, sha256="a"):
    return Sidecar(f"{kind}/{name}.parquet", sha256, 1, 1, kind, "now", name=name)


def feature(kind, model, recipe="document", stimulus_set="toy"):
    path = f"{kind}/{model}/{stimulus_set}/{recipe}-00000000.parquet"
    return Sidecar(path, "a", 1, 1, kind, "now", model=model, stimulus_set=stimulus_set, recipe=recipe)


@pytest.fixture
def contents():
    features = [
        *(feature("activations", model) for model in ("b", "a")),
        feature("activations", "a", "document+pool=mean"),
        feature("surprisal", "c", "imported", "other"),
    ]
    people = [table("benchmarks", "brain"), table("responses", "brain"), table("stimuli", "toy")]
    return Contents([Place("features", features), Place("people", people)])


def test_names_come_from_tables_and_from_features(contents):
    assert list(contents.models) == ["a", "b", "c"]
    assert list(contents.stimulus_sets) == ["other", "toy"]
    assert list(contents.benchmarks) == ["brain"]
    assert list(contents.recipes) == ["document", "document+pool=mean", "imported"]
    assert contents.names("responses") == ["brain"]
    assert contents.names("models") == []


@pytest.mark.parametrize("kind", ["activations", "model", "manifest"])
def test_tables_without_named_files_have_no_names(contents, kind):
    with pytest.raises(UnknownNameError, match=f"unknown table with named files '{kind}'"):
        contents.names(kind)


def test_features_of_a_set_are_in_order_and_a_recipe_has_many_spellings(contents):
    found = contents.feature_files("activations", "toy")
    assert [(s.model, s.recipe) for s in found] == [("a", "document"), ("a", "document+pool=mean"), ("b", "document")]
    assert [s.model for s in contents.feature_files("activations", "toy", model="b")] == ["b"]
    assert contents.feature_files("activations", "toy", recipe="document+pool=last") == [found[0], found[2]]
    assert contents.feature_files("activations", "other") == []
    assert contents.feature_file("activations", "a", "toy", "document+pool=mean+start=bos") == found[1]


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda c: c.feature_files("stimuli", "toy"), "unknown table of features 'stimuli'"),
        (lambda c: c.feature_file("activations", "c", "toy", "document"), "unknown model with activations 'c'"),
        (lambda c: c.feature_file("activations", "b", "other", "document"), "stimulus set with activations 'other'"),
        (lambda c: c.feature_file("activations", "b", "toy", "document+pool=mean"), "there is: document$"),
        (lambda c: c.sidecar("stimuli", "toys"), "unknown stimuli 'toys'.*toy"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(contents, ask, message):
    with pytest.raises(UnknownNameError, match=message):
        ask(contents)


def test_the_same_file_in_two_roots_is_one_and_belongs_to_the_first():
    first, second = Place("first", [table("models", "m")]), Place("second", [table("models", "m")])
    assert Contents([first, second]).files == [(first, first.sidecars[0])]


def test_other_content_under_one_name_names_both_roots():
    first, second = Place("first", [table("models", "m")]), Place("second", [table("models", "m", "b")])
    with pytest.raises(BrainlakeError, match=r"second/models/m\.parquet and first/.*parquet both hold models/m, with"):
        Contents([first, second])
