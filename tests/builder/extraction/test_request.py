"""A request says one thing in one way."""

import numpy as np
import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.extraction.request import ExtractionRequest, Shard
from brainlake_builder.models.zoo import Lineage


def test_one_string_is_one_name_and_a_name_given_twice_counts_once(tmp_path):
    one = ExtractionRequest(tmp_path, "gpt2", "words", "document")
    assert one == ExtractionRequest(tmp_path, ["gpt2", "gpt2"], ("words", "words"))
    assert one.models == ("gpt2",)


def test_a_bank_may_lie_at_home(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert ExtractionRequest("~/bank", "gpt2", "words").bank == tmp_path / "bank"


def test_a_set_of_the_zoo_stands_for_its_models(tmp_path):
    asked = ExtractionRequest(tmp_path, ["zoo:gemma3", "a/b"], "words", tuning="control", base_model="a/base")
    assert asked.models == ("google/gemma-3-1b-pt", "google/gemma-3-1b-it", "a/b")
    assert asked.lineage == Lineage("control", "a--base")


def test_a_shard():
    assert Shard.parse("2/8") == Shard(2, 8)


@pytest.mark.parametrize("text", ["3/2", "0/3", "1", "a/b", "-1/3", "1/2/3", "²/3"])
def test_no_shard(text):
    with pytest.raises(BrainlakeError, match="a shard is i/n with 1 <= i <= n, such as 2/8, not"):
        Shard.parse(text)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"models": None}, "models=None is not possible: it is a name, or a list of names"),
        ({"models": []}, "models=.. is not possible: it is a name, or a list of names"),
        ({"stimuli": 3}, "stimuli=3 is not possible"),
        ({"recipes": [3]}, "recipes=.3. is not possible"),
        ({"models": ["zoo:nope"]}, "unknown set of the zoo 'nope'"),
        ({"tuning": "tuned"}, "tuning='tuned' is not possible: it is one of vanilla, instruction, control"),
        ({"tuning": np.zeros((2, 2))}, "tuning=.* is not possible: it is one of vanilla, instruction, control"),
        ({"untrained_seed": [1, 2**63]}, "untrained_seed=9223372036854775808 is not possible"),
        ({"bank": "a\0b"}, "bank=.* is not possible: it is a path"),
        ({"training_step": -1}, "training_step=-1 is not possible"),
        ({"untrained_seed": "x"}, "untrained_seed='x' is not possible: it is a whole number"),
    ],
)
def test_what_is_no_request(tmp_path, change, message):
    with pytest.raises(BrainlakeError, match=message):
        ExtractionRequest(**({"bank": tmp_path, "models": "gpt2", "stimuli": "words"} | change))
