"""What is refused before torch is imported."""

import os
import shutil
import subprocess
import sys

import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.extraction import preflight
from brainlake_builder.extraction.request import ExtractionRequest

COMMAND = """
import sys
from brainlake_builder.__main__ import main
try:
    status = main()
except SystemExit as end:
    status = end.code
assert not {"torch", "transformers", "scipy", "sklearn", "duckdb"} & set(sys.modules)
sys.exit(status)
"""


@pytest.mark.parametrize("command", ["extract", "plan"])
@pytest.mark.parametrize(
    ("arguments", "message", "status"),
    [
        (["--bank", "{bank}/nowhere", "--stimuli", "words"], "there is no bank at", 1),
        (["--bank", "{bank}", "--stimuli", "poems"], "unknown stimulus set or benchmark 'poems'", 1),
        (["--bank", "{bank}", "--stimuli", "words", "--recipe", "dokument"], "unknown recipe 'dokument'", 2),
        (["--bank", "{bank}", "--stimuli", "words", "--device", "gpu"], "device is cpu, cuda", 2),
        (["--bank", "{bank}", "--stimuli", "words", "--model", "./none"], "there is no folder './none'", 1),
    ],
)
def test_no_wait_for_torch(command, arguments, message, status, make_bank, make_stimuli):
    bank = make_bank(words=make_stimuli("words", [["The", "boy"]]))
    given = [one.format(bank=bank) for one in arguments]
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, command, "--model", "gpt2", *given],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert message in done.stderr
    assert done.returncode == status


def test_a_full_disk(make_bank, make_stimuli, monkeypatch):
    bank = make_bank(words=make_stimuli("words", [["The", "boy"]]))
    monkeypatch.setattr(preflight, "LEAST_FREE", 1 << 60)
    with pytest.raises(BrainlakeError, match=f"the disk of {bank} is full"):
        preflight.check_request(ExtractionRequest(bank, ["gpt2"], ["words"]))


@pytest.fixture
def request_of(make_bank, make_stimuli):
    bank = make_bank(words=make_stimuli("words", [["The", "boy"]]))
    return lambda *models, **more: ExtractionRequest(bank, [str(model) for model in models], ["words"], **more)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"adapter": "/none"}, "/none is no adapter"),
        ({"gguf": "none.gguf"}, "has no file none.gguf"),
        ({"gguf": "config.json"}, "config.json is no GGUF file"),
        ({"gguf": "x", "quantization": "4bit"}, "leave out the quantization to 4bit"),
        ({"adapter": "/none", "untrained_seed": 0}, "changes trained weights"),
    ],
)
def test_what_a_folder_cannot_give(more, message, request_of, model_folder):
    with pytest.raises(BrainlakeError, match=message):
        preflight.check_request(request_of(model_folder("gpt2"), **more))


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("config.json", None, "it has no config.json"),
        ("config.json", "{", "config.json is damaged"),
        ("config.json", '{"auto_map": {}}', "asks to run Python code"),
        ("config.json", '{"model_type": "xlnet"}', "is a model of type xlnet, which is not read"),
        ("model.safetensors", None, "is not complete: model.safetensors is missing"),
    ],
)
def test_a_folder_that_holds_no_model(file, content, message, request_of, model_folder, tmp_path):
    """It alone is refused at once; beside another one it is refused when its turn comes."""
    folder = shutil.copytree(model_folder("gpt2"), tmp_path / "odd")
    (folder / file).unlink() if content is None else (folder / file).write_text(content)
    with pytest.raises(BrainlakeError, match=message):
        preflight.check_request(request_of(folder))
    preflight.check_request(request_of(folder, model_folder("gpt2")))
    with pytest.raises(BrainlakeError, match=message):
        preflight.check_request(request_of(folder, model_folder("gpt2"), fail_fast=True))
    if file == "model.safetensors":
        preflight.check_request(request_of(folder, untrained_seed=0))
