"""The command ``kernels``."""

from banks import build_wide
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


def test_wrong_use(run, tmp_path):
    assert run("kernels")[0] == 2
    assert run("kernels", "--bank", tmp_path / "nowhere")[0] == 1
