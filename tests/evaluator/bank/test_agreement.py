"""A manifest that agrees, one that is old, one that is not there, and banks that were changed behind its back."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from banks import put_stimuli
from brainlake.bank.agreement import Agreement, compare, same_row
from brainlake.bank.manifest import rebuild_manifest
from brainlake.bank.sidecars import read_sidecars
from brainlake.contract.layout import sidecar_path

FIRST = Path(__file__).parents[2] / "data/bank1"


def held(root, roots=()):
    return compare(root, read_sidecars(root), list(roots))


def change(root, path, **facts):
    """Let a sidecar say something else."""
    place = root / sidecar_path(path)
    place.write_text(json.dumps(json.loads(place.read_text()) | facts))


def test_nothing_is_said_of_a_bank_that_is_as_it_was(toy_bank):
    assert held(toy_bank) == Agreement()
    assert held(FIRST) == Agreement()


def test_a_sidecar_that_was_changed_is_a_fault(own_bank):
    change(own_bank, "stimuli/toy.parquet", licence="CC0")
    found = held(own_bank)
    assert found.fault.startswith(f"{own_bank / 'sidecars/stimuli/toy.json'} is not what the manifest says of it")
    assert "`brainlake-build manifest`" in found.fault
    rebuild_manifest(own_bank)
    assert held(own_bank) == Agreement()


def test_of_the_first_format_every_field_is_compared():
    sidecars = read_sidecars(FIRST)
    changed = [replace(s, licence="CC0") if s.kind == "stimuli" else s for s in sidecars]
    assert "stimuli/toy.parquet.json is not what the manifest says of it" in compare(FIRST, changed, []).fault


def test_files_that_came_later_are_counted_and_are_no_fault(own_bank):
    put_stimuli(own_bank, "new", [{}])
    put_stimuli(own_bank, "toy", [{}])
    n = len(read_sidecars(own_bank))
    assert held(own_bank) == Agreement(
        unchecked=f"2 of the {n} files of {own_bank} came after its manifest and were not compared with it"
    )


@pytest.mark.parametrize("name", ["ceilings/toy.brain.parquet", "sidecars/ceilings/toy.brain.json"])
def test_files_that_are_gone_are_named_and_are_no_fault(own_bank, name):
    (own_bank / name).unlink()
    assert held(own_bank) == Agreement(
        unchecked=f"1 file of the manifest of {own_bank} is not there: ceilings/toy.brain.parquet; restore what is "
        "gone, or rebuild the manifest with `brainlake-build manifest`"
    )
    put_stimuli(own_bank, "new", [{}])
    assert "came after its manifest and were not compared with it; 1 file of" in held(own_bank).unchecked


def test_without_a_manifest_nothing_is_compared(own_bank):
    (own_bank / "manifest.parquet").unlink()
    assert held(own_bank) == Agreement(
        unchecked=f"{own_bank} has no manifest.parquet: its sidecars were compared with nothing"
    )


def test_another_list_of_repositories_is_a_fault(toy_bank):
    assert "was changed" in held(toy_bank, ["lab/bank@" + "a" * 40]).fault


def test_a_manifest_out_of_the_bank_is_not_read(own_bank, tmp_path):
    (own_bank / "manifest.parquet").rename(tmp_path / "elsewhere.parquet")
    (own_bank / "manifest.parquet").symlink_to(tmp_path / "elsewhere.parquet")
    assert "is a link that leaves the bank" in held(own_bank).fault


@pytest.mark.parametrize("damage", [lambda b: b[:-20], lambda b: b"", lambda b: b"PAR1" + b"x" * 40])
def test_a_damaged_manifest_is_a_fault_that_says_what_to_do(own_bank, damage):
    path = own_bank / "manifest.parquet"
    path.write_bytes(damage(path.read_bytes()))
    assert held(own_bank).fault.startswith(f"{path} cannot be read: ")
    assert held(own_bank).fault.endswith(
        "run `brainlake verify`, then rebuild the manifest with `brainlake-build manifest`"
    )


def test_rows_are_the_same_but_for_hashes_that_the_first_format_has_not(toy_bank):
    one = read_sidecars(toy_bank)[0]
    assert one.sidecar_sha256
    assert same_row(one, one)
    assert same_row(replace(one, sidecar_sha256=None), one)
    assert not same_row(replace(one, sidecar_sha256="0" * 64), one)
    assert not same_row(replace(one, rows=one.rows + 1), one)
