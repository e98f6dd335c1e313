"""What goes with what, in which order, and what is refused."""

import pytest

from banks import build_wide
from brainlake import BrainlakeError, UnknownNameError, open_bank
from brainlake.bank.sidecars import remove_sidecar
from brainlake_builder.tables.kernels import build_kernels
from brainlake_builder.tables.removal import plan_removal, remove

ACTIVATIONS = "activations/m/toy/document-26c1721e.parquet"
SURPRISAL = "surprisal/m/toy/document-26c1721e.parquet"
BRAIN = {f"{table}/toy.brain.parquet" for table in ("benchmarks", "responses", "targets", "ceilings")}
READING = {f"{table}/toy.reading.parquet" for table in ("benchmarks", "reading_times")}


@pytest.mark.parametrize(
    ("kind", "name", "which", "chosen", "along"),
    [
        ("model", "m", {}, {"models/m.parquet", ACTIVATIONS, SURPRISAL}, set()),
        ("benchmark", "toy.brain", {}, BRAIN, set()),
        ("stimuli", "toy", {}, {"stimuli/toy.parquet"}, {ACTIVATIONS, SURPRISAL} | BRAIN | READING),
        ("features", None, {"recipes": ["document"]}, {ACTIVATIONS, SURPRISAL}, set()),
        ("features", None, {"models": ["m"], "stimuli": ["toy"]}, {ACTIVATIONS, SURPRISAL}, set()),
        ("file", SURPRISAL, {}, {SURPRISAL}, set()),
        ("file", "targets/toy.brain.parquet", {}, {"targets/toy.brain.parquet"}, {"responses/toy.brain.parquet"}),
        ("file", "models/m.parquet", {}, {"models/m.parquet"}, {ACTIVATIONS, SURPRISAL}),
    ],
)
def test_what_goes_with_what(own_bank, kind, name, which, chosen, along):
    before = {s.path for _, s in open_bank(own_bank).files}
    removal = plan_removal(own_bank, kind, name, **which)
    assert set(removal.chosen) == chosen
    assert set(removal.dependents) == along
    remove(own_bank, removal)
    bank = open_bank(own_bank)
    assert {s.path for _, s in bank.files} == before - chosen - along
    assert bank.verify() == []
    assert not any((own_bank / path).exists() for path in chosen | along)


def test_kernels_go_with_their_activations(tmp_path):
    build_wide(tmp_path)
    list(build_kernels(tmp_path))
    path = "activations/m/s/document-26c1721e.parquet"
    assert plan_removal(tmp_path, "file", path).dependents == [path.replace("activations", "kernels")]


def test_a_file_that_a_killed_removal_left(own_bank):
    remove_sidecar(own_bank, SURPRISAL)
    assert open_bank(own_bank).verify()
    remove(own_bank, plan_removal(own_bank, "file", SURPRISAL))
    assert open_bank(own_bank).verify() == []


def test_what_is_not_there(own_bank, tmp_path):
    for kind in ("model", "stimuli", "benchmark", "scores", "file"):
        with pytest.raises(UnknownNameError, match="nope"):
            plan_removal(own_bank, kind, "nope")
    for path in ("../bank/models/m.parquet", "README.md", "manifest.parquet"):
        with pytest.raises(UnknownNameError):
            plan_removal(own_bank, "file", path)
    with pytest.raises(UnknownNameError, match="recipe with features 'nope'"):
        plan_removal(own_bank, "features", recipes=["nope"])
    with pytest.raises(BrainlakeError, match="say which features"):
        plan_removal(own_bank, "features")
    with pytest.raises(BrainlakeError, match="no such folder"):
        plan_removal(tmp_path / "nowhere", "model", "m")
