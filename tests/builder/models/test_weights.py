"""Which files a network is loaded from: what is recorded is what ran, whatever else lies in the folder."""

import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from brainlake.errors import BrainlakeError
from brainlake_builder.models.files import locate_model
from brainlake_builder.models.loading import load_model
from brainlake_builder.models.weights import weights_digest


def shard(folder, names=("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")):
    """Put the weights of a folder into two shards beside an index."""
    weights = load_file(folder / "model.safetensors")
    keys = sorted(weights)
    where = {key: names[k % 2] for k, key in enumerate(keys)}
    for name in names:
        part = {key: weights[key].clone() for key in keys if where[key] == name}
        save_file(part, folder / name, {"format": "pt"})
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": where}))


def change(path):
    """Turn over one bit of the last tensor of a file."""
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)


def loaded(folder):
    """Its hash on record, and the weights that its network has."""
    model = load_model(str(folder))
    return model.identity.weights_sha256, [value.numpy().tobytes() for value in model.network.state_dict().values()]


@pytest.mark.parametrize("layout", ["single", "shards", "both", "pickle_beside", "adapter_beside"])
def test_the_recorded_hash_changes_with_the_files_that_run_and_no_others(layout, model_folder, tmp_path):
    folder = shutil.copytree(model_folder("gpt2"), tmp_path / "model")
    if layout in ("shards", "both"):
        shard(folder)
    if layout == "shards":
        (folder / "model.safetensors").unlink()
    if layout == "pickle_beside":
        torch.save({}, folder / "pytorch_model.bin")
    if layout == "adapter_beside":
        (folder / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": "elsewhere"}))
        save_file({"a": torch.zeros(4)}, folder / "adapter_model.safetensors")
    before, values = loaded(folder)
    opened = locate_model(str(folder)).weights
    assert before == weights_digest(opened)
    for path in sorted([*folder.glob("*.safetensors"), *folder.glob("*.bin")]):
        original = path.read_bytes()
        change(path)
        after, found = loaded(folder)
        assert (after != before) == (path in opened) == (found != values)
        path.write_bytes(original)


@pytest.mark.parametrize("name", ["../x.safetensors", "pytorch_model.bin", "/x.safetensors", "sub/x.safetensors", 7])
def test_an_index_that_names_what_is_not_read(name, model_folder, tmp_path):
    folder = shutil.copytree(model_folder("gpt2"), tmp_path / "model")
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"a": name}}))
    with pytest.raises(BrainlakeError, match="weights are read from safetensors files beside it alone"):
        locate_model(str(folder))


@pytest.mark.parametrize("content", ["{", "[]", '{"weight_map": []}', "{}"])
def test_a_damaged_index(content, model_folder, tmp_path):
    folder = shutil.copytree(model_folder("gpt2"), tmp_path / "model")
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors.index.json").write_text(content)
    with pytest.raises(BrainlakeError, match=r"index.json is damaged"):
        locate_model(str(folder))
