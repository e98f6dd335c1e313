"""LoRA adapters: merged as written down, hashed, recorded with their base, and refused where they do not fit."""

import importlib.util
import json
import shutil

import peft
import pytest
import torch
import transformers

from brainlake.bank.catalogue import open_bank
from brainlake.errors import BrainlakeError
from brainlake_builder.extraction.extract import extract
from brainlake_builder.extraction.request import ExtractionRequest
from brainlake_builder.models.adapter import check_adapter
from brainlake_builder.models.files import locate_model
from brainlake_builder.models.loading import load_model


def make(base, folder, seed=0, rank=2):
    """An adapter of GPT-2's attention with weights that are not zero."""
    network = transformers.AutoModelForCausalLM.from_pretrained(base)
    config = peft.LoraConfig(r=rank, lora_alpha=6, target_modules=["c_attn"], fan_in_fan_out=True)
    adapted = peft.get_peft_model(network, config)
    generator = torch.Generator().manual_seed(seed)
    for name, weight in adapted.named_parameters():
        if "lora_" in name:
            weight.data = torch.randn(weight.shape, generator=generator) / 4
    adapted.save_pretrained(folder)
    return folder


@pytest.fixture
def base(model_folder):
    return model_folder("gpt2")


@pytest.fixture
def adapter(base, tmp_path):
    return make(base, tmp_path / "poems")


def test_weights_are_those_of_the_base_and_the_product_of_the_two_small_ones(base, adapter):
    plain, tuned = load_model(str(base)), load_model(str(base), adapter=str(adapter))
    layer = "transformer.h.1.attn.c_attn"
    from safetensors.torch import load_file

    small = load_file(adapter / "adapter_model.safetensors")
    a, b = (small[f"base_model.model.{layer}.lora_{side}.weight"] for side in "AB")
    change = tuned.network.get_submodule(layer).weight - plain.network.get_submodule(layer).weight
    torch.testing.assert_close(change, 3 * (b @ a).T)
    assert type(tuned.network) is type(plain.network)


def test_it_is_a_model_of_its_own_with_its_base_and_a_hash_of_both(base, adapter, make_bank, make_stimuli):
    bank = make_bank(words=make_stimuli("words", [["The boy cried wolf.", "Nobody came."]]))
    plain = extract(ExtractionRequest(bank, [str(base)], ["words"]))[0]
    tuned = extract(ExtractionRequest(bank, [str(base)], ["words"], adapter=str(adapter)))[0]
    assert tuned.model == "gpt2+poems"
    assert tuned.model_revision != plain.model_revision
    row = open_bank(bank).table("models").filter(model="gpt2+poems").row(0, named=True)
    assert (row["tuning"], row["base_model"]) == ("adapter", "gpt2")
    values = [open_bank(bank).activations(name, "words", 3).values for name in ("gpt2", "gpt2+poems")]
    assert abs(values[0] - values[1]).max() > 0.1


@pytest.mark.parametrize("file", ["adapter_config.json", "adapter_model.safetensors"])
def test_each_of_its_files_is_in_the_hash(file, base, adapter):
    before = locate_model(str(base), adapter=str(adapter)).weights_sha256
    path = adapter / file
    path.write_bytes(path.read_bytes().replace(b"base_model", b"base_modem"))
    assert locate_model(str(base), adapter=str(adapter)).weights_sha256 != before


def test_what_is_no_adapter_that_can_be_merged(adapter, tmp_path, monkeypatch):
    with pytest.raises(BrainlakeError, match=r"is no adapter: adapter_config\.json is missing"):
        check_adapter(tmp_path, None)
    with pytest.raises(BrainlakeError, match="merged into whole weights: leave out 4bit"):
        check_adapter(adapter, "4bit")
    pickled = shutil.copytree(adapter, tmp_path / "pickled")
    (pickled / "adapter_model.safetensors").rename(pickled / "adapter_model.bin")
    with pytest.raises(BrainlakeError, match="adapters are read from safetensors alone"):
        check_adapter(pickled, None)
    config = adapter / "adapter_config.json"
    content = json.loads(config.read_text())
    config.write_text(json.dumps(content | {"peft_type": "PROMPT_TUNING"}))
    with pytest.raises(BrainlakeError, match="an adapter of kind PROMPT_TUNING, and only LORA"):
        check_adapter(adapter, None)
    config.write_text("{")
    with pytest.raises(BrainlakeError, match="is damaged"):
        check_adapter(adapter, None)
    config.write_text(json.dumps(content))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(BrainlakeError, match="pip install peft"):
        check_adapter(adapter, None)


def test_an_adapter_of_another_network_is_refused(base, model_folder, adapter):
    with pytest.raises(BrainlakeError, match="does not fit the network"):
        load_model(str(model_folder("llama")), adapter=str(adapter))
    with pytest.raises(BrainlakeError, match="leave out the untrained twin, or the adapter"):
        locate_model(str(base), adapter=str(adapter), untrained_seed=0)


def test_weights_that_the_adapter_lacks(base, adapter):
    from safetensors.torch import load_file, save_file

    path = adapter / "adapter_model.safetensors"
    save_file(dict(list(load_file(path).items())[:-1]), path)
    with pytest.raises(BrainlakeError, match=r"does not fit the network: .*lora_.* missing or not known"):
        load_model(str(base), adapter=str(adapter))
