"""The command ``remove``: what depends on it is named and stays unless asked, and wrong use touches nothing."""

import pytest

from brainlake import open_bank

ACTIVATIONS = "activations/m/toy/document-26c1721e.parquet"
SURPRISAL = "surprisal/m/toy/document-26c1721e.parquet"


def test_what_depends_on_it_is_named_and_stays_unless_asked(own_bank, run):
    asked = ("remove", "stimuli", "toy", "--bank", own_bank)
    status, out, err = run(*asked)
    assert (status, out) == (1, "")
    assert "depends on it: " in err
    assert ACTIVATIONS in err
    assert "nothing was removed: let them go along, --with-dependents" in err
    assert open_bank(own_bank).verify() == []
    status, out, _ = run(*asked, "--dry-run")
    assert status == 0
    assert "would go: stimuli/toy.parquet" in out
    assert (own_bank / "stimuli/toy.parquet").exists()
    status, out, _ = run(*asked, "--with-dependents")
    assert status == 0
    assert f"removed: {ACTIVATIONS}" in out
    assert open_bank(own_bank).verify() == []


@pytest.mark.parametrize("chosen", [("--model", "m"), ("--stimuli", "toy"), ("--recipe", "document", "--model", "m")])
def test_features_are_chosen_by_what_they_are_of(own_bank, run, chosen):
    status, out, err = run("remove", "features", *chosen, "--bank", own_bank)
    assert (status, err) == (0, "")
    assert set(out.splitlines()) == {f"removed: {ACTIVATIONS}", f"removed: {SURPRISAL}"}
    assert open_bank(own_bank).feature_files("activations", "toy") == []


@pytest.mark.parametrize(
    "arguments",
    [("model",), ("features", "m"), ("model", "m", "--recipe", "document"), ("file", SURPRISAL, "--stimuli", "toy")],
)
def test_wrong_use_removes_nothing(own_bank, run, arguments):
    before = sorted(own_bank.rglob("*"))
    status, out, err = run("remove", *arguments, "--bank", own_bank)
    assert (status, out) == (2, "")
    assert "--model, --stimuli and --recipe" in err
    assert sorted(own_bank.rglob("*")) == before


def test_what_is_not_there_is_said(own_bank, run):
    status, _, err = run("remove", "model", "nope", "--bank", own_bank)
    assert status == 1
    assert "unknown model 'nope'" in err
    assert run("remove", "voxel", "1", "--bank", own_bank)[0] == 2
