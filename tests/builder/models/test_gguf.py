"""GGUF files: what is refused before anything is loaded, and how their weights are reduced."""

import importlib.util

import gguf
import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.models.files import locate_model
from brainlake_builder.models.gguf import check_gguf, gguf_type


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("absent.gguf", None, "has no file absent.gguf"),
        ("../model.gguf", b"GGUF", "has no file ../model.gguf"),
        ("model.gguf", b"PK", "is no GGUF file"),
        ("model.gguf", b"", "is no GGUF file"),
    ],
)
def test_a_file_that_is_none(name, content, message, tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    if content is not None:
        (folder / name).write_bytes(content)
    with pytest.raises(BrainlakeError, match=message):
        check_gguf(folder, "source", name, None)


def test_it_is_looked_at_before_the_model_is_named(model_folder):
    with pytest.raises(BrainlakeError, match=r"has no file absent\.gguf"):
        locate_model(str(model_folder("gpt2")), gguf="absent.gguf")


def test_reduced_weights_are_not_reduced_again(tmp_path):
    with pytest.raises(BrainlakeError, match="holds reduced weights: leave out the quantization to 8bit"):
        check_gguf(tmp_path, "source", "model.gguf", "8bit")


def test_the_package_that_reads_them(tmp_path, monkeypatch):
    (tmp_path / "model.gguf").write_bytes(b"GGUF")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: object())
    check_gguf(tmp_path, "source", "model.gguf", None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(BrainlakeError, match="pip install gguf accelerate"):
        check_gguf(tmp_path, "source", "model.gguf", None)


def write(path, file_type):
    """A file without weights, by the package that defines the format."""
    writer = gguf.GGUFWriter(path, "llama")
    if file_type is not None:
        writer.add_file_type(gguf.LlamaFileType[file_type])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.mark.parametrize(
    ("file_type", "word"), [("MOSTLY_Q4_1", "q4_1"), ("MOSTLY_Q5_K_M", "q5_k_m"), ("ALL_F32", "f32")]
)
def test_how_weights_are_reduced_is_its_own_word(file_type, word, tmp_path):
    assert gguf_type(write(tmp_path / "any_name.gguf", file_type)) == word


def test_a_file_that_does_not_say(tmp_path):
    with pytest.raises(BrainlakeError, match=r"model.gguf does not say how its weights are reduced"):
        gguf_type(write(tmp_path / "model.gguf", None))
