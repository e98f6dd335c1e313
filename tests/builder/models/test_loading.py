"""Loading: what a model is, what its digests change with, and what is refused."""

import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from brainlake.errors import BrainlakeError
from brainlake_builder.models.files import locate_model
from brainlake_builder.models.loading import load_model, load_tokenizer, tokenizer_sha256, weights_sha256


@pytest.mark.parametrize(
    ("name", "kind", "architecture", "n_layers"),
    [
        ("gpt2", "decoder", "GPT2LMHeadModel", 3),
        ("t5", "encoder-decoder", "T5ForConditionalGeneration", 5),
        ("bert", "encoder", "BertForMaskedLM", 3),
    ],
)
def test_identity(name, kind, architecture, n_layers, model_folder):
    model = load_model(str(model_folder(name)))
    assert (model.kind, model.identity.architecture, model.identity.n_layers) == (kind, architecture, n_layers)
    assert (model.identity.model, model.identity.width, model.identity.tuning) == (name, 32, None)
    distinct = {p.data_ptr(): p.numel() for p in model.network.parameters()}
    assert model.identity.n_params == sum(distinct.values())
    assert not model.network.training
    assert not any(p.requires_grad for p in model.network.parameters())
    assert model.device.type == "cpu"


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_precision(dtype, model_folder):
    assert load_model(str(model_folder("llama")), dtype=dtype).dtype is getattr(torch, dtype)


def test_untrained_weights_are_those_of_the_seed(model_folder):
    before = torch.random.get_rng_state()
    files = {seed: locate_model(str(model_folder("llama")), untrained_seed=seed) for seed in (1, 2)}
    first, again, other = (load_model(files[seed]).network.state_dict() for seed in (1, 1, 2))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert not torch.equal(first["lm_head.weight"], other["lm_head.weight"])
    assert weights_sha256(files[1]) == weights_sha256(files[1]) != weights_sha256(files[2])


def change(folder, tmp_path, edit):
    """A copy of a model with other weights."""
    copied = shutil.copytree(folder, tmp_path / "copy")
    save_file(edit(load_file(copied / "model.safetensors")), copied / "model.safetensors", {"format": "pt"})
    return copied


def test_weights_that_are_missing(model_folder, tmp_path):
    drop = "model.layers.1.mlp.up_proj.weight"
    folder = change(model_folder("llama"), tmp_path, lambda weights: {k: v for k, v in weights.items() if k != drop})
    with pytest.raises(BrainlakeError, match=f"do not fit the configuration: {drop} missing"):
        load_model(str(folder))


def test_weights_of_another_shape(model_folder, tmp_path):
    folder = change(model_folder("llama"), tmp_path, lambda weights: {k: v[:-1].clone() for k, v in weights.items()})
    with pytest.raises(BrainlakeError, match=r"cannot be loaded|do not fit"):
        load_model(str(folder))


def test_weights_cut_off(model_folder, tmp_path):
    folder = shutil.copytree(model_folder("gpt2"), tmp_path / "copy")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-10])
    with pytest.raises(BrainlakeError, match="cannot be loaded"):
        load_model(str(folder))


@pytest.mark.parametrize("source", ["/nowhere/gpt2", "./gpt2", "~/no/gpt2", "a/b/c"])
def test_a_folder_that_is_not_there(source):
    with pytest.raises(BrainlakeError, match=f"there is no folder '{source}'"):
        locate_model(source)


def test_no_tokenizer(model_folder, tmp_path):
    folder = shutil.copytree(model_folder("gpt2"), tmp_path / "copy")
    (folder / "tokenizer.json").unlink()
    with pytest.raises(BrainlakeError, match="has no tokenizer: none of"):
        load_model(str(folder))


def test_a_broken_tokenizer(model_folder, tmp_path):
    folder = shutil.copytree(model_folder("gpt2"), tmp_path / "copy")
    (folder / "tokenizer.json").write_text("{}")
    with pytest.raises(BrainlakeError, match="has no tokenizer that can be loaded"):
        load_model(str(folder))


@pytest.mark.parametrize(
    ("key", "value"), [("model_max_length", 17), ("eos_token", "a"), ("chat_template", "{{ messages }}")]
)
def test_the_digest_of_a_tokenizer_changes_with_what_it_does(key, value, model_folder, tmp_path):
    folder = shutil.copytree(model_folder("gpt2"), tmp_path / "copy")
    before = tokenizer_sha256(load_tokenizer(locate_model(str(folder))))
    assert before == tokenizer_sha256(load_tokenizer(locate_model(str(model_folder("gpt2")))))
    path = folder / "tokenizer_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
    assert tokenizer_sha256(load_tokenizer(locate_model(str(folder)))) != before


def test_a_tokenizer_that_reads_nothing(model_folder, tmp_path):
    """As ``transformers`` makes of GPT-2's first files, ``encoder.json`` and ``vocab.bpe``."""
    folder = shutil.copytree(model_folder("gpt2"), tmp_path / "copy")
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    tokenizer["model"] |= {"vocab": {"<|end|>": 0}, "merges": [], "unk_token": "<|end|>", "fuse_unk": True}
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    with pytest.raises(BrainlakeError, match="its tokenizer reads no words"):
        load_model(str(folder))
