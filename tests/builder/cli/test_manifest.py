"""The command ``manifest``."""

from brainlake import open_bank
from brainlake.bank.manifest import Manifest


def test_it_is_rebuilt_from_what_is_there(run, own_bank):
    expected = Manifest.of_folder(own_bank)
    for name in ("manifest.parquet", "manifest.json"):
        (own_bank / name).unlink()
    status, out, _ = run("manifest", "--bank", own_bank)
    assert (status, out) == (0, f"{own_bank}/manifest.parquet: {len(expected.sidecars)} files\n")
    assert Manifest.from_parquet((own_bank / "manifest.parquet").read_bytes(), "it") == expected
    assert open_bank(own_bank).verify() == []


def test_wrong_use(run, tmp_path):
    assert run("manifest")[0] == 2
    status, _, err = run("manifest", "--bank", tmp_path / "nowhere")
    assert (status, err) == (1, f"brainlake-build: there is no bank at {tmp_path / 'nowhere'}: no such folder\n")
