"""What is out of date when a file is replaced, directly or by way of others."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brainlake.bank.provenance import dependents, obsolete, outdated
from brainlake.contract.sidecar import Sidecar


def sidecar(path, sha256, made_from=(), **facts):
    made_from = [{"kind": "x", "path": p, "sha256": h} for p, h in made_from]
    return Sidecar(path, sha256, 1, 1, path.split("/")[0], "now", made_from=made_from, **facts)


STIMULI = sidecar("stimuli/s.parquet", "s1")
RESPONSES = sidecar("responses/b.parquet", "r1", [("stimuli/s.parquet", "s1")])
CEILINGS = sidecar("ceilings/b.parquet", "c1", [("responses/b.parquet", "r1")])
BESIDE = sidecar("models/m.parquet", "m1")
BANK = [BESIDE, CEILINGS, RESPONSES, STIMULI]


def test_a_bank_made_from_what_is_there_is_up_to_date():
    assert list(outdated(BANK)) == []


def test_a_file_made_from_what_was_replaced_is_out_of_date():
    changed = [BESIDE, CEILINGS, RESPONSES, replace(STIMULI, sha256="s2")]
    what = "was made from another stimuli/s.parquet than the one there: make it again, or remove it"
    assert list(outdated(changed)) == [("responses/b.parquet", what)]


def test_what_a_file_was_made_from_need_not_be_there():
    assert list(outdated([CEILINGS])) == []


def test_dependents_are_followed_to_the_end_in_path_order():
    assert dependents(BANK, ["stimuli/s.parquet"]) == [CEILINGS, RESPONSES]
    assert dependents(BANK, ["responses/b.parquet"]) == [CEILINGS]
    assert dependents(BANK, ["ceilings/b.parquet", "models/m.parquet"]) == []
    assert dependents(BANK, ["stimuli/s.parquet", "responses/b.parquet"]) == [CEILINGS]


def test_a_new_file_leaves_what_rests_on_the_old_one_out_of_date():
    assert obsolete(BANK, replace(STIMULI, sha256="s2")) == [RESPONSES, CEILINGS]
    assert obsolete(BANK, STIMULI) == []
    assert obsolete(BANK, replace(CEILINGS, sha256="c2")) == []


ACTIVATIONS = sidecar("activations/m/s/document-0123abcd.parquet", "a1")
KERNELS = "kernels/m/s/document-0123abcd.parquet"


@pytest.mark.parametrize(
    "kernels",
    [
        sidecar(KERNELS, "k1", [(ACTIVATIONS.path, "a1")]),
        sidecar(KERNELS, "k1", sources=[{"file": "x", "url": None, "sha256": "a1"}]),
    ],
    ids=["second format", "first format"],
)
def test_kernels_say_what_they_were_made_from_in_both_formats(kernels):
    assert list(outdated([ACTIVATIONS, kernels])) == []
    ((path, what),) = outdated([replace(ACTIVATIONS, sha256="a2"), kernels])
    assert path == KERNELS
    assert what.endswith("run `brainlake-build kernels`")
    assert dependents([ACTIVATIONS, kernels], [ACTIVATIONS.path]) == [kernels]


def test_a_part_pulled_layer_by_layer_counts_as_the_whole():
    kernels = sidecar(KERNELS, "k1", [(ACTIVATIONS.path, "a1")])
    part = replace(ACTIVATIONS, sha256="part", sources=[{"file": "x", "url": None, "sha256": "a1"}])
    assert list(outdated([part, kernels])) == []


@given(st.lists(st.sets(st.integers(0, 7)), min_size=1, max_size=8), st.integers(0, 7))
def test_dependents_are_those_that_a_walk_reaches(sources, start):
    """Also where files were made from each other in a circle, which a bank that lies may say."""
    name = "stimuli/{}.parquet".format
    files = [sidecar(name(k), "x", [(name(i), "x") for i in sorted(own)]) for k, own in enumerate(sources)]

    def reached(seen):
        more = {k for k, own in enumerate(sources) if own & seen} | seen
        return seen if more == seen else reached(more)

    assert [s.path for s in dependents(files, [name(start)])] == sorted(map(name, reached({start}) - {start}))
