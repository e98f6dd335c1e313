"""One name, one set of weights."""

import pytest

from brainlake import BrainlakeError, open_bank
from brainlake.bank.manifest import rebuild_manifest
from brainlake_builder.tables.registry import check_model, register_imported, register_model


def test_a_model_is_there_once_it_was_registered(tmp_path):
    assert not check_model(tmp_path, "m", "r1")
    register_model(tmp_path, {"model": "m", "n_layers": 3}, "r1")
    assert check_model(tmp_path, "m", "r1")
    path = tmp_path / "models/m.parquet"
    before = path.read_bytes()
    register_model(tmp_path, {"model": "m", "n_layers": 99}, "r1")
    assert path.read_bytes() == before


def test_other_weights_of_the_same_name_are_refused(tmp_path):
    register_model(tmp_path, {"model": "m"}, "r1")
    for ask in (check_model, lambda root, name, r: register_model(root, {"model": name}, r)):
        with pytest.raises(BrainlakeError, match=r"has a model m from elsewhere \(r1, not r2\): give this one another"):
            ask(tmp_path, "m", "r2")


def test_imported_surprisal_has_a_name_alone_and_takes_nobody_s(tmp_path):
    register_imported(tmp_path, "theirs")
    register_imported(tmp_path, "theirs")
    register_model(tmp_path, {"model": "ours", "n_layers": 3}, "r1")
    with pytest.raises(BrainlakeError, match="has a model ours from elsewhere, which was run, not imported"):
        register_imported(tmp_path, "ours")
    rebuild_manifest(tmp_path)
    assert open_bank(tmp_path).table("models").select("model", "n_layers").rows() == [("ours", 3), ("theirs", None)]
