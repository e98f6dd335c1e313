"""Which files a network is loaded from: what is recorded is what ran, whatever else lies in the folder."""

import json
import shutil
from itertools import islice
from pathlib import Path

import gguf
import peft
import pytest
import torch
from safetensors.torch import load_file, save_file

from brainlake.errors import BrainlakeError
from brainlake_builder.models import loading
from brainlake_builder.models.files import locate_model
from brainlake_builder.models.loading import load_model
from brainlake_builder.models.weights import only


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


def loaded(folder, **how):
    """Its hash on record, and the weights that its network has."""
    model = load_model(str(folder), **how)
    return model.identity.weights_sha256, [value.numpy().tobytes() for value in model.network.state_dict().values()]


def reduced(folder):
    """A file of the same llama in the GGUF format, whole numbers of 32 bits as they are."""
    config = json.loads((folder / "config.json").read_text())
    n_heads, n_blocks = config["num_attention_heads"], config["num_hidden_layers"]
    writer = gguf.GGUFWriter(folder / "small.gguf", "llama")
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_block_count(n_blocks)
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(n_heads)
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    tokens = [f"t{k}" for k in range(config["vocab_size"])]
    tokens[:3] = ["<unk>", "<s>", "</s>"]
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types([gguf.TokenType.NORMAL] * len(tokens))
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, n_blocks)
    for name, tensor in load_file(folder / "model.safetensors").items():
        writer.add_tensor(names.get_name(name, (".weight",)), tensor.float().numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def tuned(folder):
    """An adapter of a llama beside its folder."""
    config = peft.LoraConfig(r=2, target_modules=["q_proj"], init_lora_weights=False)
    adapted = peft.get_peft_model(load_model(str(folder)).network, config)
    adapted.save_pretrained(folder.parent / "tuned")


HOW = {
    "single": {"model.safetensors"},
    "shards": {"shards"},
    "single and shards": {"model.safetensors", "shards"},
    "single and pickle": {"model.safetensors", "pytorch_model.bin"},
    "single and adapter inside": {"model.safetensors", "adapter_model.safetensors"},
    "everything": {"model.safetensors", "shards", "pytorch_model.bin", "adapter_model.safetensors", "small.gguf"},
    "shards and pickle": {"shards", "pytorch_model.bin"},
}


@pytest.mark.parametrize("asked", ["nothing", "adapter", "gguf"])
@pytest.mark.parametrize("layout", HOW)
def test_the_recorded_hash_changes_with_the_files_that_run_and_no_others(layout, asked, model_folder, tmp_path):
    """One bit of each file in turn: the weights that ran change with the hash on record, and not without it."""
    folder = shutil.copytree(model_folder("llama"), tmp_path / "model")
    there, how = HOW[layout], {}
    if asked == "gguf":
        reduced(folder)
        how = {"gguf": "small.gguf"}
    if asked == "adapter":
        tuned(folder)
        how = {"adapter": str(tmp_path / "tuned")}
    if "shards" in there:
        shard(folder)
    if "pytorch_model.bin" in there:
        torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    if "adapter_model.safetensors" in there:
        (folder / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": "elsewhere"}))
        save_file({"a": torch.zeros(4)}, folder / "adapter_model.safetensors")
    if "small.gguf" in there and asked != "gguf":
        (folder / "small.gguf").write_bytes(b"GGUF" + b"\0" * 64)
    if "model.safetensors" not in there:
        (folder / "model.safetensors").unlink()
    before, values = loaded(folder, **how)
    opened = locate_model(str(folder), **how)
    runs = [*opened.weights, *([tmp_path / "tuned/adapter_model.safetensors"] if asked == "adapter" else [])]
    assert sorted(opened.tensors) == sorted(path.name for path in runs)
    every = [p for end in ("safetensors", "bin", "gguf") for p in tmp_path.rglob(f"*.{end}")]
    assert set(runs) <= set(every)
    for path in every:
        original = path.read_bytes()
        change(path)
        after, found = loaded(folder, **how)
        assert (after != before) == (path in runs) == (found != values), path
        path.write_bytes(original)


def test_which_file_gave_which_tensor(model_folder, tmp_path):
    folder = shutil.copytree(model_folder("gpt2"), tmp_path / "model")
    assert locate_model(str(folder)).tensors == {"model.safetensors": "all"}
    shard(folder)
    (folder / "model.safetensors").unlink()
    where = json.loads((folder / "model.safetensors.index.json").read_text())["weight_map"]
    found = locate_model(str(folder)).tensors
    assert {name: file for file, names in found.items() for name in names} == where
    assert locate_model(str(folder), untrained_seed=0).tensors == {}


def test_a_tensor_that_two_files_give(model_folder, tmp_path):
    folder = shutil.copytree(model_folder("gpt2"), tmp_path / "model")
    shard(folder)
    (folder / "model.safetensors").unlink()
    first, second = sorted(folder.glob("*.safetensors"))
    twice = load_file(first)
    name = next(iter(twice))
    save_file(load_file(second) | {name: twice[name] + 1}, second, {"format": "pt"})
    with pytest.raises(BrainlakeError, match=rf"both hold {name}: remove one"):
        load_model(str(folder))


@pytest.mark.parametrize("name", ["../x.safetensors", "pytorch_model.bin", "/x.safetensors", "sub/x.safetensors", 7])
def test_an_index_that_names_what_is_not_read(name, model_folder, tmp_path):
    folder = shutil.copytree(model_folder("gpt2"), tmp_path / "model")
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"a": name}}))
    with pytest.raises(BrainlakeError, match="weights are read from safetensors files beside it alone"):
        locate_model(str(folder))


