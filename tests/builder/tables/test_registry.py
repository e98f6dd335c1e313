"""One name, one set of weights."""

import pytest

from brainlake import BrainlakeError, open_bank
from brainlake.bank.manifest import rebuild_manifest
from brainlake_builder.tables.registry import check_model, has_model, register_imported, register_model, state_training


def test_a_model_is_there_once_it_was_registered(tmp_path):
    assert not check_model(tmp_path, "m", "r1")
    assert not has_model(tmp_path, "m")
    register_model(tmp_path, {"model": "m", "n_layers": 3}, "r1")
    assert check_model(tmp_path, "m", "r1")
    assert has_model(tmp_path, "m")
    path = tmp_path / "models/m.parquet"
    before = path.read_bytes()
    register_model(tmp_path, {"model": "m", "n_layers": 99}, "r1")
    assert path.read_bytes() == before


def test_other_weights_of_the_same_name_are_refused(tmp_path):
    register_model(tmp_path, {"model": "m"}, "r1")
    for ask in (check_model, lambda root, name, r: register_model(root, {"model": name}, r)):
        with pytest.raises(BrainlakeError, match=r"has a model m from elsewhere \(r1, not r2\): give this one another"):
            ask(tmp_path, "m", "r2")


def test_what_is_not_known_of_a_model_s_training_can_be_said_later_and_then_stands(tmp_path):
    register_model(tmp_path, {"model": "m", "n_layers": 3}, "r1")
    state_training(tmp_path, "m", tuning="instruction", base_model=None, training_step=None)
    state_training(tmp_path, "m", tuning=None, base_model="b", training_step=0)
    state_training(tmp_path, "m", tuning="instruction", base_model="b", training_step=0)
    assert check_model(tmp_path, "m", "r1")
    rebuild_manifest(tmp_path)
    columns = ("n_layers", "tuning", "base_model", "training_step")
    assert open_bank(tmp_path).table("models").select(columns).rows() == [(3, "instruction", "b", 0)]
    for column, value in (("tuning", "vanilla"), ("base_model", "c"), ("training_step", 1)):
        with pytest.raises(BrainlakeError, match=f"has m with {column} .*, not {value}: leave it so"):
            state_training(tmp_path, "m", **{column: value})


def test_imported_surprisal_has_a_name_alone_and_takes_nobody_s(tmp_path):
    register_imported(tmp_path, "theirs")
    register_imported(tmp_path, "theirs")
    register_model(tmp_path, {"model": "ours", "n_layers": 3}, "r1")
    with pytest.raises(BrainlakeError, match="has a model ours from elsewhere, which was run, not imported"):
        register_imported(tmp_path, "ours")
    rebuild_manifest(tmp_path)
    assert open_bank(tmp_path).table("models").select("model", "n_layers").rows() == [("ours", 3), ("theirs", None)]
