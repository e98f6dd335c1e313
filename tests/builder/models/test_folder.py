"""What a model's folder says of itself, before anything is loaded."""

import json
import subprocess
import sys

import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.models.folder import check_source, configuration_sha256


def write(folder, content, name="config.json"):
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(content if isinstance(content, str) else json.dumps(content))
    return str(folder)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[" * 100_000, r"config\.json is damaged"),
        ("[1]", r"config\.json is damaged: it holds no object"),
        ({"model_type": "gpt2", "auto_map": {}}, r"config\.json has auto_map"),
        ({"model_type": "gpt2", "transformers_weights": "x.safetensors"}, "which is not believed"),
        ({"model_type": "xlnet"}, "in permuted orders"),
    ],
)
def test_a_configuration_that_cannot_be_used(content, message, tmp_path):
    with pytest.raises(BrainlakeError, match=message):
        check_source(write(tmp_path / "model", content), untrained=True)


def test_what_a_tokenizer_s_configuration_asks_for_counts_as_well(tmp_path):
    source = write(tmp_path / "model", {"model_type": "gpt2"})
    check_source(source, untrained=True)
    write(tmp_path / "model", {"auto_map": {}}, "tokenizer_config.json")
    with pytest.raises(BrainlakeError, match=r"tokenizer_config\.json has auto_map"):
        check_source(source, untrained=True)
    check_source(source, untrained=True, trust_remote_code=True)


@pytest.mark.parametrize("source", ["./absent", "/absent/model", "~/absent", "a/b/c"])
def test_no_folder_and_no_name_of_the_hub(source):
    with pytest.raises(BrainlakeError, match="there is no folder"):
        check_source(source)


def test_neither_torch_nor_transformers_is_waited_for():
    code = "import sys, brainlake_builder.models.folder; print({'torch', 'transformers'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_what_the_digest_of_a_configuration_minds(tmp_path):
    folder = tmp_path / "model"
    write(folder, {"model_type": "gpt2", "n_layer": 2, "dtype": "float32"})
    write(folder, "a = 1", "modeling.py")
    plain, with_code = configuration_sha256(folder, False), configuration_sha256(folder, True)
    assert plain != with_code
    write(folder, {"n_layer": 2, "transformers_version": "9", "model_type": "gpt2", "dtype": "bfloat16"})
    assert configuration_sha256(folder, False) == plain
    write(folder, "a = 2", "modeling.py")
    assert configuration_sha256(folder, False) == plain
    assert configuration_sha256(folder, True) != with_code
    write(folder, {"model_type": "gpt2", "n_layer": 3})
    assert configuration_sha256(folder, False) != plain