def test_weights_that_the_configuration_names(model_folder, tmp_path):
    """``transformers`` would run them in the place of the file that is on record."""
    folder = shutil.copytree(model_folder("gpt2"), tmp_path / "model")
    (folder / "sub").mkdir()
    doubled = {name: 2 * value for name, value in load_file(folder / "model.safetensors").items()}
    save_file(doubled, folder / "sub/other.safetensors", {"format": "pt"})
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"transformers_weights": "sub/other.safetensors"}))
    with pytest.raises(BrainlakeError, match=r"config\.json says which file holds the weights"):
        locate_model(str(folder))


def test_what_is_shown_of_a_folder(tmp_path):
    names = (
        "model.safetensors",
        "config.json",
        "PYTORCH_MODEL.BIN",
        "Adapter_config.json",
        "sub/x.safetensors",
        "a.py",
    )
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    with only(tmp_path, [tmp_path / "model.safetensors"]) as shown:
        assert {path.name for path in shown.iterdir()} == {"model.safetensors", "config.json", "a.py"}


@pytest.mark.parametrize("content", ["{", "[]", '{"weight_map": []}', "{}", "[" * 100_000])
def test_a_damaged_index(content, model_folder, tmp_path):
    folder = shutil.copytree(model_folder("gpt2"), tmp_path / "model")
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors.index.json").write_text(content)
    with pytest.raises(BrainlakeError, match=r"index.json is damaged"):
        locate_model(str(folder))


def exchange(path, other):
    """Another file under the same name."""
    other.replace(path)


def there_and_back(path, other):
    """Another file under the same name for a while: the first one is put back as it was."""
    other.rename(path.with_name("aside"))
    path.rename(other)
    path.with_name("aside").rename(path)
    yield
    path.rename(path.with_name("aside"))
    other.rename(path)


def write_to(path, _):
    """The same file with another bit."""
    content = path.read_bytes()
    with path.open("r+b") as file:
        file.seek(-3, 2)
        file.write(bytes([content[-3] ^ 1]))


@pytest.mark.parametrize("layout", ["single", "shards", "adapter"])
@pytest.mark.parametrize("when", ["before", "behind"])
@pytest.mark.parametrize("how", [exchange, write_to, there_and_back])
def test_a_file_that_changes_while_it_is_loaded(how, when, layout, model_folder, tmp_path, monkeypatch):
    """Between hashing and loading in either order, and put back or not: what ran would not be what is on record."""
    folder = shutil.copytree(model_folder("llama"), tmp_path / "model")
    asked = {}
    path = folder / "model.safetensors"
    if layout == "shards":
        shard(folder)
        path.unlink()
        path = folder / "model-00002-of-00002.safetensors"
    if layout == "adapter":
        tuned(folder)
        asked, path = {"adapter": str(tmp_path / "tuned")}, tmp_path / "tuned/adapter_model.safetensors"
    other = Path(shutil.copy(path, tmp_path / "other.safetensors"))
    change(other)
    load = loading._network

    def meanwhile(*given):
        network = load(*given) if when == "behind" else None
        rest = how(path, other) or iter(())
        list(islice(rest, 1))
        network = network or load(*given)
        list(rest)
        return network

    monkeypatch.setattr(loading, "_network", meanwhile)
    with pytest.raises(BrainlakeError, match=rf"{path.name} was changed while its weights were in use.*nothing is wr"):
        load_model(str(folder), **asked)


def test_a_network_that_runs_minds_writes_to_its_files_and_nothing_else(model_folder, tmp_path):
    folder = shutil.copytree(model_folder("gpt2"), tmp_path / "model")
    path, files = folder / "model.safetensors", locate_model(str(folder))
    other = Path(shutil.copy(path, tmp_path / "other.safetensors"))
    network = loading.load_network(files, "cpu", "float32")
    values = [value.clone() for value in network.state_dict().values()]
    path.chmod(0o444)
    files.check_unwritten()
    with pytest.raises(BrainlakeError, match="was changed while its weights were in use"):
        files.check_unchanged()
    path.chmod(0o644)
    write_to(path, None)
    assert not all(torch.equal(a, b) for a, b in zip(network.state_dict().values(), values, strict=True))
    with pytest.raises(BrainlakeError, match="was changed while its weights were in use"):
        files.check_unwritten()
    exchange(path, other)
    files.check_unwritten()
    path.unlink()
    files.check_unwritten()


def test_a_file_that_goes_while_it_is_loaded(model_folder, tmp_path, monkeypatch):
    folder = shutil.copytree(model_folder("gpt2"), tmp_path / "model")
    files = locate_model(str(folder))
    assert files.stamps
    (folder / "model.safetensors").unlink()
    with pytest.raises(BrainlakeError, match=r"model\.safetensors cannot be read any more: No such file"):
        files.check_unchanged()
