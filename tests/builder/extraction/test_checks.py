"""Self-checks: planted faults are found, exactly or well above tolerance; what is wired right passes."""

import json
from dataclasses import replace
from itertools import product

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
import transformers

from brainlake.contract.recipe import parse_recipe
from brainlake.errors import BrainlakeError
from brainlake.report.progress import Progress
from brainlake_builder.extraction import checks
from brainlake_builder.extraction.extract import extract
from brainlake_builder.extraction.request import ExtractionRequest
from brainlake_builder.extraction.rounding import distance, feature_scale
from brainlake_builder.models.loading import load_model
from brainlake_builder.models.runners import RUNNERS, make_runner
from brainlake_builder.models.state import AsLoaded
from brainlake_builder.text.contexts import read_stimuli
from brainlake_builder.text.documents import Stimuli

from . import faults

TEXT = "The boy cried wolf, and nobody came; the sheep ran away over the hill. Don't you think so?"
DOCUMENTS = [TEXT.split() * 2, ["He", "walked", "until", "the", "sun", "was", "down."]]


@pytest.fixture
def checked(model_folder, make_stimuli, monkeypatch):
    """The checks of a small network by name, with or without a fault, whether they pass or not."""

    def check(name, dtype="float32", fault=None):
        monkeypatch.setattr(checks, "require", lambda *_: None)
        model = load_model(str(model_folder(name)), dtype=dtype)
        stimuli = Stimuli.from_table("words", make_stimuli("words", DOCUMENTS))
        recipe = parse_recipe(f"document+dtype={dtype}" + ("" if model.kind == "decoder" else "+boundary=none"))
        with make_runner(model, recipe) as runner:
            reading = read_stimuli(stimuli, runner.encoder, recipe, runner.limits)
            if fault:
                reading = getattr(faults, fault)(runner, reading, monkeypatch)
            found = {one["name"]: one for one in checks.check_reading(runner, stimuli, reading)}
        monkeypatch.undo()
        return found

    return check


@pytest.mark.parametrize("name", ["gpt2", "llama", "mistral", "bloom", "t5", "bert"])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_what_is_wired_right_passes(name, dtype, checked):
    found = checked(name, dtype)
    assert all(one["passed"] for one in found.values())
    assert all(found[exact]["value"] == found[exact]["tolerance"] == 0 for exact in ("tokens", "fed", "hidden_states"))
    across = found["batch_of_one"]
    assert across["tolerance"] > across["floor"] > 0
    assert "alone" in across["comparand"]


@pytest.mark.parametrize("name", ["gpt2", "bert", "t5"])
def test_a_pass_that_is_run_unlike_the_one_that_is_looked_into(name, checked, monkeypatch):
    """What all passes of a run have in common, the comparisons among them cannot show."""
    runner_type = RUNNERS[{"gpt2": "decoder", "bert": "encoder", "t5": "encoder-decoder"}[name]]
    forward = runner_type.forward
    monkeypatch.setattr(
        runner_type, "forward", lambda self, batch: forward(self, replace(batch, ids=np.flip(batch.ids, 1).copy()))
    )
    found = checked(name)["forward"]
    assert found["value"] > 2 * found["tolerance"] > 0


def test_memory_that_holds_one_pass_and_not_two(make_bank, make_stimuli, model_folder, monkeypatch, capsys):
    """What the run would come to as well, batch by batch: it is said, and stands in the sidecar."""
    forward, sizes = transformers.LlamaModel.forward, []

    def short_of_memory(self, input_ids=None, **options):
        sizes.append(len(input_ids))
        if len(input_ids) > 1:
            raise torch.OutOfMemoryError
        return forward(self, input_ids=input_ids, **options)

    monkeypatch.setattr(transformers.LlamaModel, "forward", short_of_memory)
    bank = make_bank(words=make_stimuli("words", DOCUMENTS))
    activations, _ = extract(ExtractionRequest(bank, [str(model_folder("llama"))], ["words"]), Progress())
    assert "llama on words: memory holds one text at a time" in capsys.readouterr().err
    assert json.loads(activations.details)["batching"] == "one_pass"
    (found,) = [one for one in activations.checks if one["name"] == "batch_of_one"]
    assert found["comparand"] == "nothing: passes are run one by one, since memory holds no two of them"
    assert sizes.count(2) == 1


