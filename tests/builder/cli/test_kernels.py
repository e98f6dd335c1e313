"""The command ``kernels``."""

from banks import build_wide, put_model
from brainlake import open_bank


def test_what_is_written_and_how_much_smaller_it_is(run, tmp_path):
    build_wide(tmp_path)
    status, out, _ = run("kernels", "--bank", tmp_path)
    (written,) = open_bank(tmp_path).feature_files("kernels", "s")
    (activations,) = open_bank(tmp_path).feature_files("activations", "s")
    assert status == 0
    assert out == f"{written.path}: {written.bytes:,} bytes, {activations.bytes / written.bytes:.1f} times smaller\n"
    assert run("kernels", "--bank", tmp_path)[1] == out


def test_where_activations_are_smaller_none_is_written(run, own_bank):
    out = run("kernels", "--bank", own_bank)[1]
    assert "60 stimuli, 5 features: the activations are the smaller download, no kernel written" in out
    assert open_bank(own_bank).feature_files("kernels", "toy") == []


def test_activations_that_are_damaged_keep_no_other_from_their_kernels(run, tmp_path):
    X, _ = build_wide(tmp_path)
    for name in ("a", "z"):
        put_model(tmp_path, name, "s", X)
    (damaged,) = open_bank(tmp_path).feature_files("activations", "s", "a")
    content = bytearray((tmp_path / damaged.path).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / damaged.path).write_bytes(content)
    assert run("kernels", "--bank", tmp_path, "--fail-fast")[:2] == (1, "")
    status, out, err = run("kernels", "--bank", tmp_path)
    assert status == 1
    assert [line.split("/")[1] for line in out.splitlines()] == ["m", "z"]
    assert err.startswith(f"brainlake-build: {damaged.path}: ")
    assert [s.model for s in open_bank(tmp_path).feature_files("kernels", "s")] == ["m", "z"]


def test_wrong_use(run, tmp_path):
    assert run("kernels")[0] == 2
    assert run("kernels", "--bank", tmp_path / "nowhere")[0] == 1
