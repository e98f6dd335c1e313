"""Model folders that are refused, each with one clear error."""

import json
import shutil

import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.models import files
from brainlake_builder.models.files import locate_model
from brainlake_builder.models.loading import load_model
from brainlake_builder.models.zoo import Lineage


@pytest.fixture
def folder(model_folder, tmp_path):
    return shutil.copytree(model_folder("gpt2"), tmp_path / "model")


def edit(path, **changes):
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_pickles_are_refused(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(BrainlakeError, match=r"has its weights in pickles \(.bin\)"):
        locate_model(str(folder))


def test_no_weights(folder):
    (folder / "model.safetensors").unlink()
    with pytest.raises(BrainlakeError, match=r"is not complete: model.safetensors is missing"):
        locate_model(str(folder))


def test_a_shard_that_is_missing(folder):
    (folder / "model.safetensors").unlink()
    index = {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(BrainlakeError, match=r"model-00001-of-00002.safetensors, model-00002-of-00002.safetensors"):
        locate_model(str(folder))


@pytest.mark.parametrize("file", ["config.json", "tokenizer_config.json"])
def test_remote_code_is_refused(file, folder):
    edit(folder / file, auto_map={"AutoModelForCausalLM": "modeling.Model"})
    with pytest.raises(BrainlakeError, match=rf"asks to run Python code of its own \({file} has auto_map\)"):
        locate_model(str(folder))


@pytest.mark.parametrize("content", ["{", "[]", "[" * 100_000])
def test_a_damaged_configuration(folder, content):
    (folder / "config.json").write_text(content)
    with pytest.raises(BrainlakeError, match=r"config.json is damaged"):
        locate_model(str(folder))


def test_what_became_of_a_model_of_the_hub_is_looked_up_and_what_is_said_goes_first(folder, monkeypatch):
    monkeypatch.setattr(files, "_download", lambda *_: folder)
    checkpoint = "allenai/OLMo-2-0425-1B@stage1-step300-tokens1B"
    assert locate_model(checkpoint).lineage == Lineage("vanilla", None, 300)
    said = Lineage("control", "b", None)
    assert locate_model(checkpoint, lineage=said).lineage == Lineage("control", "b", 300)
    assert locate_model(checkpoint, untrained_seed=0).lineage == Lineage("untrained")
    reduced = locate_model("lmsys/vicuna-7b-v1.3", quantization="4bit")
    assert (reduced.model, reduced.lineage.base_model) == ("lmsys--vicuna-7b-v1.3+4bit", "huggyllama--llama-7b+4bit")
    assert locate_model(str(folder), lineage=said).lineage == said


def test_no_model(tmp_path):
    with pytest.raises(BrainlakeError, match=r"it has no config.json"):
        locate_model(str(tmp_path))


def test_an_image_model(folder):
    edit(folder / "config.json", model_type="vit", architectures=["ViTForImageClassification"])
    with pytest.raises(BrainlakeError, match="is no language model that transformers knows: model_type is 'vit'"):
        locate_model(str(folder))


def test_an_unknown_type(folder):
    edit(folder / "config.json", model_type="nonesuch")
    with pytest.raises(BrainlakeError, match=r"config.json cannot be used"):
        locate_model(str(folder))


def test_weights_of_another_shape(folder):
    edit(folder / "config.json", n_embd=64)
    with pytest.raises(BrainlakeError, match=r"cannot be loaded|do not fit the configuration"):
        load_model(str(folder))


def test_weights_of_fewer_layers(folder):
    edit(folder / "config.json", n_layer=5)
    with pytest.raises(BrainlakeError, match="the weights do not fit the configuration"):
        load_model(str(folder))


def test_weights_cut_off(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(BrainlakeError, match="cannot be loaded"):
        load_model(str(folder))


def test_no_tokenizer(folder):
    for path in folder.glob("*token*"):
        path.unlink()
    with pytest.raises(BrainlakeError, match=r"has no tokenizer: none of tokenizer.json"):
        load_model(str(folder))


def test_names(folder):
    assert locate_model(str(folder)).model == "model"
    assert locate_model(str(folder), name="mine").model == "mine"
    assert locate_model(str(folder), untrained_seed=0).model == "model+untrained-s0"
    assert locate_model(str(folder), quantization="4bit").model == "model+4bit"


def test_the_loaded_model_is_ready(folder):
    model = load_model(str(folder))
    assert not model.network.training
    assert not any(parameter.requires_grad for parameter in model.network.parameters())
    assert model.identity.n_params == sum(p.numel() for p in model.network.parameters())
