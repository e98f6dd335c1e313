"""The command ``rename``."""

from brainlake import open_bank


def test_every_file_that_was_written_is_a_line(own_bank, run):
    status, out, _ = run("rename", "model", "m", "lab--m", "--bank", own_bank)
    bank = open_bank(own_bank)
    assert status == 0
    assert set(out.splitlines()) == {s.path for _, s in bank.files if s.model == "lab--m"}
    assert bank.verify() == []
    assert list(bank.models) == ["lab--m"]


def test_a_name_that_is_taken_or_not_there_changes_nothing(own_bank, run):
    before = {path: path.read_bytes() for path in own_bank.rglob("*") if path.is_file()}
    for old, new, expected, match in (
        ("toy.brain", "toy.reading", 1, "has a benchmark named toy.reading"),
        ("nope", "mine", 1, "unknown benchmark 'nope'"),
        ("toy.brain", "a b", 2, "cannot name a benchmark"),
    ):
        status, out, err = run("rename", "benchmark", old, new, "--bank", own_bank)
        assert (status, out) == (expected, "")
        assert match in err
    assert {path: path.read_bytes() for path in own_bank.rglob("*") if path.is_file()} == before


def test_wrong_use(own_bank, run):
    assert run("rename", "voxel", "a", "b", "--bank", own_bank)[0] == 2
    assert run("rename", "model", "m", "--bank", own_bank)[0] == 2
