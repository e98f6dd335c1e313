"""Names change in every file that holds them, values in none; a renaming that was killed goes on."""

import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal

from banks import build_wide
from brainlake import BrainlakeError, UnknownNameError, behavioral_alignment, brain_alignment, open_bank
from brainlake_builder.tables import renaming
from brainlake_builder.tables.imported_scores import add_scores
from brainlake_builder.tables.kernels import build_kernels
from brainlake_builder.tables.renaming import BEGUN, rename


def all_scores(root, brain="toy.brain", reading="toy.reading"):
    bank = open_bank(root)
    scores = brain_alignment(bank, brain, n_boot=0), behavioral_alignment(bank, reading, n_boot=0)
    return [table.drop("benchmark", "stimulus_set", "model", strict=False) for table in scores]


@pytest.mark.parametrize(
    ("kind", "old", "new"), [("model", "m", "lab--m"), ("stimuli", "toy", "set"), ("benchmark", "toy.brain", "mine")]
)
def test_names_change_and_values_do_not(own_bank, tmp_path, kind, old, new):
    brain_alignment(open_bank(own_bank), "toy.brain", n_boot=0).write_parquet(tmp_path / "x.parquet")
    add_scores(own_bank, "x", tmp_path / "x.parquet")
    expected = all_scores(own_bank)
    rename(own_bank, kind, old, new)
    bank = open_bank(own_bank)
    assert bank.verify() == []
    found = all_scores(own_bank, brain=new if kind == "benchmark" else "toy.brain")
    for a, b in zip(found, expected, strict=True):
        assert_frame_equal(a, b)
    names = {"model": bank.models, "stimuli": bank.stimulus_sets, "benchmark": bank.benchmarks}[kind]
    assert new in names
    assert old not in names
    column = {"model": "model", "benchmark": "benchmark"}.get(kind)
    if column:
        assert old not in bank.table("scores")[column].to_list()


def test_kernels_follow_their_activations(tmp_path):
    build_wide(tmp_path)
    list(build_kernels(tmp_path))
    before = open_bank(tmp_path).feature_files("activations", "s")[0]
    rename(tmp_path, "model", "m", "n")
    bank = open_bank(tmp_path)
    assert bank.verify() == []
    (activations,) = bank.feature_files("activations", "s")
    assert activations.layers == before.layers
    assert not list(tmp_path.rglob("*/m/*"))


@pytest.mark.parametrize("step", ["rewrite", "remove_files", "rebuild_manifest"])
@pytest.mark.parametrize("n", [0, 1, 2])
def test_a_renaming_that_was_killed_goes_on(own_bank, monkeypatch, step, n):
    expected = all_scores(own_bank)
    real, left = getattr(renaming, step), [n]

    def dies(*arguments, **more):
        if step == "remove_files":
            real(arguments[0], list(arguments[1])[:n])
            raise KeyboardInterrupt
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        return real(*arguments, **more)

    with monkeypatch.context() as patch:
        patch.setattr(renaming, step, dies)
        if step == "rebuild_manifest" and n:
            rename(own_bank, "model", "m", "n")
        else:
            with pytest.raises(KeyboardInterrupt):
                rename(own_bank, "model", "m", "n")
            open_bank(own_bank).table("models")
            with pytest.raises(BrainlakeError, match=r"finish it first: brainlake-build rename --bank .* model m n$"):
                rename(own_bank, "stimuli", "toy", "set")
            patch.undo()
            rename(own_bank, "model", "m", "n")
    assert open_bank(own_bank).verify() == []
    assert list(open_bank(own_bank).models) == ["n"]
    assert not (own_bank / BEGUN).exists()
    assert all(a.equals(b) for a, b in zip(all_scores(own_bank), expected, strict=True))


def test_a_damaged_file_is_met_before_the_first_is_written(own_bank):
    """Met on the way, it would stop this renaming, and every other one, for good."""
    damaged = sorted((own_bank / "surprisal").rglob("*.parquet"))[-1]
    content = damaged.read_bytes()
    damaged.write_bytes(content[:100] + bytes([content[100] ^ 1]) + content[101:])
    before = sorted(path for path in own_bank.rglob("*") if path.is_file())
    with pytest.raises(BrainlakeError, match="is not the file that its sidecar speaks of"):
        rename(own_bank, "model", "m", "n")
    assert sorted(path for path in own_bank.rglob("*") if path.is_file()) == before
    damaged.write_bytes(content)
    rename(own_bank, "model", "m", "n")
    assert open_bank(own_bank).verify() == []


def test_what_cannot_be_renamed(own_bank):
    with pytest.raises(UnknownNameError, match="unknown model 'x'"):
        rename(own_bank, "model", "x", "y")
    with pytest.raises(BrainlakeError, match="has a benchmark named toy"):
        rename(own_bank, "benchmark", "toy.brain", "toy.reading")
    with pytest.raises(BrainlakeError, match="cannot name a model"):
        rename(own_bank, "model", "m", "a b")
    assert open_bank(own_bank).verify() == []


def test_a_name_that_differs_only_in_capitals_is_refused_before_anything_is_written(own_bank):
    expected = sorted(path for path in own_bank.rglob("*") if path.is_file())
    for kind, old, new in (("stimuli", "toy", "TOY"), ("benchmark", "toy.brain", "Toy.Reading")):
        with pytest.raises(BrainlakeError, match=r"differ only in capitals.*rename it twice"):
            rename(own_bank, kind, old, new)
    assert sorted(path for path in own_bank.rglob("*") if path.is_file()) == expected
    assert open_bank(own_bank).verify() == []
    rename(own_bank, "stimuli", "toy", "other")
    rename(own_bank, "stimuli", "other", "TOY")
    assert open_bank(own_bank).verify() == []


def test_a_file_that_was_changed_is_not_written_again_as_if_it_were_right(own_bank):
    (path,) = (own_bank / "surprisal").rglob("*.parquet")
    pq.write_table(pq.read_table(path)[::-1], path)
    with pytest.raises(BrainlakeError, match="is not the file that its sidecar speaks of"):
        list(rename(own_bank, "model", "m", "other"))