NO_SUCH_FAULT = {("norm_too_many", "bert"), ("start_token_missing", "t5")}
"""There is no final norm, or no start token."""


@pytest.mark.parametrize(
    ("fault", "name"),
    [pair for pair in product(faults.WITHIN, ("gpt2", "llama", "t5", "bert")) if pair not in NO_SUCH_FAULT],
)
def test_a_fault_that_one_pass_shows(fault, name, checked):
    found = checked(name, fault=fault)[faults.WITHIN[fault]]
    assert found["value"] >= 1
    assert found["tolerance"] == 0


@pytest.mark.parametrize("name", ["gpt2", "llama", "t5", "bert"])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_fault_that_two_passes_show(name, dtype, checked):
    assert checked(name, dtype)["padding"]["value"] == 0
    found = checked(name, dtype, "padding_attended")
    assert found["padding"]["value"] > 2 * found["padding"]["tolerance"]
    assert max(found[one]["value"] / found[one]["tolerance"] for one in found if one in ("prefix", "batch_of_one")) > 2


@pytest.mark.parametrize("name", ["gpt2", "llama", "t5", "bert"])
@pytest.mark.parametrize("fault", ["draws_at_random", "keeps_its_last_pass"])
def test_a_fault_that_moves_the_floor_as_well(name, fault, checked):
    """Nothing else finds it: what it does to two passes it does to what rounding is measured by."""
    assert checked(name)["repeat"]["value"] == 0
    found = checked(name, fault=fault)["repeat"]
    assert found["value"] > found["tolerance"]


def test_texts_of_one_token_and_none_before_it_have_no_probability(model_folder, make_bank, make_stimuli):
    bank = make_bank(words=make_stimuli("words", [["A"]]))
    recipes = ["aw2024", "document+start=none+boundary=none"]
    _, surprisal, *others = extract(ExtractionRequest(bank, [str(model_folder("gpt2"))], ["words"], recipes))
    assert len(others) == 2
    assert pq.read_table(bank / surprisal.path)["surprisal"].to_pylist() == [None]


def test_states_that_a_precision_does_not_hold_are_named(checked, monkeypatch):
    def too_large(runner, reading, _):
        with torch.no_grad():
            runner.stacks[0][1][1].mlp.c_proj.weight.mul_(1e6)
        return reading

    monkeypatch.setattr(faults, "too_large", too_large, raising=False)
    with pytest.raises(BrainlakeError, match=r"layer 2 \(transformer.h.1\) are NaN or infinite in float16; nothing is"):
        checked("gpt2", "float16", "too_large")


def test_one_massive_feature_does_not_rule_the_distance():
    rng = np.random.default_rng(0)
    right = rng.standard_normal((1, 20, 64)).astype(np.float32)
    right[..., 5] *= 1e4
    wrong = right.copy()
    others = np.delete(np.arange(64), 5)
    wrong[..., others] = rng.permutation(right, axis=1)[..., others]
    assert distance(wrong, right, feature_scale(right))[0] > 0.5
    assert distance(right, right, feature_scale(right))[0] == 0
    assert distance(np.full_like(right, np.nan), right, feature_scale(right))[0] == np.inf


def test_a_network_is_left_as_it_was_loaded(tmp_path, make_bank, make_stimuli):
    """BigBird goes over to full attention at its first short text, for good."""
    from ..models.test_families import FAMILIES, save

    save(FAMILIES["big_bird"], tmp_path / "bird")
    model = load_model(str(tmp_path / "bird"))
    stimuli = Stimuli.from_table("words", make_stimuli("words", DOCUMENTS))
    with make_runner(model, parse_recipe("document")) as runner:
        before = AsLoaded(model.network)
        assert model.network.bert.attention_type == "block_sparse"
        reading = read_stimuli(stimuli, runner.encoder, runner.recipe, runner.limits)
        checks.check_reading(runner, stimuli, reading)
        assert not before.changed()
        assert model.network.bert.attention_type == "block_sparse"
        model.network.bert.set_attention_type("original_full")
        assert before.changed()
        before.restore()
        assert not before.changed()
