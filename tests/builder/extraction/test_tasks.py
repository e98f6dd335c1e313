"""Which tasks a request is, what each writes, and what is there already."""

import json
import shutil
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch

from brainlake.contract.recipe import parse_recipe
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError, Failures
from brainlake_builder.extraction.extract import extract
from brainlake_builder.extraction.request import ExtractionRequest, Shard
from brainlake_builder.extraction.tasks import Task, check_device, list_tasks


@pytest.fixture
def bank(make_bank, make_stimuli):
    return make_bank(words=make_stimuli("words", [["The", "boy"]]), other=make_stimuli("other", [["a", "wolf"]]))


@pytest.fixture
def request_of(bank, model_folder):
    def make(models=("gpt2", "bert"), stimuli=("words", "other"), recipes=("document", "document+pool=mean"), **more):
        return ExtractionRequest(bank, [str(model_folder(name)) for name in models], stimuli, recipes, **more)

    return make


def titles(tasks):
    return [task.title for task in tasks]


def test_every_model_on_every_stimulus_set_by_every_recipe(request_of):
    tasks = list_tasks(request_of())
    assert titles(tasks) == [
        f"{model} on {name} by {recipe}"
        for model in ("gpt2", "bert")
        for recipe in ("document", "document+pool=mean")
        for name in ("words", "other")
    ]
    assert len({task.digest for task in tasks}) == 8


@pytest.mark.parametrize("count", [1, 3, 8, 11])
def test_shards_take_every_task_once(count, request_of):
    tasks = list_tasks(request_of())
    shards = [list_tasks(request_of(shard=Shard(k + 1, count))) for k in range(count)]
    assert sorted(titles(task for shard in shards for task in shard)) == sorted(titles(tasks))
    assert min(map(len, shards)) >= (1 if count <= len(tasks) else 0)
    homes = [{task.files.model for task in shard} for shard in shards]
    assert count > 2 or sum(map(len, homes)) == 2  # a model is loaded in one place


def test_of_more_shards_than_anybody_has_those_behind_the_tasks_are_empty(request_of):
    """Whose number ran away: an array of all of them would not fit into memory."""
    assert len(list_tasks(request_of(shard=Shard(1, 10**15)))) == 1
    assert list_tasks(request_of(shard=Shard(10**15, 10**15))) == []


def test_shards_are_the_same_whatever_the_bank_has_already(request_of):
    before = [titles(list_tasks(request_of(shard=Shard(k, 3)))) for k in (1, 2, 3)]
    extract(request_of(shard=Shard(2, 3)))
    assert [titles(list_tasks(request_of(shard=Shard(k, 3)))) for k in (1, 2, 3)] == before


def test_a_model_that_cannot_be_run_keeps_no_other_from_it(bank, model_folder, tmp_path):
    (tmp_path / "none").mkdir()
    failures = Failures()
    request = ExtractionRequest(bank, [str(tmp_path / "none"), str(model_folder("gpt2"))], ["words"])
    assert titles(list_tasks(request, failures)) == ["gpt2 on words by document"]
    with pytest.raises(BrainlakeError, match=r"none: .*it has no config.json"):
        failures.raise_all()


def test_two_models_of_one_name(bank, model_folder, tmp_path):
    twin = shutil.copytree(model_folder("gpt2"), tmp_path / "gpt2")
    with pytest.raises(BrainlakeError, match="two models would both be named gpt2; extract them one by one"):
        list_tasks(ExtractionRequest(bank, [str(model_folder("gpt2")), str(twin)], ["words"]))


@pytest.mark.parametrize(
    ("kind", "surprisal", "tables"),
    [
        ("decoder", True, ["activations", "surprisal"]),
        ("encoder-decoder", True, ["activations", "surprisal"]),
        ("encoder", True, ["activations"]),
        ("decoder", False, ["activations"]),
    ],
)
def test_an_encoder_writes_no_surprisal(kind, surprisal, tables):
    task = Task(SimpleNamespace(kind=kind), None, parse_recipe("document"))
    assert task.tables(surprisal) == tables


def test_what_is_there_and_in_what_it_differs(bank, request_of):
    request = request_of(models=["gpt2"], stimuli=["words"], recipes=["document"])
    (task,) = list_tasks(request)
    absent = task.key("v", "t")
    assert task.find(bank, "activations", absent) == (None, [])
    activations, surprisal = extract(request)
    key = task.key("other", json.loads(activations.details)["key"]["tokenizer"])
    assert task.find(bank, "activations", key) == (activations, ["model"])
    same = replace(key, model=activations.model_revision)
    assert task.find(bank, "surprisal", same) == (surprisal, [])
    changed = replace(same, tokenizer="t", stimuli="s", engine=same.engine + 1)
    assert task.find(bank, "activations", changed) == (activations, ["tokenizer", "stimuli", "engine"])
    (bank / surprisal.path).unlink()
    assert Sidecar.find(bank, surprisal.path) is not None
    assert task.find(bank, "surprisal", same) == (None, [])


def test_a_key_holds_the_digests_of_its_task(request_of):
    tasks = list_tasks(request_of())
    for task in tasks:
        key = task.key("version", "tokenizer")
        assert (key.model, key.tokenizer) == ("version", "tokenizer")
        assert (key.recipe, key.stimuli) == (task.recipe.digest, task.stimuli.sha256)


def test_devices_that_are_not_there(monkeypatch):
    check_device("cpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(BrainlakeError, match="sees no GPU; use --device cpu"):
        check_device("cuda:1")
    with pytest.raises(BrainlakeError, match="8bit weights need a GPU"):
        check_device("cpu", "8bit")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    check_device("cuda:1", "8bit")


def test_a_model_is_not_its_own_base(request_of):
    with pytest.raises(BrainlakeError, match="gpt2 was not tuned from itself"):
        list_tasks(request_of(models=("gpt2",), base_model="gpt2", tuning="instruction"))
